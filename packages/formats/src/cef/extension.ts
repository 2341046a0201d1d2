import { fieldName } from '../windows-event/fields.ts'

/** Most pairs of one line; one that has more is read as far as this, and told. */
export const MAX_PAIRS = 512
/** A key stands at the beginning or after a space; values hold spaces, and equals signs only with a backslash. */
const KEY = /(?:^|\s)([\w.[\]-]{1,128})=/g
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r' }

/** The pairs of a CEF extension, in order: `src=10.0.0.1 msg=two words cs1Label=Policy`. */
export function cefPairs(text: string): readonly (readonly [key: string, value: string])[] {
  const pairs: (readonly [string, string])[] = []
  let key: string | undefined
  let from = 0
  for (const match of text.matchAll(KEY)) {
    if (key !== undefined) pairs.push([key, unescapeCef(text.slice(from, match.index).trim())])
    if (pairs.length > MAX_PAIRS) return pairs
    key = match[1]
    from = match.index + match[0].length
  }
  if (key !== undefined) pairs.push([key, unescapeCef(text.slice(from).trim())])
  return pairs
}

export function unescapeCef(text: string): string {
  if (!text.includes('\\')) return text
  // Devices write Windows paths without doubling the backslash: in `C:\temp\new.exe` is no line feed.
  const isPath = /^"?[A-Za-z]:\\[^\\]/.test(text)
  return text.replace(/\\(.)/gs, (whole, character: string) => {
    if (character === '\\' || character === '=' || character === '|') return character
    return isPath ? whole : (ESCAPES[character] ?? whole)
  })
}

/** Adds what a device calls so, where nothing is called so yet: `constructor` is as good a name as another. */
export function addField(record: Record<string, string>, name: string, value: string): void {
  const own = fieldName(name)
  if (!Object.hasOwn(record, own)) record[own] = value
}

/** Splits `count` header fields at pipes that have no backslash before them; `undefined` where there are fewer. */
export function headerFields(
  text: string,
  start: number,
  count: number,
): { readonly fields: readonly string[]; readonly end: number } | undefined {
  const fields: string[] = []
  let from = start
  for (let at = start; at < text.length && fields.length < count; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 92) at += 1
    else if (code === 124) {
      fields.push(unescapeCef(text.slice(from, at)))
      from = at + 1
    }
  }
  return fields.length === count ? { fields, end: from } : undefined
}
