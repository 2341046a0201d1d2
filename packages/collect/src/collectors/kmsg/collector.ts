import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock, Counters, Logger } from '@vedette/base'
import { parseKmsg } from '@vedette/formats/logs'
import { bootId, monotonicNs } from '@vedette/linux'
import type { BlindSpot, KernelLogRecord } from '@vedette/model'
import { z } from 'zod'
import type { Collector, CollectorContext } from '../../collector.ts'
import { readKept, writeKept } from '../../kept-file.ts'
import { Deliveries } from '../file/deliveries.ts'
import type { KmsgConfig } from './config.ts'

export const KMSG = '/dev/kmsg'
/** The kernel gives nothing longer (CONSOLE_EXT_LOG_MAX, PRINTKRB_RECORD_MAX). */
const RECORD_BYTES = 16_384
/** Messages that are read without a pause: so many at most are in a batch, also when many are allowed in a second. */
const BATCH = 256
/** What is passed over at the start is no more than the kernel can hold. */
const MOST_PASSED_OVER = 1_000_000

const keptSchema = z.object({ boot: z.string(), sequence: z.int().nonnegative() })

/**
 * Reads the kernel's log, message by message, as its own ring of memory gives it. The messages are counted by the kernel, so
 * one that it overwrote before it was read is a loss that is known exactly.
 */
export class KmsgCollector implements Collector {
  readonly name = 'kmsg'
  readonly #config: KmsgConfig
  readonly #clock: Clock
  readonly #log: Logger
  readonly #file: string | undefined
  readonly #bytes = Buffer.alloc(RECORD_BYTES)
  readonly #deliveries = new Deliveries<number>()
  readonly #descriptor: number | undefined
  /** Sequence of the message that comes next. */
  #next: number | undefined
  #delivered = 0
  #lost = 0
  #batches = 0
  #isClosed = false
  #saving: Promise<void> = Promise.resolve()

  /**
   * @param path of what gives a message at each read
   * @throws where the log may not be read
   */
  constructor(config: KmsgConfig, { clock, log, stateFolder }: CollectorContext, path = KMSG) {
    this.#config = config
    this.#clock = clock
    this.#log = log
    this.#file = stateFolder === undefined ? undefined : `${stateFolder}/kmsg.json`
    if (!isIdle(config)) this.#descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  }

  async *records(signal: AbortSignal): AsyncGenerator<readonly KernelLogRecord[]> {
    if (this.#descriptor === undefined) {
      await delay(2 ** 31 - 1, undefined, { signal }).catch(() => undefined)
      return
    }
    await this.#begin()
    const { poll_interval_ms: pollMs, max_per_second: limit } = this.#config
    let allowed = 0
    let lookedMs = this.#clock.monotonic()
    while (!signal.aborted) {
      const nowMs = this.#clock.monotonic()
      allowed = Math.min(limit, allowed + ((nowMs - lookedMs) * limit) / 1000)
      lookedMs = nowMs
      const records = this.#read(Math.min(BATCH, Math.floor(allowed)))
      allowed -= records.length
      if (records.length > 0) {
        this.#batches += 1
        this.#delivered += records.length
        if (this.#next !== undefined) this.#deliveries.given(this.#batches, this.#next)
        yield records
        if (records.length === BATCH && allowed >= 1) continue
      }
      await delay(pollMs, undefined, { signal }).catch(() => undefined)
    }
  }

  counters(): Counters {
    return { emitted: this.#delivered + this.#lost, delivered: this.#delivered, lost: this.#lost }
  }

  blindSpots(): readonly BlindSpot[] {
    return []
  }

  async commit(batches: number): Promise<void> {
    const next = this.#deliveries.safe(batches)
    if (next !== undefined) await this.#save(next)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#saving.catch(() => undefined)
    if (this.#descriptor !== undefined && !this.#isClosed) closeSync(this.#descriptor)
    this.#isClosed = true
  }

  /** Goes on where an earlier run of this boot was, or passes over what is there. */
  async #begin(): Promise<void> {
    const kept = this.#file === undefined ? undefined : keptSchema.safeParse(await readKept(this.#file))
    if (kept?.success === true && kept.data.boot === bootId()) {
      this.#next = kept.data.sequence
      return
    }
    if (this.#config.start === 'end') {
      for (let n = 0; n < MOST_PASSED_OVER; n += 1) {
        const record = this.#take()
        if (record === undefined) break
        if (record !== 'unreadable') this.#next = record.sequence + 1
      }
    }
    if (this.#next !== undefined) await this.#save(this.#next)
  }

  #read(most: number): KernelLogRecord[] {
    const records: KernelLogRecord[] = []
    // The clock of the messages stands still while the machine sleeps.
    const bootMs = this.#clock.now() - monotonicNs() / 1e6
    while (records.length < most) {
      const record = this.#take()
      if (record === undefined) break
      if (record === 'unreadable') {
        this.#lost += 1
        if (this.#next !== undefined) this.#next += 1
        this.#log.warn({}, 'a message of the kernel cannot be read')
        continue
      }
      const { timeUs, ...said } = record
      const next = this.#next ?? said.sequence
      // Of an earlier run, which had told it.
      if (said.sequence < next) continue
      this.#lost += said.sequence - next
      this.#next = said.sequence + 1
      records.push({ source: 'kmsg', timeMs: bootMs + timeUs / 1000, ...said })
    }
    return records
  }

  /** The next message; undefined where there is none yet. */
  #take(): ReturnType<typeof parseKmsg> | 'unreadable' {
    if (this.#descriptor === undefined || this.#isClosed) return undefined
    for (;;) {
      try {
        const length = readSync(this.#descriptor, this.#bytes)
        return parseKmsg(this.#bytes.toString('utf8', 0, length)) ?? 'unreadable'
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EAGAIN') return undefined
        // The one that was to come is overwritten: what follows tells by its number how many were.
        if (code !== 'EPIPE') throw error
      }
    }
  }

  /** One write at a time, in order. */
  #save(sequence: number): Promise<void> {
    const file = this.#file
    if (file === undefined) return Promise.resolve()
    this.#saving = this.#saving
      .catch(() => undefined)
      .then(() => writeKept(file, { boot: bootId(), sequence }))
    return this.#saving
  }
}

/** Whether somebody else tells what the kernel says, or nobody is to. */
export function isIdle({ read, unless }: KmsgConfig): boolean {
  return read === 'never' || (read === 'auto' && unless.some((path) => existsSync(path)))
}
