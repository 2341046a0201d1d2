import type { Clock, Logger } from '@vedette/base'
import type { AuditPort } from './action.ts'
import { freeze } from './actions/freeze/index.ts'
import type { Lease, LeaseBook } from './lease-book.ts'
import type { OneAtATime } from './one-at-a-time.ts'

export interface LeaseKeeperOptions {
  readonly book: LeaseBook
  readonly audit: AuditPort
  readonly clock: Clock
  readonly log: Logger
  /** A lease that ends by itself waits for what is under way. */
  readonly turns: OneAtATime
  /** Told when a lease has ended and `thawed` processes go on. */
  readonly onEnded: (lease: Lease, thawed: number, reason: string) => void
}

/** Ends leases on time. */
export class LeaseKeeper implements AsyncDisposable {
  readonly #options: LeaseKeeperOptions
  /** By lease: when it ends, monotonic milliseconds. The wall clock may jump. */
  readonly #deadlines = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: LeaseKeeperOptions) {
    this.#options = options
  }

  get leases(): readonly Lease[] {
    return this.#options.book.leases
  }

  /** Goes on with the leases of an earlier run; those that ended meanwhile are ended before it resolves. */
  async resume(): Promise<void> {
    const { clock } = this.#options
    for (const { id, endsMs, leaseMs } of this.leases) {
      const left = Math.min(Math.max(endsMs - clock.now(), 0), leaseMs)
      this.#deadlines.set(id, clock.monotonic() + left)
    }
    await this.#endOverdue()
  }

  /** Writes a lease, new or with more members; `deadline` is in monotonic milliseconds. On disk once it has resolved. */
  async put(lease: Lease, deadline: number): Promise<void> {
    await this.#options.book.put(lease)
    this.#deadlines.set(lease.id, deadline)
    this.#arm()
  }

  find(id: string): Lease | undefined {
    return this.leases.find((lease) => lease.id === id)
  }

  /** Leases that hold a process. */
  holding(pid: number, startTicks: number | undefined): Lease[] {
    return this.leases.filter(({ members }) =>
      members.some((one) => one.pid === pid && (startTicks === undefined || one.startTicks === startTicks)),
    )
  }

  /**
   * Undoes what a lease holds and no other does; the number of processes that go on. It is done also where it cannot be
   * recorded: that it would end was recorded when it began, and nobody should stay frozen for a full disk.
   */
  async end(lease: Lease, actor: string, reason: string): Promise<number> {
    const { audit, book, log, onEnded } = this.#options
    const target = lease.members.map(({ pid }) => pid).join(', ')
    try {
      await audit.append({
        actor,
        action: 'respond.thaw',
        target: `process ${target.slice(0, 1000)}`,
        outcome: 'undone',
        detail: { response: lease.id, reason },
      })
    } catch (error) {
      log.error({ error, lease: lease.id }, 'audit log cannot be written')
    }
    const others = this.leases.filter(({ id }) => id !== lease.id).flatMap(({ members }) => members)
    const free = lease.members.filter(
      ({ pid, startTicks }) => !others.some((one) => one.pid === pid && one.startTicks === startTicks),
    )
    const thawed = freeze.undo?.run(free) ?? 0
    this.#deadlines.delete(lease.id)
    try {
      await book.remove(lease.id)
    } catch (error) {
      // Thawed once more after a restart: that hurts nobody.
      log.error({ error, lease: lease.id }, 'a lease that has ended could not be struck out')
    }
    this.#arm()
    onEnded(lease, thawed, reason)
    return thawed
  }

  /** Ends all leases: with nobody there to end them they would have no end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.turns.run(async () => {
      for (const lease of this.leases) await this.end(lease, 'agent', 'the agent stops')
    })
    clearTimeout(this.#timer)
  }

  async #endOverdue(): Promise<void> {
    const now = this.#options.clock.monotonic()
    for (const lease of this.leases) {
      if ((this.#deadlines.get(lease.id) ?? 0) <= now) await this.end(lease, 'agent', 'its lease has ended')
    }
    this.#arm()
  }

  #arm(): void {
    clearTimeout(this.#timer)
    const next = Math.min(...this.#deadlines.values())
    if (next === Infinity) return
    const { clock, log, turns } = this.#options
    this.#timer = setTimeout(
      () => {
        turns
          .run(() => this.#endOverdue())
          .catch((error: unknown) => log.error({ error }, 'a lease could not be ended'))
      },
      Math.max(0, next - clock.monotonic()),
    )
    this.#timer.unref()
  }
}
