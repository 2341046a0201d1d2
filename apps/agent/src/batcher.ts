import { type Clock, type Counters, zeroCounters } from '@vedette/base'
import { type Event, type EventBatch, type Gap, MAX_BATCH_EVENTS } from '@vedette/model'

/** Events of a batch that is sent before more have come. */
const FULL = Math.min(2000, MAX_BATCH_EVENTS)
/** Events wait so long for others to fill the batch. */
const WAIT_MS = 50
/**
 * An exec is what most rules look at: it waits only as long as keeps a flood of them to 40 batches a second. Each batch
 * costs a sync of the spool and a turn of the server, which at 100 a second is more than the events themselves.
 */
const URGENT_WAIT_MS = 25
/**
 * A server that does not keep up is helped by fewer, larger batches: with so many under way or waiting the pauses are
 * doubled, with twice as many trebled, and so on up to `LONGEST_WAIT_MS`. A server that stores in groups, twice a second,
 * has up to 30 under way and is not behind.
 */
const BACKLOG_STEP = 40
const LONGEST_WAIT_MS = 250
/** More of them wait with all others: whoever makes findings by the thousand must not fill the memory with batches. */
const MOST_URGENT = 64
const isUrgent = (event: Event) => event.kind === 'sensor' || event.kind === 'finding'

export interface BatcherOptions {
  readonly run: string
  readonly clock: Clock
  /** Events that may wait while the spool is slow; more than this are dropped and counted. */
  readonly capacity: number
  /** Batches that are on their way or wait for it. While there are none a new one need not wait for company. */
  readonly backlog: () => number
  /** Told of what was dropped, before the batches after it are handed on. Never rejects. */
  readonly declare: (gap: Gap) => Promise<void>
  /** Takes a batch; a slow one holds back the next. Never rejects. */
  readonly deliver: (batch: EventBatch) => Promise<void>
  /** Name of the run of urgent batches, and what takes those: it does not wait for the others. Never rejects. */
  readonly urgentRun: string
  readonly deliverUrgent: (batch: EventBatch) => Promise<void>
}

/**
 * Gathers events into numbered batches: at once when nothing is on its way, soon when a program was started, and
 * otherwise when there are 2,000 of them or the oldest has waited 50 ms; longer when the server does not keep up.
 */
export class Batcher {
  readonly #options: BatcherOptions
  #waiting: Event[] = []
  #sequence = 0
  #emitted = 0
  #delivered = 0
  #lost = 0
  /** Dropped, and not declared yet. */
  #gaps: Gap[] = []
  #lastFlushMs = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #dueMs = 0
  #urgentSequence = 0
  readonly #urgent = new Set<Promise<void>>()
  #delivering: Promise<void> | undefined

  constructor(options: BatcherOptions) {
    this.#options = options
  }

  /** In events: those that were put in, those handed on, those dropped because the disk did not keep up. */
  get counters(): Counters {
    return { ...zeroCounters, emitted: this.#emitted, delivered: this.#delivered, lost: this.#lost }
  }

  /** Events that wait to be handed on. */
  get waiting(): number {
    return this.#waiting.length
  }

  add(events: readonly Event[]): void {
    this.#emitted += events.length
    const room = this.#urgent.size < MOST_URGENT
    const overtakes = (event: Event) => isUrgent(event) && (room || event.kind === 'sensor')
    const own = events.filter(overtakes)
    if (own.length > 0) {
      this.#deliverUrgent(own)
      this.#addAll(events.filter((event) => !overtakes(event)))
    } else this.#addAll(events)
  }

  #addAll(events: readonly Event[]): void {
    const room = this.#options.capacity - this.#waiting.length
    if (events.length > room) this.#lose(events.length - room, room)
    let urgent = false
    for (let i = 0; i < events.length && i < room; i += 1) {
      const event = events[i] as Event
      this.#waiting.push(event)
      urgent ||= event.kind === 'process' && event.activity === 'launch'
    }
    this.#plan(urgent)
  }

  #lose(events: number, room: number): void {
    this.#lost += events
    const at = this.#sequence + Math.floor((this.#waiting.length + room) / FULL)
    const last = this.#gaps.at(-1)
    if (last?.from === at) this.#gaps[this.#gaps.length - 1] = { ...last, events: last.events + events }
    else this.#gaps.push({ run: this.#options.run, from: at, to: at, batches: 0, events })
  }

  /** Hands on everything that waits. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#delivering !== undefined) {
      if (this.#delivering === undefined) this.#flushNow()
      await this.#delivering
    }
    await Promise.all(this.#urgent)
  }

  /**
   * What the watch tells of itself and what it found are never behind what it could not keep up with, and never dropped
   * with it.
   */
  #deliverUrgent(events: readonly Event[]): void {
    const batch: EventBatch = { run: this.#options.urgentRun, sequence: this.#urgentSequence, events }
    this.#urgentSequence += 1
    this.#delivered += events.length
    const delivering = this.#options.deliverUrgent(batch).finally(() => this.#urgent.delete(delivering))
    this.#urgent.add(delivering)
  }

  #plan(urgent: boolean): void {
    if (this.#waiting.length === 0 || this.#delivering !== undefined) return
    const now = this.#options.clock.monotonic()
    const sinceFlushMs = now - this.#lastFlushMs
    const backlog = this.#options.backlog()
    const pause = (ms: number) => Math.min(LONGEST_WAIT_MS, ms * (1 + Math.floor(backlog / BACKLOG_STEP)))
    let waitMs = pause(WAIT_MS)
    if (this.#waiting.length >= FULL || backlog === 0) waitMs = 0
    else if (urgent) waitMs = Math.max(0, pause(URGENT_WAIT_MS) - sinceFlushMs)
    if (waitMs <= 0) return this.#flushNow()
    const dueMs = now + waitMs
    if (this.#timer !== undefined && this.#dueMs <= dueMs) return
    clearTimeout(this.#timer)
    this.#dueMs = dueMs
    this.#timer = setTimeout(() => this.#flushNow(), waitMs)
  }

  #flushNow(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#waiting.length === 0 || this.#delivering !== undefined) return
    const events = this.#waiting.length <= FULL ? this.#waiting : this.#waiting.slice(0, FULL)
    this.#waiting = this.#waiting.length <= FULL ? [] : this.#waiting.slice(FULL)
    const batch: EventBatch = { run: this.#options.run, sequence: this.#sequence, events }
    this.#sequence += 1
    this.#delivered += events.length
    this.#lastFlushMs = this.#options.clock.monotonic()
    const gaps = this.#gaps
    this.#gaps = []
    const delivered = gaps.length === 0 ? this.#options.deliver(batch) : this.#declareThenDeliver(gaps, batch)
    this.#delivering = delivered.finally(() => {
      this.#delivering = undefined
      this.#plan(this.#waiting.some((event) => event.kind === 'process' && event.activity === 'launch'))
    })
  }

  async #declareThenDeliver(gaps: readonly Gap[], batch: EventBatch): Promise<void> {
    for (const gap of gaps) await this.#options.declare(gap)
    await this.#options.deliver(batch)
  }
}
