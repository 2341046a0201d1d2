import { addEvent, type LoginSession, readSessions, SessionList } from '@vedette/manager/sessions'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { span } from '../../format/span.ts'
import { exact, parseSince } from '../../format/time.ts'
import { mustExist } from '../../must-exist.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { storedEvents } from '../hunt/stored-events.ts'

export interface SessionsOptions {
  readonly since: string
  readonly user?: string
  readonly all?: boolean
}

export async function sessions(
  invocation: Invocation,
  options: SessionsOptions,
  paths: readonly string[],
): Promise<ExitCode> {
  const { list, unreadable } =
    paths.length > 0 ? await ofFiles(invocation, paths) : await ofStore(invocation, options)
  const found = list
    .sessions(options.all === true)
    .filter(({ user }) => options.user === undefined || user === options.user)
  if (invocation.json) printJson(invocation, found)
  else print(invocation, found)
  if (list.dropped > 0)
    invocation.terminal.err(`${list.dropped} sessions more than can be shown were left out\n`)
  return found.length === 0 && unreadable > 0 ? exitCodes.failure : exitCodes.ok
}

async function ofFiles(
  { terminal, signal }: Invocation,
  paths: readonly string[],
): Promise<{ readonly list: SessionList; readonly unreadable: number }> {
  mustExist(paths)
  const { list, unreadable, dropped } = await readSessions(paths, signal)
  for (const { file, offset, reason } of unreadable) {
    terminal.err(
      `unreadable: ${safe(file)}${offset === undefined ? '' : `, byte ${offset}`}: ${safe(reason)}\n`,
    )
  }
  if (dropped > 0) terminal.err(`${dropped} lines about sign-ins more than can be held were left out\n`)
  return { list, unreadable: unreadable.length }
}

async function ofStore(
  { paths, clock, signal }: Invocation,
  { since }: SessionsOptions,
): Promise<{ readonly list: SessionList; readonly unreadable: number }> {
  const now = clock.now()
  const fromMs = sinceOption(since, now)
  using client = connect(paths)
  const list = new SessionList()
  for await (const page of storedEvents(client, fromMs, now, signal, { kind: 'authentication' })) {
    for (const event of page) if (event.kind === 'authentication') addEvent(list, event)
  }
  return { list, unreadable: 0 }
}

function sinceOption(text: string, nowMs: number): number {
  try {
    return parseSince(text, nowMs)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError('bad-time', exitCodes.usage, `--since: ${reason}`)
  }
}

function print(invocation: Invocation, found: readonly LoginSession[]): void {
  if (found.length === 0) return printLine(invocation, 'No sessions.')
  const { style } = invocation
  printTable(
    invocation,
    [
      { title: 'USER' },
      { title: 'FROM', flexible: true },
      { title: 'HOST' },
      { title: 'SERVICE' },
      { title: 'START' },
      { title: 'END' },
      { title: 'DURATION', align: 'right' },
      { title: 'REFUSED BEFORE', align: 'right' },
    ],
    found.map(({ user, actor, from, host, service, start, end, duration, failed_before: failed }) => [
      safe(actor === undefined ? user : `${user} (${actor})`, 60),
      safe(from ?? '-', 60),
      safe(host === '' ? '-' : host, 40),
      safe(service, 30),
      exact(start),
      end === undefined ? style.dim('not seen') : exact(end),
      duration === undefined ? '' : span(duration),
      failed === 0 ? '' : style.warn(String(failed)),
    ]),
  )
}
