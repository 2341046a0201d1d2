import { visible } from '@vedette/base'
import type { RuleProblem } from '@vedette/model'

/** One line for people: `rules/a.yml:12:9: unknown modifier "contians", did you mean "contains"`. */
export function formatProblem({ file, line, column, message, hint }: RuleProblem): string {
  const place = line > 0 ? `${file}:${line}:${column}` : file
  return `${place}: ${message}${hint === undefined ? '' : `, ${hint}`}`
}

const WIDEST = 100

/**
 * The same with the line of the file below it, and a caret below the place:
 *
 *     rules/a.yml:12:9: unknown modifier "contians", did you mean "contains"
 *        12 |         CommandLine|contians: x
 *           |         ^
 *
 * What does not print is written out, also in the message.
 */
export function drawProblem(problem: RuleProblem): string {
  const first = visible(formatProblem(problem))
  const { line, column, excerpt } = problem
  if (excerpt === undefined || line < 1) return first
  // A long line is shown from a little before the place on.
  const from = column > WIDEST ? column - WIDEST / 2 : 0
  const before = visible(excerpt.slice(from, column - 1).replaceAll('\t', ' '))
  const after = visible(excerpt.slice(Math.max(from, column - 1), from + WIDEST).replaceAll('\t', ' '))
  const number = String(line).padStart(5)
  return `${first}\n${number} | ${before}${after}\n${' '.repeat(number.length)} | ${' '.repeat(before.length)}^`
}
