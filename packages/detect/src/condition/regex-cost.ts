/**
 * In how many ways a backtracking engine can go through a pattern from one starting place; undefined where there is no
 * bound (`*`, `+`, `{2,}`), or where the syntax is outside the subset that JavaScript (with `u`) and RE2 read alike.
 *
 * The subset: literal characters, `\d \w \D \W \b` and escaped punctuation, classes of these, `( )`, `(?: )`, `|`, `^`,
 * `$`, `?`, `{n}`, `{n,m}`. Without an unbounded repetition the work for one starting place is at most the number of
 * ways times the longest of them, so a search is linear in the text.
 */
export function pathsOf(pattern: string, ignoreCase: boolean): number | undefined {
  // With case ignored, JavaScript's \w and \b take in the Kelvin sign and the long s; RE2's do not.
  const reader: Reader = { pattern, letters: ignoreCase ? 'dD' : 'dDwW', at: 0 }
  const paths = alternatives(reader, 0)
  return paths !== undefined && reader.at === pattern.length && paths <= LIMIT ? paths : undefined
}

interface Reader {
  readonly pattern: string
  /** Letters that may follow a backslash. */
  readonly letters: string
  at: number
}

const LIMIT = 1e6
const DEEPEST = 50
const PUNCTUATION = /[\^$\\.*+?()[\]{}|/]/

function alternatives(reader: Reader, depth: number): number | undefined {
  let total = 0
  for (;;) {
    const paths = sequence(reader, depth)
    if (paths === undefined) return undefined
    total += paths
    if (reader.pattern[reader.at] !== '|') return total
    reader.at += 1
  }
}

function sequence(reader: Reader, depth: number): number | undefined {
  let paths = 1
  while (reader.at < reader.pattern.length) {
    const next = reader.pattern[reader.at]
    if (next === '|' || next === ')') break
    const one = atom(reader, depth)
    if (one === undefined) return undefined
    const repeated = repetition(reader, one)
    if (repeated === undefined) return undefined
    paths *= repeated
    if (paths > LIMIT) return undefined
  }
  return paths
}

/** Number of ways through one atom, before its quantifier. */
function atom(reader: Reader, depth: number): number | undefined {
  const { pattern } = reader
  const character = pattern.charAt(reader.at)
  reader.at += 1
  if (character === '(') {
    if (pattern.startsWith('?:', reader.at)) reader.at += 2
    else if (pattern[reader.at] === '?') return undefined
    if (depth >= DEEPEST) return undefined
    const paths = alternatives(reader, depth + 1)
    if (paths === undefined || pattern[reader.at] !== ')') return undefined
    reader.at += 1
    return paths
  }
  if (character === '[') return characterClass(reader) ? 1 : undefined
  if (character === '\\')
    return escape(reader, reader.letters === 'dD' ? 'dD' : `${reader.letters}b`) ? 1 : undefined
  if (character === '^' || character === '$') return 1
  // A dot leaves out other characters in JavaScript than in RE2; braces and brackets alone are read in two ways.
  if (/[.*+?{}\]]/.test(character) || !isPlain(character)) return undefined
  return 1
}

function repetition(reader: Reader, paths: number): number | undefined {
  const quantifier = /^(?:\?|\{(\d{1,4})(?:,(\d{1,4}))?\})/.exec(
    reader.pattern.slice(reader.at, reader.at + 12),
  )
  const next = reader.pattern[reader.at]
  if (!quantifier) return next === '*' || next === '+' || next === '{' ? undefined : paths
  reader.at += quantifier[0].length
  const after = reader.pattern[reader.at]
  if (after === '?') reader.at += 1 // lazy: the same ways in another order
  else if (after === '*' || after === '+' || after === '{') return undefined
  const least = quantifier[0] === '?' ? 0 : Number(quantifier[1])
  const most = quantifier[0] === '?' ? 1 : Number(quantifier[2] ?? quantifier[1])
  if (most < least || most > 1000) return undefined
  let total = 0
  for (let n = least; n <= most; n += 1) {
    total += paths ** n
    if (total > LIMIT) return undefined
  }
  return total
}

function characterClass(reader: Reader): boolean {
  const { pattern } = reader
  if (pattern[reader.at] === '^') reader.at += 1
  if (pattern[reader.at] === ']') return false
  while (reader.at < pattern.length) {
    const character = pattern.charAt(reader.at)
    reader.at += 1
    if (character === ']') return true
    if (character === '\\') {
      if (!escape(reader, reader.letters)) return false
    } else if (character === '[' || !isPlain(character)) {
      return false
    }
  }
  return false
}

function escape(reader: Reader, letters: string): boolean {
  const escaped = reader.pattern.charAt(reader.at)
  reader.at += 1
  return escaped !== '' && (letters.includes(escaped) || PUNCTUATION.test(escaped))
}

function isPlain(character: string): boolean {
  const code = character.charCodeAt(0)
  return code >= 0x20 && code < 0x7f
}
