/**
 * Text for a column: PostgreSQL's `text` holds no NUL and no half of a surrogate pair; both become U+FFFD. Cut to
 * `maxLength` UTF-16 units.
 */
export function storable(text: string, maxLength = 4096): string {
  return text.slice(0, maxLength).toWellFormed().replaceAll('\u0000', '\ufffd')
}

/** A pattern for ILIKE that finds `text` anywhere, letter by letter. */
export function containing(text: string): string {
  return `%${storable(text, 1000).replace(/[\\%_]/g, '\\$&')}%`
}
