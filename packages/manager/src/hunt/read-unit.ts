import { type RecordBatch, recordFormats } from '@vedette/formats'
import { type Piece, readPieces, unpackPieces } from './source-file.ts'
import type { Unit } from './units.ts'

/** Records of a unit, in the order of the file. */
export interface UnitRecords {
  readonly records: RecordBatch
  /** What to add to the offsets of `records.unreadable` to count from the beginning of the file. */
  readonly baseOffset: number
  /** Bytes of the file as it lies on disk that were read so far. */
  readonly readBytes: number
  /** Line feeds in what was pushed since the batch before; 0 where nobody needs them. */
  readonly lineFeeds: number
}

const LINE_FEED = 10
/**
 * Bytes of lines that are made into records at once. These are judged before others are made: they stay in the nearer
 * caches, and memory for new objects is given back before its collector has to copy them.
 */
const PUSH_BYTES = 128 << 10

/**
 * Reads a unit's records. Throws what the file system throws and what is wrong with the compression, after the records
 * that came before it.
 */
export async function* readUnit(unit: Unit): AsyncGenerator<UnitRecords> {
  const format = recordFormats.find(({ name }) => name === unit.format)
  if (!format) throw new TypeError(`there is no format "${unit.format}"`)
  const reader = format.open({ readAtMs: unit.writtenMs, fileName: unit.name })
  const { cut } = format
  const split = !(unit.first && unit.last)
  // Only the lines of a part that others follow move the numbers of those.
  const countsLines = cut === 'lines' && split && !unit.last
  let baseOffset: number | undefined
  let readBytes = 0
  let failure: { readonly error: unknown } | undefined
  try {
    for await (const { bytes, offset, readBytes: read } of pushed(unit, cut)) {
      baseOffset ??= offset
      readBytes = read
      // A file of lines may be cut anywhere.
      const step = cut === 'lines' ? PUSH_BYTES : bytes.length
      for (let at = 0; at < bytes.length; at += step) {
        const part = bytes.subarray(at, at + step)
        const records = reader.push(part)
        yield { records, baseOffset, readBytes, lineFeeds: countsLines ? countLineFeeds(part) : 0 }
      }
    }
  } catch (error) {
    failure = { error }
  }
  yield { records: reader.end(), baseOffset: baseOffset ?? 0, readBytes, lineFeeds: 0 }
  if (failure) throw failure.error
}

interface Push extends Piece {
  /** Of its first byte, in the unpacked file. */
  readonly offset: number
}

/** What the unit's reader is to be given. */
function pushed(
  unit: Unit,
  cut: 'lines' | 'whole' | { headerBytes: number; partBytes: number },
): AsyncGenerator<Push> {
  const { path, compression, start, end, content } = unit
  if (typeof cut === 'object') {
    const pieces =
      compression === 'none' ? readPieces(path, start, end, content) : unpackPieces(path, compression)
    return wholeParts(pieces, start, start === 0 ? cut.headerBytes : 0, cut.partBytes)
  }
  if (compression !== 'none') return counted(unpackPieces(path, compression), 0)
  if (cut === 'lines' && !(unit.first && unit.last)) return wholeLines(unit)
  return counted(readPieces(path, start, end, content), start)
}

async function* counted(pieces: AsyncGenerator<Piece>, start: number): AsyncGenerator<Push> {
  let offset = start
  for await (const piece of pieces) {
    yield { ...piece, offset }
    offset += piece.bytes.length
  }
}

/**
 * The lines that begin in the unit: from after the first line feed at or behind `start - 1` to the first one at or behind
 * `end - 1`, which the next part looks for in the same way.
 */
async function* wholeLines({ path, start, end, fileBytes, first, last }: Unit): AsyncGenerator<Push> {
  let offset = first ? 0 : start - 1
  let begun = first
  for await (const piece of readPieces(path, offset, last ? end : fileBytes)) {
    let { bytes } = piece
    if (!begun) {
      const feed = bytes.indexOf(LINE_FEED)
      const skipped = feed < 0 ? bytes.length : feed + 1
      offset += skipped
      bytes = bytes.subarray(skipped)
      if (offset >= end) return
      if (feed < 0) continue
      begun = true
    }
    const from = Math.max(0, end - 1 - offset)
    const feed = last || from >= bytes.length ? -1 : bytes.indexOf(LINE_FEED, from)
    const length = feed < 0 ? bytes.length : feed + 1
    yield { bytes: bytes.subarray(0, length), offset, readBytes: Math.min(offset + length, end) - start }
    if (feed >= 0) return
    offset += length
  }
}

/** Whole parts behind a header; what is left at the end may be less than one. */
async function* wholeParts(
  pieces: AsyncGenerator<Piece>,
  start: number,
  headerBytes: number,
  partBytes: number,
): AsyncGenerator<Push> {
  let left = new Uint8Array(0)
  let toSkip = headerBytes
  let offset = start
  let readBytes = 0
  let failure: { readonly error: unknown } | undefined
  try {
    for await (const piece of pieces) {
      ;({ readBytes } = piece)
      const skipped = Math.min(toSkip, piece.bytes.length)
      toSkip -= skipped
      if (left.length === 0) offset += skipped
      const fresh = piece.bytes.subarray(skipped)
      const bytes = left.length === 0 ? fresh : Buffer.concat([left, fresh])
      const whole = bytes.length - (bytes.length % partBytes)
      if (whole > 0) yield { bytes: bytes.subarray(0, whole), offset, readBytes }
      offset += whole
      // Copied: the piece's bytes are overwritten by the next one.
      left = Uint8Array.from(bytes.subarray(whole))
    }
  } catch (error) {
    // What came before the damage may hold whole records.
    failure = { error }
  }
  if (left.length > 0) yield { bytes: left, offset, readBytes }
  if (failure) throw failure.error
}

function countLineFeeds(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1
  return count
}
