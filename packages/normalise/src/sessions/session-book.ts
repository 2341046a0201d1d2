import type { AuthenticationFacts } from '@vedette/formats/logs'
import type { Session } from '@vedette/model'

/** What is known beyond the line itself. Parts that do not apply are left out. */
export interface SessionFacts {
  readonly session?: Session
  /** Of a session that ended, milliseconds. */
  readonly duration?: number
  /** Of a login: how often the account was refused before, where it was. */
  readonly failedAttempts?: number
  /** Of a session that ended, whose line does not say so. */
  readonly userName?: string
}

interface Known {
  readonly session: Session
  readonly key: string
  readonly service: string
  readonly userName: string
  origin: string | undefined
  /** Which lines told of its beginning: that of the service itself, and PAM's beside it. */
  readonly told: Set<AuthenticationFacts['activity']>
  ended: boolean
}

interface Failures {
  count: number
  lastMs: number
}

/** Sessions, and accounts that were refused, that are remembered; beyond, the oldest are forgotten. */
const MOST = 20_000
/** Lines about the beginning of one session come within this time. */
const BEGINNING_MS = 120_000
/** A refusal so long ago has nothing to do with a login. */
const FAILURES_MS = 86_400_000

/**
 * Joins the lines that tell of one session: by the process that wrote them, else by the account and where it came from. For
 * one host or several; lines are given in the order of the log.
 */
export class SessionBook {
  /** By host, service and process, or what stands for it. The newest of a key. */
  readonly #byProcess = new Map<string, Known>()
  /** By host, service, account, address and port. */
  readonly #byOrigin = new Map<string, Known>()
  readonly #failures = new Map<string, Failures>()

  /** Takes up a line and tells what it means for its session. */
  take(
    facts: AuthenticationFacts,
    { timeMs, host = '', pid }: { readonly timeMs: number; readonly host?: string; readonly pid?: number },
  ): SessionFacts {
    const failed = this.#countFailures(facts, host, timeMs)
    const known =
      facts.session === 'opened'
        ? this.#begin(facts, host, pid, timeMs)
        : facts.session === 'closed'
          ? this.#end(facts, host, pid)
          : undefined
    const failedAttempts = failed === undefined || failed === 0 ? {} : { failedAttempts: failed }
    if (known === undefined) return failedAttempts
    return {
      ...failedAttempts,
      session: known.session,
      ...(facts.session === 'closed' && { duration: Math.max(0, timeMs - known.session.created_time) }),
      ...(facts.user.name === undefined && known.userName !== '' && { userName: known.userName }),
    }
  }

  #begin(facts: AuthenticationFacts, host: string, pid: number | undefined, timeMs: number): Known {
    const key = processKey(facts, host, pid)
    const origin = originKey(facts, host)
    const before = this.#byProcess.get(key)
    if (before !== undefined && this.#isSame(before, facts, origin, timeMs)) {
      before.told.add(facts.activity)
      return before
    }
    // The line of a session's own process, which is another one than that of its login.
    const sibling =
      facts.activity === 'other' && origin !== undefined ? this.#byOrigin.get(origin) : undefined
    if (sibling !== undefined && !sibling.ended) return sibling
    const { terminal, service, sessionId } = facts
    const id = sessionId ?? pid ?? facts.user.name ?? ''
    const known: Known = {
      session: {
        uid: `${service}-${String(id).slice(0, 128)}-${Math.round(timeMs)}`,
        created_time: timeMs,
        ...(terminal !== undefined && { terminal }),
      },
      key,
      service,
      userName: facts.user.name ?? '',
      origin,
      told: new Set([facts.activity]),
      ended: false,
    }
    keep(this.#byProcess, key, known)
    if (origin !== undefined) keep(this.#byOrigin, origin, known)
    return known
  }

  /** Whether a line about a beginning is about one that was told already. */
  #isSame(before: Known, facts: AuthenticationFacts, origin: string | undefined, timeMs: number): boolean {
    if (before.ended || timeMs - before.session.created_time > BEGINNING_MS) return false
    if (before.userName !== (facts.user.name ?? '')) return false
    // PAM's line after that of the service, or the other way round; two of one kind are two sessions, unless both say from
    // where.
    if (origin !== undefined && before.origin !== undefined) {
      return before.origin === origin && facts.activity === 'other'
    }
    if (before.told.has(facts.activity)) return false
    if (origin !== undefined) {
      before.origin = origin
      keep(this.#byOrigin, origin, before)
    }
    return true
  }

  #end(facts: AuthenticationFacts, host: string, pid: number | undefined): Known | undefined {
    const origin = originKey(facts, host)
    const known =
      (origin === undefined ? undefined : this.#byOrigin.get(origin)) ??
      this.#byProcess.get(processKey(facts, host, pid))
    const { name } = facts.user
    if (known === undefined || (name !== undefined && known.userName !== name)) return undefined
    // Stays, for the other lines that tell of the end.
    known.ended = true
    return known
  }

  /** Counts what was refused; of a login gives the number since the last one. */
  #countFailures(
    { activity, status, user, actor, address, host: from, attempts }: AuthenticationFacts,
    host: string,
    timeMs: number,
  ): number | undefined {
    if (activity !== 'logon' || status === 'unknown' || user.name === undefined) return undefined
    const key = keyOf(host, user.name, address ?? from ?? actor?.name ?? '')
    const before = this.#failures.get(key)
    const count = before === undefined || timeMs - before.lastMs > FAILURES_MS ? 0 : before.count
    if (status === 'success') {
      this.#failures.delete(key)
      return count
    }
    // Of a line that stands for several attempts each is told of alone.
    keep(this.#failures, key, { count: count + attempts, lastMs: timeMs })
    return undefined
  }
}

/** One text of several, whatever stands in them. */
function keyOf(first: string, second: string, third = '', last = ''): string {
  return `${first.length} ${second.length} ${third.length} ${first}${second}${third}${last}`
}

function processKey(
  { service, sessionId, user }: AuthenticationFacts,
  host: string,
  pid: number | undefined,
): string {
  // A number and a text are told apart.
  return pid !== undefined && sessionId === undefined
    ? `${pid} ${keyOf(host, service)}`
    : keyOf(host, service, sessionId ?? user.name ?? '')
}

function originKey({ service, user, address, port }: AuthenticationFacts, host: string): string | undefined {
  if (address === undefined || port === undefined || port === 0) return undefined
  return `${port} ${keyOf(host, service, address, user.name)}`
}

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= MOST) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    break
  }
}
