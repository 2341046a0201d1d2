import {
  type AccountFacts,
  type AuthenticationFacts,
  parseAccountChange,
  parseAuthentication,
  parseServiceMessage,
  type ServiceFacts,
} from '@vedette/formats/logs'
import type {
  AccountEvent,
  AuthenticationEvent,
  Event,
  JournalRecord,
  KernelLogRecord,
  LineRecord,
  LogEvent,
  LogSource,
  User,
} from '@vedette/model'
import { boundedText } from '../../bounded-text.ts'
import type { EventFactory } from '../../event-factory.ts'
import type { Redactor } from '../../redaction/redact.ts'
import { SessionBook, type SessionFacts } from '../../sessions/session-book.ts'
import { type LogLine, readJournalEntry, readKernelMessage, readLine } from './log-line.ts'

/** A line that claims to be older or younger than this is dated by its reading: nothing else bounds what it claims. */
const MAX_AGE_MS = 400 * 86_400_000
const MAX_AHEAD_MS = 86_400_000
/** Of the parts of a line: more than these are not carried (the schema of log Events). */
const MOST_PARTS = 256
const MOST_CHARACTERS = 60_000
const LONGEST_PART = 8192

/** Sigma's services of Linux; what is not among them is `syslog`. */
const SERVICES: Readonly<Record<string, string>> = {
  cron: 'cron',
  crond: 'cron',
  crontab: 'cron',
  anacron: 'cron',
  atd: 'cron',
}

/** Turns lines of logs into Events: authentications and changes of accounts where it understands them, else the line itself. */
export class LineSource {
  readonly #events: EventFactory
  readonly #redactor: Redactor
  readonly #sessions = new SessionBook()

  constructor(events: EventFactory, redactor: Redactor) {
    this.#events = events
    this.#redactor = redactor
  }

