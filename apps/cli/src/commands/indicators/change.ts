import type { Severity } from '@vedette/model'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { exitCodes } from '../../exit-codes.ts'
import { count } from '../../format/quantity.ts'
import { until } from '../../format/time.ts'
import { printJson, printLine } from '../../print.ts'
import { addIndicators, removeIndicators } from './documents.ts'

export interface AddOptions {
  readonly type?: string
  readonly source: string
  readonly confidence: number
  readonly severity: Severity
  readonly tlp: string
  readonly until?: string
  readonly description?: string
  readonly tag?: readonly string[]
  readonly technique?: readonly string[]
}

export async function add(
  invocation: Invocation,
  options: AddOptions,
  values: readonly string[],
): Promise<void> {
  using client = connect(invocation.paths)
  const { type, source, confidence, severity, tlp, description, tag, technique } = options
  const validUntil =
    options.until === undefined
      ? undefined
      : new Date(until(options.until, invocation.clock.now())).toISOString()
  const { addIndicators: change } = await client.mutate(addIndicators, {
    source,
    indicators: values.map((value) => ({
      value,
      confidence,
      severity,
      tlp,
      ...(type !== undefined && { type }),
      ...(validUntil !== undefined && { valid_until: validUntil }),
      ...(description !== undefined && { description }),
      ...(tag && { tags: [...tag] }),
      ...(technique && { techniques: [...technique] }),
    })),
  })
  if (invocation.json) return printJson(invocation, change)
  printLine(
    invocation,
    `Added ${count(change.added)}, changed ${count(change.changed)}, known as they are ${count(change.unchanged)}. In force.`,
  )
}

export async function remove(
  invocation: Invocation,
  _options: object,
  ids: readonly string[],
): Promise<void> {
  using client = connect(invocation.paths)
  const { removeIndicators: removed } = await client.mutate(removeIndicators, { ids: [...ids] })
  if (invocation.json) printJson(invocation, { removed })
  else printLine(invocation, `Took away ${count(removed)}.`)
  if (removed === 0) {
    throw new CliError(
      'not-found',
      exitCodes.notFound,
      'None of these is an indicator',
      "See 'vedette indicators list'",
    )
  }
}
