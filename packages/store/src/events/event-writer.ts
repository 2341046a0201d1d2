import { CodedError, type Counters } from '@vedette/base'
import type { TenantId } from '@vedette/model'
import { storeFailure } from '../failure.ts'
import type { EventStore, OwnedBatch } from './event-store.ts'
import type { EventWriter } from './options.ts'
import { runKey } from './stored-runs.ts'

export interface EventWriterOptions {
  /** Longest that a batch waits for company, milliseconds. Default 500. */
  readonly maxDelayMs?: number
  /** Events at which a group is written at once. Default 10 000. */
  readonly groupEvents?: number
  /** Most events that may wait; a tenant with less than its share of them waiting may exceed it by that. Default 100 000. */
  readonly maxWaitingEvents?: number
}

interface Waiting extends OwnedBatch {
  readonly key: string
  readonly done: PromiseWithResolvers<void>
}

/** What waits of one tenant. */
interface Queue {
  batches: Waiting[]
  events: number
}

/**
 * Groups batches for one store, in turn from each tenant that has some waiting, so that one that sends much makes itself wait and not
 * the others. Disposing of it writes what waits; it does not close the store.
 */
export function openEventWriter(
  store: Pick<EventStore, 'append'>,
  options: EventWriterOptions = {},
): EventWriter {
  return new GroupWriter(store, options)
}

class GroupWriter implements EventWriter {
  readonly #store: Pick<EventStore, 'append'>
  readonly #maxDelayMs: number
  readonly #groupEvents: number
  readonly #maxWaitingEvents: number
  /** By tenant; whose turn it is next stands first. */
  readonly #waiting = new Map<TenantId, Queue>()
  #waitingEvents = 0
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #closed = false
  #emitted = 0
  #delivered = 0
  #lost = 0

  constructor(store: Pick<EventStore, 'append'>, options: EventWriterOptions) {
    this.#store = store
    this.#maxDelayMs = options.maxDelayMs ?? 500
    this.#groupEvents = options.groupEvents ?? 10_000
    this.#maxWaitingEvents = options.maxWaitingEvents ?? 100_000
  }

  counters(): Counters {
    return { emitted: this.#emitted, delivered: this.#delivered, lost: this.#lost }
  }

  write(owned: OwnedBatch): Promise<void> {
    const size = owned.batch.events.length
    this.#emitted += size
    const queue = this.#waiting.get(owned.tenant) ?? { batches: [], events: 0 }
    if (this.#closed || !this.#hasRoom(queue, size)) {
      this.#lost += size
      return Promise.reject(
        new CodedError('busy', `Cannot take a batch: ${this.#waitingEvents} events wait to be stored`),
      )
    }
    const done = Promise.withResolvers<void>()
    this.#waiting.set(owned.tenant, queue)
    queue.batches.push({ ...owned, key: runKey(owned), done })
    queue.events += size
    this.#waitingEvents += size
    if (this.#writing === undefined) {
      if (this.#waitingEvents >= this.#groupEvents) this.#start()
      else this.#timer ??= setTimeout(() => this.#start(), this.#maxDelayMs)
    }
    return done.promise
  }

  #hasRoom({ events }: Queue, size: number): boolean {
    if (events === 0 || this.#waitingEvents + size <= this.#maxWaitingEvents) return true
    return events + size <= this.#maxWaitingEvents / (this.#waiting.size + 1)
  }

  #start(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const startedMs = performance.now()
    this.#writing = this.#work().finally(() => {
      this.#writing = undefined
      if (this.#waiting.size === 0) return
      // Small inserts one right after the other would make small parts faster than the store can merge them.
      const pauseMs = Math.max(0, this.#maxDelayMs - (performance.now() - startedMs))
      this.#timer ??= setTimeout(() => this.#start(), pauseMs)
    })
  }

  async #work(): Promise<void> {
    do {
      const group = this.#take()
      try {
        await this.#store.append(group)
        this.#delivered += eventsIn(group)
        for (const { done } of group) done.resolve()
      } catch (error) {
        this.#fail(group, error)
      }
    } while (this.#waitingEvents >= this.#groupEvents || (this.#closed && this.#waiting.size > 0))
  }

  /** A batch from each tenant in turn, until a group is full. */
  #take(): Waiting[] {
    const group: Waiting[] = []
    let size = 0
    for (const [tenant, queue] of this.#waiting) {
      const [batch] = queue.batches
      const events = batch?.batch.events.length ?? 0
      if (group.length > 0 && size + events > this.#groupEvents) break
      // What is set again stands last, and the loop comes to it after all others.
      this.#waiting.delete(tenant)
      if (batch === undefined) continue
      queue.batches.shift()
      queue.events -= events
      if (queue.batches.length > 0) this.#waiting.set(tenant, queue)
      group.push(batch)
      size += events
    }
    this.#waitingEvents -= size
    return group
  }

  /** Later batches of the same runs fail with it: stored before an earlier one, they would hide that it is missing. */
  #fail(group: readonly Waiting[], error: unknown): void {
    const runs = new Set(group.map(({ key }) => key))
    const behind: Waiting[] = []
    for (const [tenant, queue] of this.#waiting) {
      const failed = queue.batches.filter(({ key }) => runs.has(key))
      behind.push(...failed)
      queue.batches = queue.batches.filter(({ key }) => !runs.has(key))
      queue.events -= eventsIn(failed)
      if (queue.batches.length === 0) this.#waiting.delete(tenant)
    }
    this.#waitingEvents -= eventsIn(behind)
    const failure = storeFailure('event-store-failed', 'store events', error)
    for (const { batch, done } of [...group, ...behind]) {
      this.#lost += batch.events.length
      done.reject(failure)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    while (this.#writing !== undefined || this.#waiting.size > 0) {
      if (this.#writing === undefined) this.#start()
      await this.#writing
    }
  }
}

function eventsIn(batches: readonly OwnedBatch[]): number {
  return batches.reduce((sum, { batch }) => sum + batch.events.length, 0)
}
