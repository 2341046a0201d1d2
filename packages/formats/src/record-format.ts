import type { LogSource } from '@vedette/model'

/** A record as its file gives it: the source's own field names, dates as text. Nothing in it is trusted. */
export type ForeignRecord = Readonly<Record<string, unknown>>

/** A record, or a part of a file, that could not be read. */
export interface UnreadableRecord {
  /** Bytes from the first byte that was pushed. */
  readonly offset: number
  /** Stable, kebab-case. */
  readonly reason: string
}

/** Records in the order of the file. `records`, `numbers` and `sources` have the same length. */
export interface RecordBatch {
  readonly records: readonly ForeignRecord[]
  /** By which number people find it: the line (1-based, from the first byte pushed), or the record id that it carries. */
  readonly numbers: readonly number[]
  /** Where it comes from, as far as the format tells; one object is shared by all records of a source. */
  readonly sources: readonly LogSource[]
  /**
   * Of a record that stands in the file as JSON, and is given as it stands, that JSON without the line's end; undefined for
   * the others. A format without any leaves the list out.
   */
  readonly texts?: readonly (string | undefined)[]
  readonly unreadable: readonly UnreadableRecord[]
}

/** Reads one file, or a part of one that begins where a record begins. Pure: bytes in, records out, never throws. */
export interface RecordReader {
  /** The records that these bytes complete. The bytes are not kept beyond the call. */
  push(bytes: Uint8Array): RecordBatch
  /** What is left. Nothing is pushed afterwards. */
  end(): RecordBatch
}

/** A kind of file. A folder under `src/` and a line in `record-formats.ts`. */
export interface RecordFormat {
  /** `evtx`, `ndjson`, `zeek`, ... */
  readonly name: string
  /** Whether a file looks like it: its first bytes (up to 64 KiB, decompressed) and its name without folders. */
  recognises(head: Uint8Array, fileName: string): boolean
  /**
   * How a large file is cut for several readers. `lines`: at any line feed; a line is one record and needs none before it.
   * `whole`: not at all. A grid: at `headerBytes + n * partBytes`, and every reader is pushed whole parts, without the header.
   */
  readonly cut: 'lines' | 'whole' | { readonly headerBytes: number; readonly partBytes: number }
  open(options: ReaderOptions): RecordReader
}

export interface ReaderOptions {
  /** For times without a year: when the file was last written, milliseconds since the epoch. */
  readonly readAtMs: number
  /** Name of the file without folders; some formats say their source by it. */
  readonly fileName: string
}
