import type { RecordFormat } from '../record-format.ts'
import { NdjsonReader } from './reader.ts'

/** How many lines are tried: a file may have been cut in the middle of its first one. */
const LINES_TRIED = 8

/** JSON objects, one a line (ndjson.org; JSON Lines). */
export const ndjsonFormat: RecordFormat = {
  name: 'ndjson',
  cut: 'lines',
  open: (options) => new NdjsonReader(options),
  recognises(head) {
    const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('utf8')
    const lines = text.replace(/^\ufeff/, '').split('\n', LINES_TRIED)
    return lines.some((line) => isObject(line))
  },
}

function isObject(line: string): boolean {
  if (!/^\s*\{/.test(line)) return false
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
