/** Longest string in an Event, UTF-16 units: what the schema of Events accepts. */
export const MAX_TEXT = 65_536

// oxlint-disable-next-line no-control-regex -- PostgreSQL refuses this character, so an alert that holds it would be lost
const NUL = /\u0000/g

/**
 * Text as an Event may hold it: at most `limit` UTF-16 units, no half of a surrogate pair and no NUL (both become
 * U+FFFD), since stores refuse them and an attacker could hide an alert behind one.
 */
export function boundedText(text: string, limit: number = MAX_TEXT): string {
  const cut = text.length > limit ? text.slice(0, limit) : text
  const formed = cut.isWellFormed() ? cut : cut.toWellFormed()
  return formed.includes('\u0000') ? formed.replace(NUL, '\ufffd') : formed
}

/** The same, with an ellipsis as its last character where something was cut off. For people, not for matching. */
export function shortText(text: string, limit: number): string {
  return text.length > limit ? `${boundedText(text, limit - 1)}…` : boundedText(text, limit)
}

/** Last component of a path; for `memfd:name` the name. */
export function baseName(path: string): string {
  if (path.startsWith('memfd:')) return path.slice('memfd:'.length)
  return path.slice(path.lastIndexOf('/') + 1)
}
