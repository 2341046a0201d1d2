import { pathsOf } from './regex-cost.ts'

/** Where a long enough run of characters stands; undefined where none does. */
export type FindRun = (text: string) => readonly [start: number, length: number] | undefined

const SHAPE = /^(?:(\[[^\]]+\])|\(?(\.)\)?)\{([1-9]\d{0,3}),\}(\$?)$/

/**
 * A search for patterns that ask for nothing but a run of so many characters of a class: `.{1000,}`, `[^/]{100,}$`. Undefined
 * for any other pattern. RE2 makes a state for each of the characters; here the runs are only counted.
 *
 * @param dotAll whether a dot takes a line feed too
 */
export function compileRun(pattern: string, dotAll: boolean): FindRun | undefined {
  const [, written, dot, times, end] = SHAPE.exec(pattern) ?? []
  if (times === undefined) return undefined
  // What V8 and RE2 might read in two ways is left to RE2.
  if (written !== undefined && pathsOf(written, false) !== 1) return undefined
  const characters = dot === undefined ? written : dotAll ? String.raw`[\s\S]` : String.raw`[^\n]`
  const runs = new RegExp(`${characters}+`, 'gu')
  const least = Number(times)
  return (text) => {
    for (const { 0: run, index } of text.matchAll(runs)) {
      if (end === '$' && index + run.length !== text.length) continue
      if (run.length >= least && hasCharacters(run, least)) return [index, run.length]
    }
    return undefined
  }
}

/** Whether a text has so many code points. */
function hasCharacters(text: string, least: number): boolean {
  if (text.length >= 2 * least) return true
  let count = 0
  for (const _ of text) count += 1
  return count >= least
}
