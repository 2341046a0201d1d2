import type { RuleProblem } from '@vedette/model'

/** One line for people: `rules/a.yml:12:9: unknown modifier "contians", did you mean "contains"`. */
export function formatProblem({ file, line, column, message, hint }: RuleProblem): string {
  const place = line > 0 ? `${file}:${line}:${column}` : file
  return `${place}: ${message}${hint === undefined ? '' : `, ${hint}`}`
}
