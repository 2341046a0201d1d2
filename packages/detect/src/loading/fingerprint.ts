import { createHash } from 'node:crypto'
import type { RuleDocument } from './document.ts'
import type { Parameters } from './parameters.ts'

/** The same for documents that say the same, with the same values for the parameters that they use. */
export function fingerprintOf(
  { data }: RuleDocument,
  used: Iterable<string>,
  parameters: Parameters,
): string {
  const values = [...used].sort().map((name) => [name, parameters[name]])
  return createHash('sha256')
    .update(JSON.stringify([data, values]))
    .digest('hex')
}
