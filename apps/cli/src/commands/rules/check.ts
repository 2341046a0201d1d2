import { readFileSync } from 'node:fs'
import { loadHuntRules } from '@vedette/manager/hunt'
import type { RuleProblem } from '@vedette/model'
import type { Invocation } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { caretExcerpt } from '../../format/excerpt.ts'
import { count } from '../../format/quantity.ts'
import { mustExist } from '../../must-exist.ts'
import { printJsonLine, printLine, safe } from '../../print.ts'

interface CheckOptions {
  readonly set?: Readonly<Record<string, string | readonly string[]>>
}

/** Files whose text is kept for excerpts. */
const MOST_TEXTS = 64

export async function check(
  invocation: Invocation,
  { set = {} }: CheckOptions,
  paths: readonly string[],
): Promise<ExitCode> {
  mustExist(paths)
  const { rules, problems } = await loadHuntRules({ paths, parameters: set })
  const code = problems.length === 0 ? exitCodes.ok : exitCodes.failure
  if (invocation.json) {
    const rejected = problems.map(({ file, line, code, message, column, hint }) => ({
      file,
      line,
      code,
      message,
      column,
      ...(hint === undefined ? {} : { hint }),
    }))
    printJsonLine(invocation, { loaded: rules.length, rejected })
    return code
  }
  const texts = new Map<string, readonly string[]>()
  for (const problem of problems) printProblem(invocation, problem, texts)
  const { style } = invocation
  const loaded = `${count(rules.length)} ${rules.length === 1 ? 'rule' : 'rules'} loaded`
  if (problems.length === 0) {
    const none = 'No rules there: they are files that end with .yml or .yaml.'
    printLine(
      invocation,
      rules.length === 0 ? style.warn(none) : style.good(`${loaded}, every one that is there.`),
    )
    return code
  }
  const files = new Set(problems.map(({ file }) => file)).size
  const faults = `${count(problems.length)} ${problems.length === 1 ? 'fault' : 'faults'} in ${count(files)} ${files === 1 ? 'file' : 'files'}`
  printLine(invocation, `${loaded}, ${style.bad(faults)}`)
  return code
}

function printProblem(
  invocation: Invocation,
  problem: RuleProblem,
  texts: Map<string, readonly string[]>,
): void {
  const { style } = invocation
  const { file, line, column, code, message, hint } = problem
  const place = line > 0 ? `${safe(file)}:${line}:${column}` : safe(file)
  printLine(invocation, `${style.bold(place)}  ${style.bad(code)}`)
  printLine(invocation, `  ${safe(message)}`)
  if (line > 0) {
    const excerpt = caretExcerpt(linesOf(file, texts), line, column, style)
    if (excerpt !== undefined) printLine(invocation, excerpt)
  }
  if (hint !== undefined) printLine(invocation, `  ${style.warn('hint')}: ${safe(hint)}`)
  printLine(invocation)
}

function linesOf(file: string, texts: Map<string, readonly string[]>): readonly string[] {
  const known = texts.get(file)
  if (known) return known
  let lines: readonly string[] = []
  try {
    lines = readFileSync(file, 'utf8').split(/\r?\n/)
  } catch {
    // It went away meanwhile; the fault is told without an excerpt.
  }
  if (texts.size >= MOST_TEXTS) texts.clear()
  texts.set(file, lines)
  return lines
}
