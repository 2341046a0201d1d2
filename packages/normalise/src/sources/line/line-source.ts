import {
  type AuthenticationFacts,
  parseAuthentication,
  parseSyslog,
  type SyslogMessage,
} from '@vedette/formats/logs'
import type { AuthenticationEvent, Event, LineRecord, LogEvent, User } from '@vedette/model'
import { boundedText } from '../../bounded-text.ts'
import type { EventFactory } from '../../event-factory.ts'
import type { Redactor } from '../../redaction/redact.ts'

/** Its collector, as Events name it. */
const PROVIDER = 'file'
/** A line that claims to be older or younger than this is dated by its reading: nothing else bounds what it claims. */
const MAX_AGE_MS = 400 * 86_400_000
const MAX_AHEAD_MS = 86_400_000

/** Turns lines of logs into Events: authentications where it understands them, else the line itself. */
export class LineSource {
  readonly #events: EventFactory
  readonly #redactor: Redactor

  constructor(events: EventFactory, redactor: Redactor) {
    this.#events = events
    this.#redactor = redactor
  }

  /** Adds the Events of a line to `into`: one, or several for a line that stands for several attempts. */
  normalise(record: LineRecord, into: Event[]): void {
    const parsed = parseSyslog(record.text, { readAtMs: record.timeMs })
    const syslog = parsed.ok ? parsed.value : undefined
    const facts =
      syslog?.program === undefined ? undefined : parseAuthentication(syslog.program, syslog.message)
    if (syslog === undefined || facts === undefined) {
      into.push(this.#log(record, syslog))
      return
    }
    for (let i = 0; i < facts.attempts; i += 1) into.push(this.#authentication(record, syslog, facts))
  }

  #log(record: LineRecord, syslog: SyslogMessage | undefined): LogEvent {
    const raw = this.#text(record.text)
    const message = syslog === undefined ? raw : this.#text(syslog.message)
    return {
      ...this.#events.base(timeOf(record, syslog), PROVIDER),
      kind: 'log',
      class_uid: 0,
      message,
      ...(raw !== message && { raw }),
      path: boundedText(record.path, 4096),
      ...(syslog?.program !== undefined && { service: boundedText(syslog.program, 256) }),
      ...(syslog?.pid !== undefined && { pid: syslog.pid }),
    }
  }

  #authentication(
    record: LineRecord,
    syslog: SyslogMessage,
    facts: AuthenticationFacts,
  ): AuthenticationEvent {
    const { actor, protocol, address } = facts
    return {
      ...this.#events.base(timeOf(record, syslog), PROVIDER),
      kind: 'authentication',
      class_uid: 3002,
      activity: facts.activity,
      status: facts.status,
      user: userOf(facts.user),
      ...(actor !== undefined && { actor_user: userOf(actor) }),
      service: boundedText(facts.service, 256),
      ...(protocol !== undefined && { auth_protocol: protocol }),
      ...(address !== undefined && { src_endpoint: { ip: address, port: facts.port ?? 0 } }),
      ...(facts.unknownUser === true && { is_unknown_user: true }),
      ...(syslog.pid !== undefined && { pid: syslog.pid }),
      message: this.#text(syslog.message).trim(),
      raw: this.#text(record.text),
    }
  }

  #text(text: string): string {
    return boundedText(this.#redactor.text(text))
  }
}

function userOf({ name, uid }: AuthenticationFacts['user']): User {
  return { uid: uid ?? '', ...(name !== undefined && { name: boundedText(name, 256) }) }
}

function timeOf(record: LineRecord, syslog: SyslogMessage | undefined): number {
  const time = syslog?.timeMs
  const age = time === undefined ? Infinity : record.timeMs - time
  return time !== undefined && age < MAX_AGE_MS && age > -MAX_AHEAD_MS ? time : record.timeMs
}
