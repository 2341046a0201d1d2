import { RE2JS } from 're2js'
import { pathsOf } from './regex-cost.ts'
import { compileRun } from './regex-run.ts'

export interface RegexFlags {
  readonly ignoreCase: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
}

/**
 * A compiled search that takes time linear in the text, whatever the pattern, and little of it: of a text that is longer than
 * `longestText` the middle is left out.
 */
export interface LinearRegex {
  readonly engine: 'v8' | 're2'
  /** As it was written. */
  readonly pattern: string
  /** UTF-16 units. */
  readonly longestText: number
  test(text: string): boolean
  /** The first match, in UTF-16 units; undefined where there is none. */
  find(text: string): readonly [start: number, length: number] | undefined
}

/**
 * Steps that a search may take at most: so that 64 KiB take less than 50 ms. RE2 takes one for each instruction of the program
 * and each character; V8 one for each way and character of the longest match from each place on.
 */
const MOST_RE2_STEPS = 2_500_000
/** What asks for an end or an edge of a word RE2 has to go through without what it kept. */
const MOST_SLOW_RE2_STEPS = 1_000_000
const ENDS_OR_EDGES = /[$^]|\\[bBzA]/
const MOST_V8_STEPS = 50_000_000
/** More ways than this through a pattern, and V8's backtracking is not trusted with it. */
const MOST_PATHS = 64
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
  const run = flags.multiline || flags.ignoreCase ? undefined : compileRun(pattern, flags.dotAll)
  if (run) {
    const longestText = Number.MAX_SAFE_INTEGER
    return { engine: 'v8', pattern, longestText, test: (text) => run(text) !== undefined, find: run }
  }
  const paths = flags.multiline ? undefined : pathsOf(pattern, flags.ignoreCase)
  const v8 = paths !== undefined && paths <= MOST_PATHS ? withV8(pattern, flags, paths) : undefined
  if (v8) return v8
  const steps = ENDS_OR_EDGES.test(pattern) ? MOST_SLOW_RE2_STEPS : MOST_RE2_STEPS
  const longestText = Math.floor(steps / re2.programSize())
  return {
    engine: 're2',
    pattern,
    longestText,
    // Unlike a matcher, it keeps the states that it came through, and is many times faster for that.
    test: (text) => re2.test(shortened(text, longestText)),
    find: (text) => {
      const matcher = re2.matcher(shortened(text, longestText))
      return matcher.find() ? placeIn(text, longestText, matcher.start(), matcher.end()) : undefined
    },
  }
}

function withV8(pattern: string, flags: RegexFlags, paths: number): LinearRegex | undefined {
  let regex: RegExp
  try {
    // `pathsOf` admits only syntax that both engines read alike; `u` gives code points, as RE2 has them.
    regex = new RegExp(pattern, `${flags.ignoreCase ? 'i' : ''}${flags.dotAll ? 's' : ''}u`)
  } catch {
    return undefined
  }
  const longestText = Math.floor(MOST_V8_STEPS / (paths * longestMatch(pattern)))
  return {
    engine: 'v8',
    pattern,
    longestText,
    test: (text) => regex.test(shortened(text, longestText)),
    find: (text) => {
      const found = regex.exec(shortened(text, longestText))
      return found ? placeIn(text, longestText, found.index, found.index + found[0].length) : undefined
    },
  }
}

/** No match of a pattern without unbounded repetition is longer. */
function longestMatch(pattern: string): number {
  let times = 1
  for (const [, least = '1', most = least] of pattern.matchAll(/\{(\d+)(?:,(\d+))?\}/g))
    times *= Math.max(1, Number(most))
  return pattern.length * times
}

/** The text without its middle, where it is longer than that. */
function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text
  const half = longest >> 1
  return text.slice(0, half) + text.slice(text.length - half)
}

/** Where what stands at a place of a shortened text stands in the text itself. */
function placeIn(text: string, longest: number, start: number, end: number): readonly [number, number] {
  const half = longest >> 1
  const left = text.length <= longest ? 0 : text.length - 2 * half
  const from = start >= half ? start + left : start
  const to = end > half ? end + left : end
  return [from, to - from]
}
