import { createInterface } from 'node:readline/promises'
import { resolve } from 'node:path'
import { operations } from '@vedette/client/rest'
import { readPack } from '@vedette/manager/workshop'
import type { Invocation } from '../../../command.ts'
import { type ExitCode, exitCodes } from '../../../exit-codes.ts'
import { count } from '../../../format/quantity.ts'
import { exact } from '../../../format/time.ts'
import { mustExist } from '../../../must-exist.ts'
import { printJson, printLine, safe } from '../../../print.ts'
import { rest } from '../../../rest.ts'
import { sinceOf, tellProblems } from './backtest.ts'
import { plural, printBacktest } from './print-backtest.ts'
import { printChanges, printDifferences } from './print-difference.ts'

export interface InstallOptions {
  readonly name?: string
  readonly since: string
  readonly backtest: boolean
  readonly activate?: boolean
}

export async function install(
  invocation: Invocation,
  options: InstallOptions,
  path: string,
): Promise<ExitCode> {
  mustExist([path])
  const read = await readPack(path)
  const pack = { name: options.name ?? read.name, source: resolve(path), files: [...read.files] }
  const since = options.backtest
    ? new Date(sinceOf(options.since, invocation.clock.now())).toISOString()
    : undefined
  const call = rest(invocation)
  const asked = { ...pack, ...(since !== undefined && { since }) }
  const plan = await call((to) => operations.planRules({ body: asked }, to))
  if (!invocation.json) printPlan(invocation, pack.name, plan, read.passedOver, options.since)
  const activate =
    options.activate ?? (invocation.terminal.interactive && !invocation.json && (await confirm(pack.name)))
  if (!activate) {
    if (invocation.json) printJson(invocation, { name: pack.name, plan, installed: null })
    else printLine(invocation, '\nNothing was changed: --activate puts these rules in force.')
    return exitCodes.ok
  }
  const installed = await call((to) => operations.installRules({ body: pack }, to))
  if (invocation.json) {
    printJson(invocation, { name: pack.name, plan, installed })
    return exitCodes.ok
  }
  const version = installed.packs.find(({ name }) => name === pack.name)?.number ?? 0
  printLine(invocation)
  printLine(
    invocation,
    `${invocation.style.good('In force')} as ${safe(pack.name)}@${version}. Go back with 'vedette rules undo'.`,
  )
  return exitCodes.ok
}

function printPlan(
  invocation: Invocation,
  name: string,
  plan: operations.RulePlan,
  passedOver: number,
  since: string,
): void {
  const { style } = invocation
  const line = (text = '') => printLine(invocation, text)
  const { replaces } = plan
  const before = replaces
    ? `in place of version ${replaces.number} of ${exact(Date.parse(replaces.added_at))}`
    : 'a new pack'
  line(`${style.bold(safe(name))}: ${plural(plan.rules, 'rule')} would be in force, ${before}`)
  if (passedOver > 0)
    line(
      style.dim(
        `${plural(passedOver, 'entry').replace(/ys$/, 'ies')} of the archive that are no rules were passed over.`,
      ),
    )
  line(
    `${count(plan.added_count)} added, ${count(plan.removed_count)} removed, ${count(plan.changed_count)} changed, ${count(plan.unchanged)} as before`,
  )
  if (replaces) {
    printDifferences(invocation, '+', plan.added)
    printDifferences(invocation, '-', plan.removed)
    printChanges(invocation, plan.changed)
  }
  if (plan.twice.length > 0) {
    line(
      `${style.warn('note')}: ${plural(plan.twice.length, 'rule')} of these ids are in force already and stay: ${plan.twice
        .slice(0, 3)
        .map((title) => safe(title, 60))
        .join(', ')}`,
    )
  }
  tellProblems(invocation, plan)
  if (!plan.backtest) return
  line()
  printBacktest(invocation, plan.backtest, `stored since ${since}`)
}

async function confirm(name: string): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await asking.question(`Put ${name} in force? [y/N] `)
    return /^y(?:es)?$/i.test(answer.trim())
  } finally {
    asking.close()
  }
}
