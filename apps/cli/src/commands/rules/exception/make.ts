import type { ResultOf } from '@vedette/client'
import { CliError } from '../../../cli-error.ts'
import type { Invocation } from '../../../command.ts'
import { connect } from '../../../connection.ts'
import { type ExitCode, exitCodes } from '../../../exit-codes.ts'
import { count } from '../../../format/quantity.ts'
import { ago, exact, until } from '../../../format/time.ts'
import { printJson, printLine, printTable, safe } from '../../../print.ts'
import { findAlertId } from '../../alerts/find.ts'
import { createException, exceptionPreview } from './documents.ts'

export interface MakeOptions {
  readonly field?: readonly string[]
  readonly owner?: string
  readonly reason?: string
  readonly expires: string
  readonly dryRun?: boolean
  readonly force?: boolean
}

type Preview = NonNullable<ResultOf<typeof exceptionPreview>['exception_preview']>

const MOST_SHOWN = 10

export async function make(
  invocation: Invocation,
  options: MakeOptions,
  beginning: string,
): Promise<ExitCode> {
  const { reason, owner, field: fields, dryRun = false, force = false } = options
  const expires = expiryOf(options.expires, invocation.clock.now())
  if (reason === undefined && !dryRun) {
    throw new CliError(
      'no-reason',
      exitCodes.usage,
      'Say why with --reason',
      '--dry-run shows the exception without one',
    )
  }
  using client = connect(invocation.paths)
  const asked = {
    alert_id: await findAlertId(client, beginning),
    ...(fields !== undefined && { fields: [...fields] }),
    ...(owner !== undefined && { owner }),
    ...(expires !== undefined && { expires_at: expires }),
  }
  const { exception_preview: preview } = await client.query(exceptionPreview, {
    ...asked,
    ...(reason !== undefined && { reason }),
  })
  if (!invocation.json) printPreview(invocation, preview)
  const refused = preview.effect.true_positives > 0 && !force
  if (dryRun) {
    if (invocation.json) printJson(invocation, { exception: null, preview })
    else printLine(invocation, '\nNothing was changed (dry run).')
    return exitCodes.ok
  }
  if (refused) {
    const number = preview.effect.true_positives
    throw new CliError(
      'hides-true-positive',
      exitCodes.refused,
      `Nothing was changed: it would have hidden ${number === 1 ? 'an alert that was a true positive' : `${count(number)} alerts that were true positives`}`,
      'Name the fields that tell this case apart with --field, or make it all the same with --force',
    )
  }
  const { createException: made } = await client.mutate(createException, {
    ...asked,
    reason: reason ?? '',
    force,
  })
  const { exception } = made
  if (invocation.json) {
    printJson(invocation, { exception, preview })
    return exitCodes.ok
  }
  const end =
    exception.expires_at === null ? 'without an end' : `until ${exact(Date.parse(exception.expires_at))}`
  const { style } = invocation
  printLine(invocation)
  printLine(invocation, `${style.good('In force')} ${end}; ${safe(exception.owner)} answers for it.`)
  printLine(invocation, `Take it back with 'vedette rules exceptions remove ${exception.id.slice(0, 8)}'.`)
  return exitCodes.ok
}

function printPreview(
  invocation: Invocation,
  { rule, filtered_id, filtered_title, fields, effect }: Preview,
): void {
  const { style, clock } = invocation
  const line = (text = '') => printLine(invocation, text)
  line(`Exception from ${style.bold(safe(rule.title))}`)
  if (filtered_id !== rule.id) {
    line(
      style.warn(
        `by way of the rule that it counts, ${safe(filtered_title)}, which then is silent about this as well`,
      ),
    )
  }
  const chosen = fields.filter((field) => field.chosen)
  const others = fields.filter((field) => !field.chosen)
  const width = Math.max(...chosen.map(({ name }) => name.length))
  for (const { name, value } of chosen) line(`  ${style.dim(safe(name).padEnd(width))}  ${safe(value, 300)}`)
  if (others.length > 0) {
    line(style.dim(`Not asked: ${others.map(({ name }) => safe(name)).join(', ')} (choose with --field)`))
  }
  line()
  const since = effect.since === null ? '' : ` since ${exact(Date.parse(effect.since))}`
  const of = `${count(effect.alerts)} ${effect.alerts === 1 ? 'alert' : 'alerts'} of this rule${since}`
  line(`It would have hidden ${style.bold(`${count(effect.hidden)} of ${of}`)}${told(effect, style.bad)}`)
  if (effect.cut) line(style.dim('Older alerts were not looked at.'))
  if (effect.partly > 0) line(`Of ${count(effect.partly)} more it would hide a part of what they count.`)
  const shown = effect.examples.slice(0, MOST_SHOWN)
  if (shown.length === 0) return
  printTable(
    invocation,
    [
      { title: 'ALERT' },
      { title: 'STATE' },
      { title: 'WHEN' },
      { title: 'HOST' },
      { title: 'TITLE', flexible: true },
    ],
    shown.map(({ id, status, verdict, time, host, title, count: times }) => [
      safe(id).slice(0, 8),
      verdict === 'true_positive' ? style.bad('true positive') : (verdict ?? status).replace('_', ' '),
      ago(Date.parse(time), clock.now()),
      safe(host, 40),
      times > 1 ? `${safe(title, 300)} (${count(times)} times)` : safe(title, 300),
    ]),
  )
  if (effect.hidden > shown.length) line(style.dim(`and ${count(effect.hidden - shown.length)} more`))
}

function told(effect: Preview['effect'], bad: (text: string) => string): string {
  const parts: string[] = []
  const add = (number: number, one: string, many = one) => {
    if (number > 0) parts.push(`${count(number)} ${number === 1 ? one : many}`)
  }
  add(effect.true_positives, 'true positive', 'true positives')
  add(effect.acknowledged, 'acknowledged')
  add(effect.open, 'open')
  add(effect.false_positives, 'false positive', 'false positives')
  add(effect.benign, 'benign')
  add(effect.unjudged, 'without a verdict')
  if (parts.length === 0) return ''
  if (effect.true_positives > 0) parts[0] = bad(parts[0] ?? '')
  return `: ${parts.join(', ')}`
}

/** Undefined where it shall not end by itself. */
function expiryOf(text: string, now: number): string | undefined {
  if (text === 'never') return undefined
  try {
    return new Date(until(text, now)).toISOString()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError('bad-time', exitCodes.usage, `--expires: ${reason}`, "Or 'never'")
  }
}
