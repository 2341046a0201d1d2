import { operations } from '@vedette/client/rest'
import type { BacktestReport } from '@vedette/manager/workshop'
import { backtestFiles, readPack } from '@vedette/manager/workshop'
import { CliError } from '../../../cli-error.ts'
import type { Invocation } from '../../../command.ts'
import { type ExitCode, exitCodes } from '../../../exit-codes.ts'
import { parseSince } from '../../../format/time.ts'
import { mustExist } from '../../../must-exist.ts'
import { printJson, printLine } from '../../../print.ts'
import { rest } from '../../../rest.ts'
import { printBacktest } from './print-backtest.ts'

type Backtest = operations.Backtest

export interface BacktestOptions {
  readonly since: string
  readonly files?: readonly string[]
  readonly set?: Readonly<Record<string, string | readonly string[]>>
}

export async function backtest(
  invocation: Invocation,
  options: BacktestOptions,
  path: string,
): Promise<ExitCode> {
  mustExist([path])
  const { files } = options
  const report = files
    ? await onFiles(invocation, options, path, files)
    : await onStored(invocation, options, path)
  if (invocation.json) printJson(invocation, report)
  else {
    tellProblems(invocation, report)
    printBacktest(invocation, report, files ? 'of these files' : `stored since ${options.since}`)
  }
  return report.tried === 0 ? exitCodes.failure : exitCodes.ok
}

async function onStored(invocation: Invocation, { since }: BacktestOptions, path: string): Promise<Backtest> {
  const pack = await readPack(path)
  return askBacktest(invocation, pack.files, sinceOf(since, invocation.clock.now()))
}

async function askBacktest(
  invocation: Invocation,
  files: readonly { readonly file: string; readonly text: string }[],
  sinceMs: number,
): Promise<Backtest> {
  const body = { files: [...files], since: new Date(sinceMs).toISOString() }
  return rest(invocation)((to) => operations.backtestRules({ body }, to))
}

async function onFiles(
  { clock, signal }: Invocation,
  { set = {} }: BacktestOptions,
  path: string,
  files: readonly string[],
): Promise<Backtest> {
  mustExist(files)
  return wire(await backtestFiles({ paths: [path], parameters: set }, files, clock, signal))
}

/** In the form in which the server answers. */
function wire({ tried, problems, events, hits, seconds, cut, rules }: BacktestReport): Backtest {
  const time = (timeMs: number | undefined) => (timeMs === undefined ? null : new Date(timeMs).toISOString())
  return {
    tried,
    problem_count: problems.length,
    problems: problems.slice(0, 1000).map((problem) => ({ ...problem, hint: problem.hint ?? null })),
    events,
    hits,
    seconds,
    cut,
    rules: rules.map(({ rule, first, last, days, hosts, programs, examples, hits: number }) => ({
      id: rule.id,
      title: rule.title,
      severity: rule.severity,
      hits: number,
      first: time(first),
      last: time(last),
      days: [...days],
      hosts: [...hosts],
      programs: [...programs],
      examples: examples.map((example) => ({ ...example, time: time(example.time) })),
    })),
  }
}

export function tellProblems(
  invocation: Invocation,
  { problem_count: number, problems }: Pick<Backtest, 'problem_count' | 'problems'>,
): void {
  if (number === 0) return
  const { style } = invocation
  const [first] = problems
  const where = first
    ? `, first ${first.file}${first.line > 0 ? `:${first.line}` : ''}: ${first.message}`
    : ''
  printLine(
    invocation,
    `${style.warn('note')}: ${number} ${number === 1 ? 'fault keeps a rule' : 'faults keep rules'} from loading${where}`,
  )
}

/** @throws {CliError} */
export function sinceOf(text: string, now: number): number {
  try {
    return parseSince(text, now)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError('bad-time', exitCodes.usage, `--since: ${reason}`)
  }
}
