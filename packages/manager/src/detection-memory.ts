import type { Clock, Logger } from '@vedette/base'
import type { Engine } from '@vedette/detect'
import type { Event } from '@vedette/model'
import type { KeptFile, TenantEvents } from '@vedette/store'

const SAVE_EVERY_MS = 5000
/** Saving takes at most this share of the time, however much is counted. */
const SAVE_SHARE = 0.02
/** Events that came late, or while the state was being saved, are judged again as well. */
const OVERLAP_MS = 60_000
const PAGE = 1000
/** Most events that are judged again at the start, the newest ones. */
const MOST_EVENTS = 20_000

export interface DetectionMemoryOptions {
  readonly engine: Engine
  readonly file: KeptFile
  readonly events: TenantEvents
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Keeps what rules have counted across restarts: the engine's state, saved every few seconds and at the end, and the
 * stored events since the last saving, which are judged once more at the start. What rules say of them then was said
 * before; events that they have counted already they do not count twice.
 */
export class DetectionMemory implements AsyncDisposable {
  readonly #options: DetectionMemoryOptions
  #recalling: Promise<void> | undefined
  #saving: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout
  #savedEvents = 0
  #notBefore = 0

  constructor(options: DetectionMemoryOptions) {
    this.#options = options
    this.#recalling = this.#recall().finally(() => (this.#recalling = undefined))
    this.#timer = setInterval(() => this.#save(), SAVE_EVERY_MS).unref()
  }

  /** Resolves once the state is there; no event may be judged before. Undefined as soon as that is so. Never rejects. */
  ready(): Promise<void> | undefined {
    return this.#recalling
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#recalling
    this.#notBefore = 0
    this.#save()
    await this.#saving
  }

  async #recall(): Promise<void> {
    const { engine, file, log } = this.#options
    try {
      const kept = await file.read()
      if (!kept) return
      const lineEnd = kept.indexOf(0x0a)
      const savedAt = Number(Buffer.from(kept.subarray(0, Math.max(0, lineEnd))).toString('latin1'))
      const { dropped } = engine.restore(kept.subarray(lineEnd + 1))
      for (const { id, reason } of dropped)
        log.warn({ rule: id, reason }, 'what a rule had counted is given up')
      if (Number.isFinite(savedAt)) await this.#judgeAgain(savedAt - OVERLAP_MS)
    } catch (error) {
      log.error({ error }, 'what rules had counted could not be read')
    }
  }

  async #judgeAgain(since: number): Promise<void> {
    const { engine, events, log } = this.#options
    const newestFirst: Event[] = []
    for (;;) {
      const page = await events.list({ since }, { limit: PAGE, offset: newestFirst.length })
      newestFirst.push(...page)
      if (page.length < PAGE) break
      if (newestFirst.length >= MOST_EVENTS) {
        log.warn({ events: newestFirst.length }, 'rules that count begin with the newest events')
        break
      }
    }
    engine.evaluate(newestFirst.reverse())
    this.#savedEvents = engine.counters.events
  }

  #save(): void {
    const { engine, file, clock, log } = this.#options
    const judged = engine.counters.events
    if (this.#recalling || judged === this.#savedEvents || clock.monotonic() < this.#notBefore) return
    const started = clock.monotonic()
    const state = engine.save()
    this.#notBefore = started + (clock.monotonic() - started) / SAVE_SHARE
    this.#savedEvents = judged
    const kept = Buffer.concat([Buffer.from(`${clock.now()}\n`), state])
    this.#saving = this.#saving
      .then(() => file.write(kept))
      .catch((error: unknown) => log.warn({ error }, 'what rules have counted could not be saved'))
  }
}
