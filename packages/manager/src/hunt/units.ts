import type { Packed } from './compression.ts'
import type { FileContent } from './source-file.ts'
import type { HuntFile } from './targets.ts'

/** A piece of work for one reader: a file, or a part of one. Plain data: it goes to a worker as it is. */
export interface Unit {
  /** Place among all units; results are put in this order. */
  readonly index: number
  readonly path: string
  readonly writtenMs: number
  /** Name of the format in `recordFormats`. */
  readonly format: string
  readonly compression: Packed | 'none'
  /** Name of the file without folders and compression. */
  readonly name: string
  /** Bytes of the file as it lies on disk: from `start` on, up to `end`. */
  readonly start: number
  readonly end: number
  readonly fileBytes: number
  /** First part of its file: record numbers count from here. */
  readonly first: boolean
  /** Last part of its file. */
  readonly last: boolean
  /** The whole file, where it was read before; never in a unit that goes to a worker. */
  readonly content?: FileContent
}

/** How a format's files are cut; as `RecordFormat.cut`. */
export type Cut = 'lines' | 'whole' | { readonly headerBytes: number; readonly partBytes: number }

/** About so many bytes are one unit, where a file can be cut: small enough to keep all cores busy to the end. */
const UNIT_BYTES = 8 << 20

/** The units of one file, of about `unitBytes` each where it can be cut. `index` counts on from `firstIndex`. */
export function unitsOf(
  file: HuntFile,
  how: {
    readonly format: string
    readonly compression: Unit['compression']
    readonly name: string
    readonly cut: Cut
    readonly content?: FileContent | undefined
  },
  firstIndex: number,
  unitBytes = UNIT_BYTES,
): Unit[] {
  const cuts = cutsOf(file.sizeBytes, how.compression === 'none' ? how.cut : 'whole', unitBytes)
  return cuts.map(([start, end], at) => ({
    index: firstIndex + at,
    path: file.path,
    writtenMs: file.writtenMs,
    format: how.format,
    compression: how.compression,
    name: how.name,
    start,
    end,
    fileBytes: file.sizeBytes,
    first: at === 0,
    last: at === cuts.length - 1,
    ...(cuts.length === 1 && how.content && { content: how.content }),
  }))
}

function cutsOf(sizeBytes: number, cut: Cut, unitBytes: number): [start: number, end: number][] {
  if (cut === 'whole' || sizeBytes < 2 * unitBytes) return [[0, sizeBytes]]
  const header = cut === 'lines' ? 0 : cut.headerBytes
  const part = cut === 'lines' ? 1 : cut.partBytes
  const step = Math.max(part, unitBytes - (unitBytes % part))
  const cuts: [number, number][] = []
  for (let start = header; start < sizeBytes; start += step)
    cuts.push([start, Math.min(sizeBytes, start + step)])
  const [first] = cuts
  // The header belongs to the first part, whose reader is not given it either.
  if (first) first[0] = 0
  return cuts
}
