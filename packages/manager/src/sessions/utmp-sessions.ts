import type { ForeignRecord } from '@vedette/formats'
import type { SessionList } from './login-session.ts'

interface Open {
  readonly uid: string
  readonly user: string
  readonly startMs: number
}

/** Sessions of wtmp and btmp (utmp(5)): one lasts until its line is given up, the machine is shut down, or boots again. */
export class UtmpSessions {
  readonly #list: SessionList
  readonly #open = new Map<string, Open>()
  readonly #failures = new Map<string, number>()

  constructor(list: SessionList) {
    this.#list = list
  }

  take(record: ForeignRecord, isFailure: boolean): void {
    const { type, line, user, host, address, pid, time } = record
    const timeMs = typeof time === 'string' ? Date.parse(time) : Number.NaN
    if (!Number.isFinite(timeMs)) return
    const from = textOf(address) ?? textOf(host) ?? textOf(line)
    const name = textOf(user) ?? ''
    if (isFailure) {
      const key = JSON.stringify([name, from])
      this.#failures.set(key, (this.#failures.get(key) ?? 0) + 1)
      return
    }
    if (type === 'boot_time' || (type === 'run_level' && name === 'shutdown')) {
      for (const at of this.#open.keys()) this.#end(at, timeMs)
      return
    }
    const place = textOf(line)
    if (place === undefined) return
    // A line that is given to somebody else was given up before.
    if (type === 'dead_process' || type === 'user_process') this.#end(place, timeMs)
    if (type !== 'user_process') return
    const uid = `utmp-${place}-${String(pid)}-${timeMs}`
    const key = JSON.stringify([name, from])
    this.#open.set(place, { uid, user: name, startMs: timeMs })
    this.#list.add({
      host: '',
      uid,
      service: 'utmp',
      isOwn: true,
      user: name,
      from: from === place ? place : from,
      startMs: timeMs,
      failedBefore: this.#failures.get(key) ?? 0,
    })
    this.#failures.delete(key)
  }

  #end(line: string, timeMs: number): void {
    const open = this.#open.get(line)
    if (open === undefined) return
    this.#open.delete(line)
    const { uid, user, startMs } = open
    this.#list.add({
      host: '',
      uid,
      service: 'utmp',
      isOwn: false,
      user,
      startMs,
      endMs: timeMs,
      failedBefore: 0,
    })
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
