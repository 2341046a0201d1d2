import { CodedError, type Counters } from '@vedette/base'
import { storeFailure } from '../failure.ts'
import type { EventStore, OwnedBatch, PreparedBatch } from './event-store.ts'
import type { EventWriter } from './options.ts'
import { runKey } from './stored-runs.ts'

export interface EventWriterOptions {
  /** Longest that a batch waits for company, milliseconds. Default 500. */
  readonly maxDelayMs?: number
  /** Events at which a group is written at once. Default 10 000. */
  readonly groupEvents?: number
  /** Most events of a group. Default three times `groupEvents`: the larger, the less an event costs. */
  readonly mostEvents?: number
  /** Most events that may wait. Default 100 000. */
  readonly maxWaitingEvents?: number
}

interface Waiting {
  readonly prepared: PreparedBatch
  readonly key: string
  readonly done: PromiseWithResolvers<void>
}

/** Groups batches for one store. Disposing of it writes what waits; it does not close the store. */
export function openEventWriter(
  store: Pick<EventStore, 'append' | 'prepare'>,
  options: EventWriterOptions = {},
): EventWriter {
  return new GroupWriter(store, options)
}

class GroupWriter implements EventWriter {
  readonly #store: Pick<EventStore, 'append' | 'prepare'>
  readonly #maxDelayMs: number
  readonly #groupEvents: number
  readonly #mostEvents: number
  readonly #maxWaitingEvents: number
  #waiting: Waiting[] = []
  #waitingEvents = 0
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #closed = false
  #emitted = 0
  #delivered = 0
  #lost = 0

  constructor(store: Pick<EventStore, 'append' | 'prepare'>, options: EventWriterOptions) {
    this.#store = store
    this.#maxDelayMs = options.maxDelayMs ?? 500
    this.#groupEvents = options.groupEvents ?? 10_000
    this.#mostEvents = options.mostEvents ?? 3 * this.#groupEvents
    this.#maxWaitingEvents = options.maxWaitingEvents ?? 100_000
  }

  counters(): Counters {
    return { emitted: this.#emitted, delivered: this.#delivered, lost: this.#lost }
  }

  write(owned: OwnedBatch): Promise<void> {
    const size = owned.batch.events.length
    this.#emitted += size
    if (this.#closed || (this.#waitingEvents > 0 && this.#waitingEvents + size > this.#maxWaitingEvents)) {
      this.#lost += size
      return Promise.reject(
        new CodedError('busy', `Cannot take a batch: ${this.#waitingEvents} events wait to be stored`),
      )
    }
    const done = Promise.withResolvers<void>()
    // At once: its rows take a third of the memory, and what they were made of is young enough to cost nothing.
    const prepared = this.#store.prepare(owned)
    this.#waiting.push({ prepared, key: runKey(prepared), done })
    this.#waitingEvents += size
    if (this.#writing === undefined) {
      if (this.#waitingEvents >= this.#groupEvents) this.#start()
      else this.#timer ??= setTimeout(() => this.#start(), this.#maxDelayMs)
    }
    return done.promise
  }

  #start(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const startedMs = performance.now()
    this.#writing = this.#work().finally(() => {
      this.#writing = undefined
      if (this.#waiting.length === 0) return
      // Small inserts one right after the other would make small parts faster than the store can merge them.
      const pauseMs = Math.max(0, this.#maxDelayMs - (performance.now() - startedMs))
      this.#timer ??= setTimeout(() => this.#start(), pauseMs)
    })
  }

  async #work(): Promise<void> {
    do {
      const group = this.#take()
      try {
        await this.#store.append(group.map(({ prepared }) => prepared))
        this.#delivered += eventsIn(group)
        for (const { done } of group) done.resolve()
      } catch (error) {
        this.#fail(group, error)
      }
    } while (this.#waitingEvents >= this.#groupEvents || (this.#closed && this.#waiting.length > 0))
  }

  #take(): Waiting[] {
    let count = 0
    let size = 0
    for (const { prepared } of this.#waiting) {
      if (count > 0 && size + prepared.events > this.#mostEvents) break
      count += 1
      size += prepared.events
    }
    this.#waitingEvents -= size
    return this.#waiting.splice(0, count)
  }

  /** Later batches of the same runs fail with it: stored before an earlier one, they would hide that it is missing. */
  #fail(group: readonly Waiting[], error: unknown): void {
    const runs = new Set(group.map(({ key }) => key))
    const behind = this.#waiting.filter(({ key }) => runs.has(key))
    this.#waiting = this.#waiting.filter(({ key }) => !runs.has(key))
    this.#waitingEvents -= eventsIn(behind)
    const failure = storeFailure('event-store-failed', 'store events', error)
    for (const { prepared, done } of [...group, ...behind]) {
      this.#lost += prepared.events
      done.reject(failure)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    while (this.#writing !== undefined || this.#waiting.length > 0) {
      if (this.#writing === undefined) this.#start()
      await this.#writing
    }
  }
}

function eventsIn(waiting: readonly Waiting[]): number {
  return waiting.reduce((sum, { prepared }) => sum + prepared.events, 0)
}
