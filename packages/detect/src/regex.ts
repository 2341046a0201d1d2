import { RE2JS } from 're2js'
import { pathsOf } from './regex-cost.ts'

export interface RegexFlags {
  readonly ignoreCase: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
}

/** A compiled search that takes time linear in the text, whatever the pattern. */
export interface LinearRegex {
  readonly engine: 'v8' | 're2'
  /** As it was written. */
  readonly pattern: string
  test(text: string): boolean
  /** The first match, in UTF-16 units; undefined where there is none. */
  find(text: string): readonly [start: number, length: number] | undefined
}

/** More ways than this through a pattern, and V8's backtracking is not trusted with it. */
const MOST_PATHS = 1000
const LONGEST_PATTERN = 4096

/**
 * Compiles a pattern in RE2's syntax. V8's engine runs it where the pattern is proven to have few ways through it (no
 * unbounded repetition, few alternatives) and means the same in both; RE2 runs all others, about ten times slower and
 * never exponential.
 *
 * @throws {SyntaxError} for what RE2 cannot do: look-around, back-references, or a fault in the pattern
 */
export function compileRegex(pattern: string, flags: RegexFlags): LinearRegex {
  if (pattern.length > LONGEST_PATTERN) {
    throw new SyntaxError(`the pattern is longer than ${LONGEST_PATTERN} characters`)
  }
  const bits =
    (flags.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) |
    (flags.multiline ? RE2JS.MULTILINE : 0) |
    (flags.dotAll ? RE2JS.DOTALL : 0)
  let re2: RE2JS
  try {
    re2 = RE2JS.compile(pattern, bits)
  } catch (error) {
    throw new SyntaxError(error instanceof Error ? error.message : String(error), { cause: error })
  }
  const paths = flags.multiline ? undefined : pathsOf(pattern, flags.ignoreCase)
  const v8 = paths !== undefined && paths <= MOST_PATHS ? withV8(pattern, flags) : undefined
  if (v8) return v8
  return {
    engine: 're2',
    pattern,
    test: (text) => re2.matcher(text).find(),
    find: (text) => {
      const matcher = re2.matcher(text)
      return matcher.find() ? [matcher.start(), matcher.end() - matcher.start()] : undefined
    },
  }
}

function withV8(pattern: string, flags: RegexFlags): LinearRegex | undefined {
  let regex: RegExp
  try {
    // `pathsOf` admits only syntax that both engines read alike; `u` gives code points, as RE2 has them.
    regex = new RegExp(pattern, `${flags.ignoreCase ? 'i' : ''}${flags.dotAll ? 's' : ''}u`)
  } catch {
    return undefined
  }
  return {
    engine: 'v8',
    pattern,
    test: (text) => regex.test(text),
    find: (text) => {
      const found = regex.exec(text)
      return found ? [found.index, found[0].length] : undefined
    },
  }
}
