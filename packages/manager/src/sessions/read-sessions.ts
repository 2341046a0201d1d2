import { basename } from 'node:path'
import type { ForeignRecord } from '@vedette/formats'
import { type AuthenticationFacts, parseAuthentication } from '@vedette/formats/logs'
import { SessionBook } from '@vedette/normalise/sessions'
import { readBatches } from '../hunt/read-records.ts'
import type { Unreadable } from '../hunt/targets.ts'
import { SessionList } from './login-session.ts'
import { UtmpSessions } from './utmp-sessions.ts'

/** More lines about sign-ins than this are not held. */
const MOST_LINES = 2_000_000

interface Line {
  readonly timeMs: number
  readonly host: string
  readonly pid: number | undefined
  readonly facts: AuthenticationFacts
}

interface UtmpLine {
  readonly timeMs: number
  readonly record: ForeignRecord
  readonly isFailure: boolean
}

export interface ReadSessions {
  readonly list: SessionList
  readonly unreadable: readonly Unreadable[]
  /** Lines that there was no room for. */
  readonly dropped: number
}

/**
 * The sessions that logs tell of: syslog, the journal, and wtmp with btmp; files and folders, also packed. Lines of all
 * files are put in order of time first, since a session may begin in a file that was rotated away.
 */
export async function readSessions(paths: readonly string[], signal?: AbortSignal): Promise<ReadSessions> {
  const lines: Line[] = []
  const logins: UtmpLine[] = []
  const unreadable: Unreadable[] = []
  let dropped = 0
  for await (const batch of readBatches(paths, signal)) {
    unreadable.push(...batch.unreadable)
    for (const record of batch.records) {
      if (lines.length + logins.length >= MOST_LINES) {
        dropped += 1
        continue
      }
      if (batch.format === 'utmp') {
        const isFailure = basename(batch.file).startsWith('btmp')
        logins.push({ timeMs: timeOf(record), record, isFailure })
        continue
      }
      const line = lineOf(record)
      if (line !== undefined) lines.push(line)
    }
  }
  const list = new SessionList()
  const book = new SessionBook()
  for (const { facts, ...line } of lines.sort((a, b) => a.timeMs - b.timeMs)) addLine(list, book, line, facts)
  const utmp = new UtmpSessions(list)
  for (const { record, isFailure } of logins.sort((a, b) => a.timeMs - b.timeMs)) utmp.take(record, isFailure)
  return { list, unreadable, dropped }
}

function addLine(
  list: SessionList,
  book: SessionBook,
  { timeMs, host, pid }: Omit<Line, 'facts'>,
  facts: AuthenticationFacts,
): void {
  const { session, duration, failedAttempts, userName } = book.take(facts, {
    timeMs,
    host,
    ...(pid !== undefined && { pid }),
  })
  if (session === undefined) return
  const { user, actor, address, service, protocol, activity } = facts
  list.add({
    host,
    uid: session.uid,
    service,
    isOwn: activity === 'logon',
    user: user.name ?? userName ?? user.uid,
    actor: actor?.name === user.name ? undefined : actor?.name,
    from: address ?? facts.host ?? session.terminal,
    method: protocol,
    startMs: session.created_time,
    endMs: duration === undefined ? undefined : session.created_time + duration,
    failedBefore: failedAttempts ?? 0,
  })
}

function lineOf(record: ForeignRecord): Line | undefined {
  const { program, message, hostname, pid } = record
  if (typeof program !== 'string' || typeof message !== 'string') return undefined
  const facts = parseAuthentication(program, message)
  const timeMs = timeOf(record)
  if (facts === undefined || !Number.isFinite(timeMs)) return undefined
  return {
    timeMs,
    host: typeof hostname === 'string' ? hostname : '',
    pid: typeof pid === 'number' ? pid : undefined,
    facts,
  }
}

function timeOf({ time }: ForeignRecord): number {
  return typeof time === 'string' ? Date.parse(time) : Number.NaN
}
