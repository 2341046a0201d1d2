import { isJsonObject, type JsonObject } from './json-kind.ts'

/** What tools call the list of records in a file that is one object: AWS, Azure's diagnostics, Azure's and Graph's answers. */
const LISTS = ['Records', 'records', 'value'] as const

/** The beginning of such a file, up to its list, where only notes about the answer (`@odata.context`) stand before it. */
export const WRAPPER_START =
  /^\s*\{\s*(?:"[@$][^"\\]*"\s*:\s*(?:"[^"\\]*"|[\w.+-]+)\s*,\s*)*"(?:Records|records|value)"\s*:\s*\[$/

/** A wrapper's beginning is at most this long, bytes. */
export const WRAPPER_BYTES = 1024

/** The records of an object that only holds their list; `undefined` where it is a record itself. */
export function wrappedRecords(object: JsonObject): readonly JsonObject[] | undefined {
  for (const name of LISTS) {
    const list = object[name]
    if (!Array.isArray(list) || list.length === 0 || !list.every(isJsonObject)) continue
    // Other tools' records have a `value` too.
    const holdsOnlyIt =
      name === 'Records' || Object.keys(object).every((key) => key === name || /^[@$]/.test(key))
    return holdsOnlyIt ? list : undefined
  }
  return undefined
}
