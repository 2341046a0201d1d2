import { CodedError, type Counters } from '@vedette/base'
import type { TenantId } from '@vedette/model'
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
  /** Most events that may wait; a tenant with less than its share of them waiting may exceed it by that. Default 100 000. */
  readonly maxWaitingEvents?: number
}

interface Waiting {
  readonly prepared: PreparedBatch
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
  /** By tenant; whose turn it is next stands first. */
  readonly #waiting = new Map<TenantId, Queue>()
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
    const queue = this.#waiting.get(owned.tenant) ?? { batches: [], events: 0 }
    if (this.#closed || !this.#hasRoom(queue, size)) {
      this.#lost += size
      return Promise.reject(
        new CodedError('busy', `Cannot take a batch: ${this.#waitingEvents} events wait to be stored`),
      )
    }
    const done = Promise.withResolvers<void>()
    this.#waiting.set(owned.tenant, queue)
    // At once: its rows take a third of the memory, and what they were made of is young enough to cost nothing.
    const prepared = this.#store.prepare(owned)
    queue.batches.push({ prepared, key: runKey(prepared), done })
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
        await this.#store.append(group.map(({ prepared }) => prepared))
        this.#delivered += eventsIn(group)
        for (const { done } of group) done.resolve()
      } catch (error) {
        this.#fail(group, error)
      }
      for (const { prepared } of group) giveBack(prepared.rows)
    } while (this.#waitingEvents >= this.#groupEvents || (this.#closed && this.#waiting.size > 0))
  }

  /** A batch from each tenant in turn, until a group is full. */
  #take(): Waiting[] {
    const group: Waiting[] = []
    let size = 0
    for (const [tenant, queue] of this.#waiting) {
      const [batch] = queue.batches
      const events = batch?.prepared.events ?? 0
      if (group.length > 0 && size + events > this.#mostEvents) break
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
    for (const { prepared, done } of [...group, ...behind]) {
      this.#lost += prepared.events
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

/** More than any buffer that is shared with others. */
const LARGE_BYTES = 256 << 10

/** Megabytes outside of the heap that wait for a collection bring it about, again and again. */
function giveBack({ buffer, length }: Buffer): void {
  if (length > LARGE_BYTES && buffer instanceof ArrayBuffer && buffer.byteLength === length)
    buffer.transfer(0)
}

function eventsIn(waiting: readonly Waiting[]): number {
  return waiting.reduce((sum, { prepared }) => sum + prepared.events, 0)
}
