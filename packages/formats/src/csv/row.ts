/**
 * The values of a row (RFC 4180, section 2), without its line feed. A quote inside a value that is not doubled is one, as
 * many programs write it; where a quoted value does not end, quotes mean nothing. Takes time in proportion to the row.
 */
export function valuesOf(row: string, separator: string): readonly string[] {
  if (!row.includes('"')) return row.split(separator)
  const values: string[] = []
  let at = 0
  for (;;) {
    let end: number
    if (row.startsWith('"', at)) {
      const close = closingQuote(row, at + 1, separator)
      if (close === -1) return row.split(separator)
      values.push(row.slice(at + 1, close).replaceAll('""', '"'))
      end = close + 1
    } else {
      end = row.indexOf(separator, at)
      if (end === -1) end = row.length
      values.push(row.slice(at, end))
    }
    if (end >= row.length) return values
    at = end + separator.length
  }
}

/** The quote behind which the value ends; -1 where there is none. */
function closingQuote(row: string, from: number, separator: string): number {
  for (let at = row.indexOf('"', from); at !== -1; at = row.indexOf('"', at)) {
    if (at + 1 === row.length || row.startsWith(separator, at + 1)) return at
    at += row.startsWith('"', at + 1) ? 2 : 1
  }
  return -1
}