  /** Adds the Events of a line to `into`: one, or several for a line that stands for several attempts. */
  normalise(record: LineRecord | JournalRecord | KernelLogRecord, into: Event[]): void {
    const line = logLineOf(record)
    const { program, message } = line
    const facts = program === undefined ? undefined : parseAuthentication(program, message)
    if (facts !== undefined) {
      const known = this.#sessions.take(facts, { ...line, timeMs: timeOf(line) })
      for (let i = 0; i < facts.attempts; i += 1) into.push(this.#authentication(line, facts, known))
      return
    }
    const change = program === undefined ? undefined : parseAccountChange(program, message)
    into.push(change === undefined ? this.#log(line) : this.#account(line, change))
  }

  #log(line: LogLine): LogEvent {
    const { program, pid, container } = line
    const { message, raw } = this.#words(line)
    const facts = program === undefined ? undefined : parseServiceMessage(program, line.message)
    return {
      ...this.#events.base(timeOf(line), line.provider),
      kind: 'log',
      class_uid: 0,
      message,
      ...(raw !== message && { raw }),
      path: boundedText(line.path, 4096),
      ...(program !== undefined && { service: boundedText(program, 256) }),
      ...(pid !== undefined && { pid }),
      ...(container !== undefined && { container }),
      ...(facts !== undefined && { event_code: facts.code }),
      ...this.#parts(line, facts),
    }
  }

  /** What the line is made of, as a record that rules can ask for. */
  #parts(line: LogLine, facts: ServiceFacts | undefined): Pick<LogEvent, 'unmapped' | 'log_source'> {
    const found = facts === undefined ? line.record : facts.fields
    if (found === undefined) return {}
    const entries = Object.entries(found)
    if (entries.length === 0 || entries.length > MOST_PARTS) return {}
    // Of a line of a file all parts stand in it. What was escaped there may be a secret only now.
    const isFile = line.provider === 'file'
    const isClean = isFile && !line.raw.includes('\\') && this.#redactor.isClean(line.raw)
    const carry = (longest: number): Record<string, unknown> => {
      const parts: Record<string, unknown> = {}
      for (const [name, value] of entries) {
        if (typeof value !== 'string') parts[name.slice(0, 256)] = value
        else parts[name.slice(0, 256)] = boundedText(isClean ? value : this.#redactor.text(value), longest)
      }
      return parts
    }
    let unmapped = carry(LONGEST_PART)
    // Escapes make it longer than it is, up to six times; a part may be there under several names.
    const isSurelySmall = isFile && line.raw.length < MOST_CHARACTERS / 6 / 4 / 2 && entries.length < 32
    if (!isSurelySmall && JSON.stringify(unmapped).length > MOST_CHARACTERS) unmapped = carry(32)
    const source = facts === undefined ? line.recordSource : sourceOf(line.program)
    return { unmapped, ...(source !== undefined && { log_source: source }) }
  }

  #authentication(line: LogLine, facts: AuthenticationFacts, known: SessionFacts): AuthenticationEvent {
    const { actor, protocol, address } = facts
    const { session, duration, failedAttempts, userName } = known
    return {
      ...this.#events.base(timeOf(line), line.provider),
      kind: 'authentication',
      class_uid: 3002,
      activity: facts.activity,
      status: facts.status,
      user: userOf(
        facts.user.name === undefined && userName !== undefined
          ? { ...facts.user, name: userName }
          : facts.user,
      ),
      ...(actor !== undefined && { actor_user: userOf(actor) }),
      service: boundedText(facts.service, 256),
      ...(protocol !== undefined && { auth_protocol: boundedText(protocol, 256) }),
      ...(address !== undefined && { src_endpoint: { ip: address, port: facts.port ?? 0 } }),
      ...(facts.host !== undefined && { src_hostname: boundedText(facts.host, 255) }),
      ...(facts.unknownUser === true && { is_unknown_user: true }),
      ...(line.pid !== undefined && { pid: line.pid }),
      ...(session !== undefined && { session: { ...session, uid: boundedText(session.uid, 256) } }),
      ...(duration !== undefined && { duration }),
      ...(failedAttempts !== undefined && { failed_attempts: failedAttempts }),
      ...trimmed(this.#words(line)),
    }
  }

  #account(line: LogLine, { activity, status, user, group, actor, service }: AccountFacts): AccountEvent {
    return {
      ...this.#events.base(timeOf(line), line.provider),
      kind: 'account',
      class_uid: 3001,
      activity,
      status,
      ...(user !== undefined && { user: userOf(user) }),
      ...(group !== undefined && {
        group: {
          name: boundedText(group.name ?? '', 256),
          ...(group.uid !== undefined && { uid: group.uid }),
        },
      }),
      ...(actor !== undefined && { actor_user: userOf(actor) }),
      service: boundedText(service, 256),
      ...(line.pid !== undefined && { pid: line.pid }),
      ...trimmed(this.#words(line)),
    }
  }

  /** The message and the whole line, as they may leave the host. Of a line in which no secret is, its end holds none. */
  #words({ message, raw }: LogLine): { readonly message: string; readonly raw: string } {
    const redacted = this.#redactor.text(raw)
    const isClean = redacted === raw && raw.endsWith(message)
    return {
      message: boundedText(isClean ? message : this.#redactor.text(message)),
      raw: boundedText(redacted),
    }
  }
}

function logLineOf(record: LineRecord | JournalRecord | KernelLogRecord): LogLine {
  switch (record.source) {
    case 'line':
      return readLine(record)
    case 'journal':
      return readJournalEntry(record)
    default:
      return readKernelMessage(record)
  }
}

/** sudo writes blanks before its message. */
function trimmed(words: { readonly message: string; readonly raw: string }): typeof words {
  return { ...words, message: words.message.trim() }
}

function userOf({ name, uid }: AuthenticationFacts['user']): User {
  return { uid: uid ?? '', ...(name !== undefined && { name: boundedText(name, 256) }) }
}

function sourceOf(program = ''): LogSource {
  const name = program.slice(program.lastIndexOf('/') + 1).toLowerCase()
  return { product: 'linux', service: SERVICES[name] ?? 'syslog' }
}

function timeOf({ timeMs, readMs }: LogLine): number {
  const age = timeMs === undefined ? Infinity : readMs - timeMs
  return timeMs !== undefined && age < MAX_AGE_MS && age > -MAX_AHEAD_MS ? timeMs : readMs
}
