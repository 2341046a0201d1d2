import { closeSync, openSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { recogniseFormat, type RecordFormat } from '@vedette/formats'
import { BufferPool } from './buffer-pool.ts'
import { type Compression, compressionOf, decompressor, type Packed, unpackedName } from './compression.ts'

/** Bytes of the head by which a format is recognised. */
const HEAD_BYTES = 64 * 1024
/** Bytes that are read at a time. */
const READ_BYTES = 1 << 20

const buffers = new BufferPool(READ_BYTES)

/** What a file is. */
export interface Recognised {
  /** Undefined for what cannot be unpacked, what holds no text, and what is plain text but is not called a log. */
  readonly format: RecordFormat | undefined
  readonly compression: Compression
  /** Name without folders and without the ending of the compression. */
  readonly name: string
}

/**
 * What to tell of a file without a format. One that a person named is always told; in a folder there are other things than
 * logs, but a log that is packed in a way that cannot be read is not passed over in silence.
 */
export function faultOf({ compression }: Recognised, named: boolean): string | undefined {
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
 */
export async function recognise(path: string, named: boolean): Promise<Recognised> {
  const first = buffers.take()
  try {
    return await recogniseHead(path, named, readStart(path, first, HEAD_BYTES, 0))
  } finally {
    buffers.give(first)
  }
}

async function recogniseHead(path: string, named: boolean, first: Uint8Array): Promise<Recognised> {
  const compression = compressionOf(first)
  const name = unpackedName(basename(path), compression)
  if (compression === 'unsupported' || compression === 'archive')
    return { format: undefined, compression, name }
  const head = compression === 'none' ? first : await unpackedHead(first, compression)
  const format = recogniseFormat(head, name)
  const unfit = format.name === 'lines' && (head.includes(0) || !(named || LOG_NAME.test(name)))
  return { format: unfit ? undefined : format, compression, name }
}

/** What the first bytes of a packed file unpack to, at most `HEAD_BYTES`; they are seldom the whole of it. */
async function unpackedHead(packed: Uint8Array, compression: Packed): Promise<Uint8Array> {
  const stream = decompressor(compression)
  const parts: Buffer[] = []
  let size = 0
  // The end is missing where the file is larger than the head; what came before it is what is wanted.
  stream.on('error', () => undefined)
  stream.end(packed)
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      parts.push(part)
      size += part.length
      if (size >= HEAD_BYTES) break
    }
  } catch {
    // As above.
  }
  stream.destroy()
  return Buffer.concat(parts).subarray(0, HEAD_BYTES)
}

/** Bytes of a file, and how far in the file as it lies on disk they reach. */
export interface Piece {
  /** Valid until the next piece is asked for. */
  readonly bytes: Uint8Array
  /** Bytes read from disk so far. */
  readonly readBytes: number
}

/**
 * Reads a file from `start` on, up to `end`; the next piece is read while this one is worked on. A small one is read at once,
 * without waiting: that is over before another thread would have begun. Throws what the file system throws.
 */
export async function* readPieces(path: string, start: number, end: number): AsyncGenerator<Piece> {
  if (end - start <= READ_BYTES) {
    const buffer = buffers.take()
    try {
      const bytes = readStart(path, buffer, end - start, start)
      if (bytes.length > 0) yield { bytes, readBytes: bytes.length }
    } finally {
      buffers.give(buffer)
    }
    return
  }
  await using file = await open(path, 'r')
  // Two buffers: one is worked on while the other is filled.
  let current = buffers.take()
  let spare = buffers.take()
  let at = start
  let reading = fill(file, current, at, end)
  try {
    for (;;) {
      const length = await reading
      if (length === 0) return
      const filled = current
      at += length
      current = spare
      spare = filled
      reading = fill(file, current, at, end)
      // Looked at only in the next round, which may never come.
      reading.catch(() => undefined)
      yield { bytes: filled.subarray(0, length), readBytes: at - start }
    }
  } finally {
    await reading.catch(() => undefined)
    buffers.give(current)
    buffers.give(spare)
  }
}

/** Reads at most `most` bytes from `start` on into the buffer. */
function readStart(path: string, buffer: Buffer, most: number, start: number): Buffer {
  const file = openSync(path, 'r')
  try {
    let filled = 0
    while (filled < most) {
      const read = readSync(file, buffer, filled, most - filled, start + filled)
      if (read === 0) break
      filled += read
    }
    return buffer.subarray(0, filled)
  } finally {
    closeSync(file)
  }
}

/** Fills the buffer as far as the file goes. */
async function fill(file: FileHandle, buffer: Buffer, at: number, end: number): Promise<number> {
  const wanted = Math.min(buffer.length, end - at)
  let filled = 0
  while (filled < wanted) {
    const { bytesRead } = await file.read(buffer, filled, wanted - filled, at + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

/** The same for a packed file, unpacked. Throws what the file system throws and what is wrong with the compression. */
export async function* unpackPieces(path: string, compression: Packed): AsyncGenerator<Piece> {
  await using file = await open(path, 'r')
  const source = file.createReadStream({ highWaterMark: READ_BYTES, autoClose: false })
  const stream = decompressor(compression)
  source.on('error', (error) => stream.destroy(error))
  source.pipe(stream)
  try {
    for await (const bytes of stream as AsyncIterable<Buffer>) yield { bytes, readBytes: source.bytesRead }
  } finally {
    source.destroy()
    stream.destroy()
  }
}
