import type { RecordFormat } from '../record-format.ts'
import { JsonValuesReader } from './reader.ts'

/**
 * JSON that is not one object a line: a file that is one array of objects, an object that only holds such an array under
 * `Records` (CloudTrail), `records` or `value` (Azure), or objects one after another over several lines.
 */
export const jsonArrayFormat: RecordFormat = {
  name: 'json-array',
  cut: 'whole',
  recognises: (head) =>
    /^(?:ï»¿)?\s*(?:\[\s*(?:[{\]]|$)|\{\s*(?:["}]|$))/.test(
      Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1'),
    ),
  open: (options) => new JsonValuesReader(options),
}
