import { ndjsonFormat } from './ndjson/format.ts'
import { linesFormat } from './lines/format.ts'
import type { RecordFormat } from './record-format.ts'

/** Every format, the most specific first. */
export const recordFormats: readonly RecordFormat[] = [ndjsonFormat, linesFormat]

/**
 * The format of a file, by its first bytes (up to 64 KiB, decompressed) and its name without folders. What nothing else
 * recognises is read as plain lines.
 */
export function recogniseFormat(head: Uint8Array, fileName: string): RecordFormat {
  return recordFormats.find((format) => format.recognises(head, fileName)) ?? linesFormat
}
