import type { operations } from '@vedette/client/rest'
import type { Invocation } from '../../../command.ts'
import { count } from '../../../format/quantity.ts'
import { printLine, safe } from '../../../print.ts'

type Difference = operations.RuleDifference

const MOST_RULES = 20
const MOST_FIELDS = 8

/** Rules that one of two sets has alone. */
export function printDifferences(
  invocation: Invocation,
  sign: '+' | '-',
  rules: readonly Difference[],
): void {
  const { style } = invocation
  const paint = sign === '+' ? style.good : style.bad
  for (const { title, file } of rules.slice(0, MOST_RULES)) {
    printLine(invocation, `${paint(`${sign} ${safe(title, 120)}`)}  ${style.dim(safe(file, 120))}`)
  }
  more(invocation, rules.length)
}

/** Rules that both sets have, with what changed. */
export function printChanges(invocation: Invocation, rules: readonly Difference[]): void {
  const { style } = invocation
  for (const { title, file, changes } of rules.slice(0, MOST_RULES)) {
    printLine(invocation, `${style.warn(`~ ${safe(title, 120)}`)}  ${style.dim(safe(file, 120))}`)
    for (const { field, before, after } of changes.slice(0, MOST_FIELDS)) {
      printLine(
        invocation,
        `    ${safe(field, 120)}: ${side(before, style.bad)} ${style.dim('→')} ${side(after, style.good)}`,
      )
    }
    if (changes.length > MOST_FIELDS)
      printLine(invocation, style.dim(`    and ${count(changes.length - MOST_FIELDS)} fields more`))
  }
  more(invocation, rules.length)
}

function side(json: string | undefined, paint: (text: string) => string): string {
  return json === undefined ? '(none)' : paint(safe(json, 160))
}

function more(invocation: Invocation, number: number): void {
  if (number > MOST_RULES)
    printLine(invocation, invocation.style.dim(`  and ${count(number - MOST_RULES)} more`))
}
