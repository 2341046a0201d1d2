import { type Client, graphql, type ResultOf } from '@vedette/client'
import type { ActionName } from '@vedette/model'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { exact, parseDuration } from '../../format/time.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'

export interface RespondOptions {
  readonly startTicks?: number
  readonly tree?: boolean
  readonly host?: string
  readonly lease: string
  readonly reason: string
  readonly alert?: string
  readonly execute?: boolean
}

const responseFields = graphql(`
  fragment ResponseFields on Response {
    id
    action
    host
    outcome
    summary
    actor
    reason
    time
    lease_ends
    undo
    affected {
      uid
      pid
      name
      cmd_line
      user
      protected_because
    }
  }
`)

const hostList = graphql(`
  query HostList {
    hosts {
      id
      hostname
    }
  }
`)

const executeResponse = graphql(
  `
    mutation ExecuteResponse($input: ResponseInput!, $execute: Boolean) {
      executeResponse(input: $input, execute: $execute) {
        ...ResponseFields
      }
    }
  `,
  [responseFields],
)

type Response = ResultOf<typeof executeResponse>['executeResponse']

const outcomeExitCodes: Readonly<Record<string, ExitCode>> = {
  preview: exitCodes.ok,
  done: exitCodes.ok,
  undone: exitCodes.ok,
  refused: exitCodes.refused,
  failed: exitCodes.failure,
}

export const preview = (
  invocation: Invocation,
  { action, ...options }: RespondOptions & { readonly action: ActionName },
  pid: number,
): Promise<ExitCode> => respond(invocation, action, { ...options, execute: false }, pid)

export const freeze = (invocation: Invocation, options: RespondOptions, pid: number): Promise<ExitCode> =>
  respond(invocation, 'freeze', options, pid)

export const thaw = (invocation: Invocation, options: RespondOptions, pid: number): Promise<ExitCode> =>
  respond(invocation, 'thaw', options, pid)

export const kill = (invocation: Invocation, options: RespondOptions, pid: number): Promise<ExitCode> =>
  respond(invocation, 'kill', options, pid)

async function respond(
  invocation: Invocation,
  action: ActionName,
  options: RespondOptions,
  pid: number,
): Promise<ExitCode> {
  const leaseSeconds = lease(options.lease)
  using client = connect(invocation.paths)
  const { executeResponse: answer } = await client.mutate(executeResponse, {
    input: {
      action,
      host: await hostId(client, options.host),
      pid,
      ...(options.startTicks !== undefined && { start_ticks: options.startTicks }),
      tree: options.tree ?? false,
      lease_seconds: leaseSeconds,
      reason: options.reason,
      ...(options.alert !== undefined && { alert_id: options.alert }),
    },
    execute: options.execute ?? false,
  })
  if (invocation.json) printJson(invocation, answer)
  else print(invocation, answer)
  return outcomeExitCodes[answer.outcome] ?? exitCodes.failure
}

function print(invocation: Invocation, answer: Response): void {
  const { style } = invocation
  const colour = { done: style.good, undone: style.good, preview: style.warn }[answer.outcome] ?? style.bad
  printLine(invocation, `${colour(safe(answer.outcome))}  ${safe(answer.summary)}`)
  if (answer.affected.length > 0) {
    printTable(
      invocation,
      [
        { title: 'PID', align: 'right' },
        { title: 'USER' },
        { title: 'TOUCHED' },
        { title: 'COMMAND', flexible: true },
      ],
      answer.affected.map((process) => [
        String(process.pid),
        safe(process.user),
        process.protected_because === null ? 'yes' : `no: ${safe(process.protected_because)}`,
        safe(process.cmd_line || process.name, 300),
      ]),
    )
  }
  if (answer.lease_ends !== null) {
    printLine(invocation, `Ends by itself at ${exact(Date.parse(answer.lease_ends))}`)
  }
  if (answer.outcome === 'preview') printLine(invocation, 'Nothing was done. Add --execute to do it.')
  const pid = answer.affected[0]?.pid
  if (answer.outcome === 'done' && answer.undo !== null && pid !== undefined) {
    printLine(invocation, `Undo with: vedette respond ${answer.undo} ${pid} --execute`)
  }
}

/** The id of the host that was named; of the only one when none was. */
async function hostId(client: Client, name: string | undefined): Promise<string> {
  const { hosts } = await client.query(hostList)
  const found =
    name === undefined ? hosts : hosts.filter(({ id, hostname }) => id === name || hostname === name)
  const [only] = found
  if (only !== undefined && found.length === 1) return only.id
  const names = hosts.map((host) => `${safe(host.hostname)} (${safe(host.id)})`).join(', ')
  if (name === undefined && hosts.length > 1) {
    throw new CliError(
      'which-host',
      exitCodes.usage,
      `There are ${hosts.length} hosts`,
      `Say --host: ${names}`,
    )
  }
  const message =
    name === undefined ? 'No host has reported yet' : `There is no host ${safe(name)}, or more than one`
  throw new CliError('no-host', exitCodes.notFound, message, names === '' ? undefined : `There are: ${names}`)
}

function lease(text: string): number {
  let seconds: number
  try {
    seconds = Math.round(parseDuration(text) / 1000)
  } catch (error) {
    throw new CliError(
      'bad-lease',
      exitCodes.usage,
      `--lease: ${error instanceof Error ? error.message : text}`,
    )
  }
  if (seconds < 1 || seconds > 86_400) {
    throw new CliError('bad-lease', exitCodes.usage, `--lease: "${text}" is not between 1s and 24h`)
  }
  return seconds
}
