/** Names by which a person is known: of an account, of a user on a host, an address of mail. */
export type PersonNames = readonly string[]

const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}._@+-]{1,63}$/u
const MAX_NAMES = 16

/**
 * Whether these can be looked for: each of 2 to 64 letters, digits or `. _ @ + -`, at most 16 of them.
 *
 * @throws {RangeError} which one cannot be
 */
export function checkNames(names: PersonNames): void {
  if (names.length === 0 || names.length > MAX_NAMES) throw new RangeError('give 1 to 16 names')
  const wrong = names.find((name) => !NAME.test(name))
  if (wrong !== undefined) {
    throw new RangeError(
      `a name has 2 to 64 letters, digits or . _ @ + -, and begins with a letter or a digit; ${JSON.stringify(wrong)} is none`,
    )
  }
}

/**
 * What finds a name as a word of its own in text, and in text within JSON, where a letter of an escape (`\n`) may stand right
 * before it. The one form that PostgreSQL and RE2 read alike; the first group is what stands before.
 */
export function wordPattern(names: PersonNames): string {
  checkNames(names)
  const words = names.map((name) => name.replace(/[.+]/g, '[$&]')).join('|')
  return String.raw`(^|[^0-9A-Za-z_]|\\[nrtbf]|\\u[0-9A-Fa-f]{4})(${words})($|[^0-9A-Za-z_])`
}
