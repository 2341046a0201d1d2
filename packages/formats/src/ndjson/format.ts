import type { RecordFormat } from '../record-format.ts'
import { NdjsonReader } from './reader.ts'

/** How many lines are tried, of which the first or half must be objects: a file may begin in the middle of a line. */
const LINES_TRIED = 8

/** JSON objects, one a line (ndjson.org; JSON Lines). */
export const ndjsonFormat: RecordFormat = {
  name: 'ndjson',
  cut: 'lines',
  open: (options) => new NdjsonReader(options),
  recognises(head) {
    const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('utf8')
    const lines = text.replace(/^\ufeff/, '').split('\n')
    // The last one may not be whole.
    const tried = (lines.length > 1 ? lines.slice(0, -1) : lines)
      .filter((line) => line.trim() !== '')
      .slice(0, LINES_TRIED)
    const objects = tried.filter(isObject)
    return objects.length > 0 && (objects[0] === tried[0] || objects.length * 2 >= tried.length)
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
