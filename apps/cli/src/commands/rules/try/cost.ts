import { loadHuntRules } from '@vedette/manager/hunt'
import { costOfRules } from '@vedette/manager/workshop'
import { CliError } from '../../../cli-error.ts'
import type { Invocation } from '../../../command.ts'
import { type ExitCode, exitCodes } from '../../../exit-codes.ts'
import { count } from '../../../format/quantity.ts'
import { mustExist } from '../../../must-exist.ts'
import { printJson, printLine, printTable, safe } from '../../../print.ts'
import { type Cost, liveCost } from '../pack/active.ts'
import { builtInRules } from '../../hunt/built-in-rules.ts'

interface CostOptions {
  readonly rules?: readonly string[]
  readonly limit: number
}

/** What each rule costs: in the running server, or on files. */
export async function cost(
  invocation: Invocation,
  { rules, limit }: CostOptions,
  paths: readonly string[],
): Promise<ExitCode> {
  if (rules !== undefined && paths.length === 0) {
    throw new CliError(
      'no-paths',
      exitCodes.usage,
      'Name the files to try these rules on',
      'Without --rules it is those of the running server',
    )
  }
  const found =
    paths.length > 0 ? await onFiles(invocation, rules ?? [builtInRules], paths) : await liveCost(invocation)
  const sorted = found.toSorted((a, b) => b.cost_ms - a.cost_ms || b.hits - a.hits)
  if (invocation.json) {
    printJson(invocation, sorted)
    return exitCodes.ok
  }
  const total = sorted.reduce((sum, one) => sum + one.cost_ms, 0)
  const { style } = invocation
  printTable(
    invocation,
    [
      { title: 'COST', align: 'right' },
      { title: 'SHARE', align: 'right' },
      { title: 'ASKED', align: 'right' },
      { title: 'EACH', align: 'right' },
      { title: 'HITS', align: 'right' },
      { title: 'RULE', flexible: true },
    ],
    sorted
      .slice(0, limit)
      .map(({ cost_ms: ms, asked, hits, title, disabled }) => [
        `${ms.toFixed(1)} ms`,
        total === 0 ? '' : `${((100 * ms) / total).toFixed(0)} %`,
        count(asked),
        asked === 0 ? '' : `${((1000 * ms) / asked).toFixed(1)} µs`,
        count(hits),
        disabled ? style.bad(`${safe(title, 200)} (disabled)`) : safe(title, 200),
      ]),
  )
  if (sorted.length > limit) printLine(invocation, style.dim(`and ${count(sorted.length - limit)} more`))
  printLine(
    invocation,
    style.dim(
      'Measured at one event in 256. A rule is asked only where one of its words stands in the event.',
    ),
  )
  return exitCodes.ok
}

async function onFiles(
  invocation: Invocation,
  rules: readonly string[],
  paths: readonly string[],
): Promise<Cost[]> {
  mustExist([...rules, ...paths])
  const { clock, signal, terminal } = invocation
  const { states, records, unreadable } = await costOfRules(
    await loadHuntRules({ paths: rules }),
    paths,
    clock,
    signal,
  )
  if (unreadable.length > 0) terminal.err(`${count(unreadable.length)} places could not be read\n`)
  if (records === 0)
    throw new CliError('no-records', exitCodes.failure, 'There are no records in these files')
  return states.map(({ info, hits, asked, costMs, disabled }) => ({
    id: info.id,
    title: info.title,
    hits,
    asked,
    cost_ms: costMs,
    disabled,
  }))
}
