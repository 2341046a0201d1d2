/** From when somebody was let in until they left. Keys are as they are printed. */
export interface LoginSession {
  readonly host: string
  readonly user: string
  /** Who became that user, for sudo and su. */
  readonly actor?: string
  /** `sshd`, `login`, `su`, `sudo`, ... */
  readonly service: string
  /** Where from: an address, or a terminal. */
  readonly from?: string
  /** `password`, `publickey`, ... */
  readonly method?: string
  /** Milliseconds since the epoch. */
  readonly start: number
  /** Left out where the end was not seen: it may still last. */
  readonly end?: number
  /** Milliseconds. */
  readonly duration?: number
  /** How often the account was refused before, from there, since it was let in last. */
  readonly failed_before: number
}

/** What one line, or one Event, tells of a session. */
export interface SessionSighting {
  readonly host: string
  readonly uid: string
  readonly service: string
  /** Of the process that wrote the line. */
  readonly pid?: number | undefined
  /** The line that says so itself, not one that accompanies it: it knows best. */
  readonly isOwn: boolean
  readonly user?: string | undefined
  readonly actor?: string | undefined
  readonly from?: string | undefined
  readonly method?: string | undefined
  readonly startMs: number
  /** Of its end. */
  readonly endMs?: number | undefined
  readonly failedBefore: number
}

/** The end of a session, as its process tells it. */
export interface SessionEnd {
  readonly host: string
  readonly service: string
  readonly pid: number
  readonly user: string
  readonly timeMs: number
}

/** More sessions than this are not held. */
const MOST = 200_000
/** Sessions that nobody logged in for, and those of logind, which accompany others. */
const UNATTENDED = new Set(['cron', 'crond', 'atd', 'systemd-user', 'runuser', 'systemd-logind', 'run-parts'])

/** Puts sessions together from what is told of them, in any order. */
export class SessionList {
  readonly #sessions = new Map<string, { session: LoginSession; isOwn: boolean }>()
  /** By host, service and process: the session that it began last. */
  readonly #byProcess = new Map<string, string>()
  #dropped = 0

  /** Sessions that there was no room for. */
  get dropped(): number {
    return this.#dropped
  }

  add(sighting: SessionSighting): void {
    const { host, uid, service, startMs, endMs, isOwn, failedBefore } = sighting
    const key = `${host} ${uid}`
    if (sighting.pid !== undefined) this.#byProcess.set(processKey(host, service, sighting.pid), key)
    const known = this.#sessions.get(key)
    if (known === undefined && this.#sessions.size >= MOST) {
      this.#dropped += 1
      return
    }
    const before = known?.session
    // What the service itself says goes before what PAM says beside it.
    const first = <T>(own: T | undefined, other: T | undefined): T | undefined =>
      isOwn || known?.isOwn !== true ? (own ?? other) : (other ?? own)
    const user = first(sighting.user, before?.user)
    const actor = first(sighting.actor, before?.actor)
    const from = first(sighting.from, before?.from)
    const method = first(sighting.method, before?.method)
    const end = Math.max(endMs ?? -Infinity, before?.end ?? -Infinity)
    this.#sessions.set(key, {
      isOwn: isOwn || known?.isOwn === true,
      session: {
        host,
        user: user ?? '',
        ...(actor !== undefined && { actor }),
        service,
        ...(from !== undefined && { from }),
        ...(method !== undefined && { method }),
        start: startMs,
        ...(end > -Infinity && { end, duration: Math.max(0, end - startMs) }),
        failed_before: Math.max(failedBefore, before?.failed_before ?? 0),
      },
    })
  }

  /**
   * Ends the session that a process began, where nothing but that is known of its end: whoever saw its beginning was
   * started anew meanwhile. Given after the beginning.
   */
  end({ host, service, pid, user, timeMs }: SessionEnd): void {
    const key = this.#byProcess.get(processKey(host, service, pid))
    const known = key === undefined ? undefined : this.#sessions.get(key)
    if (key === undefined || known === undefined) return
    const { session, isOwn } = known
    if (session.end !== undefined || session.user !== user || timeMs < session.start) return
    this.#sessions.set(key, { isOwn, session: { ...session, end: timeMs, duration: timeMs - session.start } })
  }

  /** By their beginning. @param unattended also those of cron and the like */
  sessions(unattended: boolean): LoginSession[] {
    return [...this.#sessions.values()]
      .map(({ session }) => session)
      .filter(({ service }) => unattended || !UNATTENDED.has(service))
      .sort((a, b) => a.start - b.start)
  }
}

function processKey(host: string, service: string, pid: number): string {
  return `${host} ${service} ${pid}`
}
