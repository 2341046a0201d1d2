import { closeSync, openSync, read, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { decompress, recogniseFormat, type RecordFormat } from '@vedette/formats'
import { BufferPool } from './buffer-pool.ts'
import { type Compression, compressionOf, type Packed, unpackedName } from './compression.ts'
import { reasonOf } from './targets.ts'

/** Bytes of the head by which a format is recognised. */
const HEAD_BYTES = 64 * 1024
/** Bytes that are read at a time. Windows makes its logs a little over 1 MiB by default: they are one piece. */
const READ_BYTES = 2 << 20

const buffers = new BufferPool(READ_BYTES)

/** What a file is. */
export interface Recognised {
  /** Undefined for what cannot be unpacked, what holds no text, and what is plain text but is not called a log. */
  readonly format: RecordFormat | undefined
  readonly compression: Compression
  /** Name without folders and without the ending of the compression. */
  readonly name: string
  /** What is wrong with the file, where its beginning can be read in part at best. */
  readonly fault?: string
  /** The whole file, where it was asked for and is small and not packed. */
  readonly content?: FileContent
}

/** A file that was read whole, in a buffer that is used again: `readPieces` gives it back. */
export interface FileContent {
  readonly buffer: Buffer
  readonly length: number
}

/**
 * What to tell of a file without a format. One that a person named is always told; in a folder there are other things than
 * logs, but a log that is packed in a way that cannot be read is not passed over in silence.
 */
export function faultOf({ compression, fault }: Recognised, named: boolean): string | undefined {
  if (fault !== undefined) return fault
  if (compression === 'unsupported') return 'unsupported-compression'
  if (!named) return undefined
  return compression === 'archive' ? 'archive' : 'unknown-format'
}

/** Names of files of plain text that may be logs: `auth.log`, `auth.log.1`, `messages-20261101`, `access_log`; no program's. */
const LOG_NAME =
  /(^|[._-])(log|syslog|messages|secure|kern|daemon|maillog|cron|audit|out|err)([._-]?\d+)*(\.old|\.txt)?$/i

/**
 * Finds out what a file holds, by its first bytes and its name. Plain text that no format knows is read line by line where
 * a person named it (`named`) or it is called a log. Throws what the file system throws.
 *
 * @param wholeBytes the file's size, where this thread is to read it too: a small one is then opened only once
 */
export async function recognise(path: string, named: boolean, wholeBytes = 0): Promise<Recognised> {
  const buffer = buffers.take()
  let isKept = false
  try {
    const isSmall = wholeBytes > 0 && wholeBytes <= READ_BYTES
    const bytes = readStart(path, buffer, Math.max(HEAD_BYTES, isSmall ? wholeBytes : 0), 0)
    const found = await recogniseHead(path, named, bytes.subarray(0, HEAD_BYTES))
    if (!isSmall || found.format === undefined || found.compression !== 'none') return found
    isKept = true
    return { ...found, content: { buffer, length: Math.min(bytes.length, wholeBytes) } }
  } finally {
    if (!isKept) buffers.give(buffer)
  }
}

async function recogniseHead(path: string, named: boolean, first: Uint8Array): Promise<Recognised> {
  const compression = compressionOf(first)
  const name = unpackedName(basename(path), compression)
  if (compression === 'unsupported' || compression === 'archive')
    return { format: undefined, compression, name }
  const { head, fault } = compression === 'none' ? { head: first } : await unpackedHead(path, compression)
  const format = recogniseFormat(head, name)
  const isLog = named || LOG_NAME.test(name)
  const unfit = format.name === 'lines' && (!isLog || isBinary(head))
  const wrong = fault ?? (isLog && isUtf16(head) ? 'unsupported-encoding' : undefined)
  return {
    format: unfit ? undefined : format,
    compression,
    name,
    ...(wrong !== undefined && { fault: wrong }),
  }
}

/** Whether bytes are no text. One NUL among lines is somebody's, and must not keep them from being read. */
function isBinary(bytes: Uint8Array): boolean {
  let zeros = 0
  for (const byte of bytes) if (byte === 0) zeros += 1
  return zeros * 100 > bytes.length
}

/** As Windows' tools write text, with a mark before it. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
}

/** What the beginning of a packed file unpacks to, at most `HEAD_BYTES`, and why it is no more where it is damaged. */
async function unpackedHead(
  path: string,
  compression: Packed,
): Promise<{ readonly head: Uint8Array; readonly fault?: string }> {
  const parts: Uint8Array[] = []
  let size = 0
  let fault: string | undefined
  try {
    for await (const { bytes } of unpackPieces(path, compression)) {
      parts.push(bytes)
      size += bytes.length
      if (size >= HEAD_BYTES) break
    }
  } catch (error) {
    fault = reasonOf(error)
  }
  return { head: Buffer.concat(parts).subarray(0, HEAD_BYTES), ...(fault !== undefined && { fault }) }
}

/** Bytes of a file, and how far in the file as it lies on disk they reach. */
export interface Piece {
  /** Valid until the next piece is asked for. */
  readonly bytes: Uint8Array
  /** Bytes read from disk so far. */
  readonly readBytes: number
}

/**
 * Reads a file from `start` on, up to `end`. The first piece is read at once, without waiting: of a small file that is all,
 * and over before another thread would have begun; of others the next piece is read while this one is worked on. Throws what
 * the file system throws.
 *
 * @param content the whole file, where it was read before
 */
export async function* readPieces(
  path: string,
  start: number,
  end: number,
  content?: FileContent,
): AsyncGenerator<Piece> {
  if (content) {
    try {
      const bytes = content.buffer.subarray(start, Math.min(end, content.length))
      if (bytes.length > 0) yield { bytes, readBytes: bytes.length }
    } finally {
      buffers.give(content.buffer)
    }
    return
  }
  const file = openSync(path, 'r')
  let current = buffers.take()
  let spare: Buffer | undefined
  let reading: Promise<number> | undefined
  try {
    let length = fillNow(file, current, start, end)
    let at = start + length
    // A file that is shorter than it was has no next piece either.
    while (length === current.length && at < end) {
      const filled = current
      current = spare ?? buffers.take()
      spare = filled
      reading = fill(file, current, at, end)
      // Looked at only in the next round, which may never come.
      reading.catch(() => undefined)
      yield { bytes: filled, readBytes: at - start }
      length = await reading
      at += length
    }
    if (length > 0) yield { bytes: current.subarray(0, length), readBytes: at - start }
  } finally {
    await reading?.catch(() => undefined)
    closeSync(file)
    buffers.give(current)
    if (spare) buffers.give(spare)
  }
}

/** Reads at most `most` bytes from `start` on into the buffer. */
function readStart(path: string, buffer: Buffer, most: number, start: number): Buffer {
  const file = openSync(path, 'r')
  try {
    return buffer.subarray(0, fillNow(file, buffer, start, start + most))
  } finally {
    closeSync(file)
  }
}

/** Fills the buffer as far as the file goes; returns how far. */
function fillNow(file: number, buffer: Buffer, at: number, end: number): number {
  const wanted = Math.min(buffer.length, end - at)
  let filled = 0
  while (filled < wanted) {
    const count = readSync(file, buffer, filled, wanted - filled, at + filled)
    if (count === 0) break
    filled += count
  }
  return filled
}

const readLater = promisify(read)

/** The same, meanwhile. */
async function fill(file: number, buffer: Buffer, at: number, end: number): Promise<number> {
  const wanted = Math.min(buffer.length, end - at)
  let filled = 0
  while (filled < wanted) {
    const { bytesRead } = await readLater(file, buffer, filled, wanted - filled, at + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

/**
 * The same for a packed file, unpacked, within limits of what may come out. Throws what the file system throws and a
 * `CompressionError`.
 */
export async function* unpackPieces(path: string, compression: Packed): AsyncGenerator<Piece> {
  await using file = await open(path, 'r')
  const source = file.createReadStream({ highWaterMark: READ_BYTES, autoClose: false })
  for await (const bytes of decompress(source, compression)) yield { bytes, readBytes: source.bytesRead }
}
