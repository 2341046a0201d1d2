import type { Client, ResultOf } from '@vedette/client'
import { CliError } from '../../../cli-error.ts'
import type { Invocation } from '../../../command.ts'
import { connect } from '../../../connection.ts'
import { exitCodes } from '../../../exit-codes.ts'
import { count } from '../../../format/quantity.ts'
import { ago, exact } from '../../../format/time.ts'
import { printJson, printLine, printTable, safe } from '../../../print.ts'
import { exceptionList, removeException } from './documents.ts'

type Exception = ResultOf<typeof exceptionList>['exceptions'][number]

export async function list(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const { exceptions } = await client.query(exceptionList)
  if (invocation.json) return printJson(invocation, exceptions)
  if (exceptions.length === 0) {
    return printLine(
      invocation,
      "There are no exceptions: 'vedette rules exception ALERT --reason WHY' makes one.",
    )
  }
  const { style, clock } = invocation
  const now = clock.now()
  printTable(
    invocation,
    [
      { title: 'ID' },
      { title: 'ENDS' },
      { title: 'HELD' },
      { title: 'OWNER' },
      { title: 'RULE' },
      { title: 'WHERE', flexible: true },
      { title: 'REASON' },
    ],
    exceptions.map((one) => [
      one.id.slice(0, 8),
      one.in_force
        ? one.expires_at === null
          ? 'never'
          : exact(Date.parse(one.expires_at))
        : style.warn('ended'),
      one.last_hit === null ? 'never' : `${count(one.hits)}, ${ago(Date.parse(one.last_hit), now)}`,
      safe(one.owner, 30),
      safe(one.rule_title, 60),
      one.fields.map(({ name, value }) => `${safe(name)}=${safe(value, 80)}`).join(' '),
      safe(one.reason, 100),
    ]),
  )
}

export async function remove(invocation: Invocation, _options: object, beginning: string): Promise<void> {
  using client = connect(invocation.paths)
  const { id } = await find(client, beginning)
  const { removeException: gone } = await client.mutate(removeException, { id })
  if (invocation.json) return printJson(invocation, gone)
  printLine(invocation, `The exception is gone: "${safe(gone.rule_title)}" judges this again.`)
}

/** Filters as YAML documents, for any engine that knows Sigma. */
export async function exportAll(
  invocation: Invocation,
  _options: object,
  beginnings: readonly string[],
): Promise<void> {
  using client = connect(invocation.paths)
  const chosen: Exception[] = []
  if (beginnings.length === 0) chosen.push(...(await client.query(exceptionList)).exceptions)
  for (const beginning of beginnings) chosen.push(await find(client, beginning))
  if (invocation.json) return printJson(invocation, chosen)
  invocation.terminal.out(chosen.map(({ filter }) => filter).join('---\n'))
}

async function find(client: Client, beginning: string): Promise<Exception> {
  const { exceptions } = await client.query(exceptionList)
  const found = exceptions.filter(({ id }) => id.startsWith(beginning.toLowerCase()))
  const [only] = found
  if (only && found.length === 1) return only
  if (found.length === 0) {
    throw new CliError(
      'not-found',
      exitCodes.notFound,
      `There is no exception ${safe(beginning, 100)}`,
      "See 'vedette rules exceptions list'",
    )
  }
  throw new CliError(
    'ambiguous',
    exitCodes.usage,
    `${found.length} exceptions begin with ${safe(beginning)}`,
    `Type more of it: ${found
      .slice(0, 5)
      .map(({ id }) => id)
      .join(', ')}`,
  )
}
