import { drawProblem, loadHuntRules } from '@vedette/manager/hunt'
import type { RuleProblem } from '@vedette/model'
import type { Invocation } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { count } from '../../format/quantity.ts'
import { mustExist } from '../../must-exist.ts'
import { printJsonLine, printLine } from '../../print.ts'
import { rejectedRules } from './rejected-rules.ts'

interface CheckOptions {
  readonly set?: Readonly<Record<string, string | readonly string[]>>
}

export async function check(
  invocation: Invocation,
  { set = {} }: CheckOptions,
  paths: readonly string[],
): Promise<ExitCode> {
  mustExist(paths)
  const { rules, correlations, problems } = await loadHuntRules({ paths, parameters: set })
  const rejected = rejectedRules(problems)
  const number = rules.length + correlations.length
  const code = rejected.length === 0 ? exitCodes.ok : exitCodes.failure
  if (invocation.json) {
    printJsonLine(invocation, { loaded: number, rejected: rejected.map(asJson) })
    return code
  }
  for (const problem of problems) printProblem(invocation, problem)
  const { style } = invocation
  if (problems.some((problem) => problem.code === 'unresolved-placeholder')) {
    printLine(invocation, 'Values for placeholders are given with --set NAME=VALUE, which may be repeated.')
  }
  const loaded = `${rulesOf(number)} loaded`
  if (rejected.length > 0)
    printLine(invocation, `${loaded}, ${style.bad(`${count(rejected.length)} rejected`)}`)
  else if (number > 0) printLine(invocation, style.good(`${loaded}, all that are there.`))
  else
    printLine(invocation, style.warn('There are no rules: they stand in files that end with .yml or .yaml.'))
  return code
}

/** What is wrong with a rule, the first fault first; the others under `more`. */
function asJson([first, ...more]: readonly RuleProblem[]): object {
  return { ...fault(first), ...(more.length === 0 ? {} : { more: more.map(fault) }) }
}

function fault(problem: RuleProblem | undefined): object {
  if (!problem) return {}
  const { file, line, code, message, column, hint } = problem
  return { file, line, code, message, column, ...(hint === undefined ? {} : { hint }) }
}

function rulesOf(number: number): string {
  return `${count(number)} ${number === 1 ? 'rule' : 'rules'}`
}

function printProblem(invocation: Invocation, problem: RuleProblem): void {
  const { style } = invocation
  const [first = '', ...excerpt] = drawProblem(problem).split('\n')
  printLine(invocation, `${style.bold(first)} ${style.bad(`[${problem.code}]`)}`)
  for (const line of excerpt) printLine(invocation, style.dim(line))
  printLine(invocation)
}
