import { randomInt } from 'node:crypto'
import type { Clock, Logger } from '@vedette/base'
import {
  IndicatorMatcher,
  type IndicatorMatcherCounters,
  type Seen,
  type TechniqueCatalogue,
} from '@vedette/detect'
import type { AllowEntry, Detection, Event, IndicatorFacts, TenantId } from '@vedette/model'
import type { IndicatorChange, IndicatorPlan, PutMode, StateStore } from '@vedette/store'

export interface IndicatorDeskOptions {
  readonly state: StateStore
  readonly clock: Clock
  readonly log: Logger
  /** Of ATT&CK, for the names of techniques. */
  readonly techniques?: TechniqueCatalogue
}

/** How a tenant's indicators are matched. */
export interface IndicatorStatus extends IndicatorMatcherCounters {
  /** Read from the store and in force. */
  readonly loaded: boolean
  readonly indicators: number
  readonly memoryBytes: number
}

const FLUSH_EVERY_MS = 2000

/**
 * The indicators and allow entries of every tenant: kept in the store, matched from memory. What is changed here is in
 * force as soon as the change resolves. Counts of what was seen are written down every two seconds.
 */
export class IndicatorDesk implements AsyncDisposable {
  readonly #options: IndicatorDeskOptions
  readonly #tenants = new Map<TenantId, TenantIndicators>()
  readonly #timer: NodeJS.Timeout

  constructor(options: IndicatorDeskOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.flush(), FLUSH_EVERY_MS)
    this.#timer.unref()
  }

  /** Undefined once a tenant's indicators are in force; before, resolves when they are. Rejects when the store cannot say. */
  ready(tenant: TenantId): Promise<void> | undefined {
    return this.#of(tenant).ready()
  }

  /** Detections of a batch. Those of a tenant that is not ready are none: wait for `ready` first. */
  evaluate(tenant: TenantId, events: readonly Event[]): Detection[] {
    return this.#of(tenant).matcher.evaluate(events)
  }

  status(tenant: TenantId): IndicatorStatus {
    const own = this.#of(tenant)
    return {
      ...own.matcher.counters,
      loaded: own.ready() === undefined,
      indicators: own.matcher.size,
      memoryBytes: own.matcher.bytes,
    }
  }

  /** Keeps what a source says; see `Indicators.put`. In force when it resolves. */
  async put(
    tenant: TenantId,
    source: string,
    indicators: readonly IndicatorFacts[],
    mode: PutMode,
  ): Promise<IndicatorPlan & Pick<IndicatorChange, 'put'>> {
    await this.ready(tenant)
    const { state, clock } = this.#options
    const change = await state.of(tenant).indicators.put(source, indicators, mode, clock.now())
    const { matcher } = this.#of(tenant)
    for (const gone of change.taken) matcher.remove(gone)
    for (const one of change.put) matcher.add({ ...one, source })
    const { added, changed, unchanged, removed, examples, put } = change
    return { added, changed, unchanged, removed, examples, put }
  }

  /** @returns how many there were */
  async remove(tenant: TenantId, numbers: readonly number[]): Promise<number> {
    await this.ready(tenant)
    const taken = await this.#options.state.of(tenant).indicators.remove(numbers)
    for (const gone of taken) this.#of(tenant).matcher.remove(gone)
    return taken.length
  }

  async allow(
    tenant: TenantId,
    entry: Pick<AllowEntry, 'type' | 'value' | 'owner' | 'reason' | 'expiresAt'>,
  ): Promise<AllowEntry> {
    await this.ready(tenant)
    const { state, clock } = this.#options
    const kept = await state.of(tenant).allowList.put(entry, clock.now())
    this.#of(tenant).matcher.allow(kept)
    return kept
  }

  async disallow(tenant: TenantId, number: number): Promise<AllowEntry | undefined> {
    await this.ready(tenant)
    const gone = await this.#options.state.of(tenant).allowList.remove(number)
    if (gone) this.#of(tenant).matcher.disallow(gone)
    return gone
  }

  /** Writes down what was seen since the last time. */
  async flush(): Promise<void> {
    for (const own of this.#tenants.values()) await own.flush()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  #of(tenant: TenantId): TenantIndicators {
    const known = this.#tenants.get(tenant)
    if (known) return known
    const made = new TenantIndicators(tenant, this.#options)
    this.#tenants.set(tenant, made)
    return made
  }
}

/** One tenant's. */
class TenantIndicators {
  readonly matcher: IndicatorMatcher
  readonly #tenant: TenantId
  readonly #options: IndicatorDeskOptions
  #loading: Promise<void> | undefined
  #loaded = false
  #flushing: Promise<void> = Promise.resolve()
  /** Taken from the matcher and not written down, since the store was away. */
  #sightings: Seen[] = []
  #hits: Seen[] = []

  constructor(tenant: TenantId, options: IndicatorDeskOptions) {
    this.#tenant = tenant
    this.#options = options
    const { clock, techniques } = options
    this.matcher = new IndicatorMatcher({
      clock,
      seed: randomInt(0, 2 ** 32),
      ...(techniques && { techniques }),
    })
  }

  ready(): Promise<void> | undefined {
    if (this.#loaded) return undefined
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write())
    return this.#flushing
  }

  async #load(): Promise<void> {
    const { state, clock, log } = this.#options
    const started = clock.monotonic()
    const own = state.of(this.#tenant)
    for (const entry of await own.allowList.list()) this.matcher.allow(entry)
    for await (const batch of own.indicators.matched(clock.now()))
      for (const one of batch) this.matcher.add(one)
    this.#loaded = true
    const { size, counters } = this.matcher
    if (size > 0)
      log.info({ indicators: size, ms: Math.round(clock.monotonic() - started) }, 'indicators are in force')
    if (counters.refused > 0)
      log.warn({ refused: counters.refused }, 'indicators with too many patterns are not matched')
  }

  async #write(): Promise<void> {
    this.#sightings = merged(this.#sightings, this.matcher.takeSightings())
    this.#hits = merged(this.#hits, this.matcher.takeHits())
    if (this.#sightings.length === 0 && this.#hits.length === 0) return
    const own = this.#options.state.of(this.#tenant)
    try {
      await own.indicators.sighted(this.#sightings)
      this.#sightings = []
      await own.allowList.hit(this.#hits)
      this.#hits = []
    } catch (error) {
      this.#options.log.warn({ error }, 'sightings of indicators could not be written down yet')
    }
  }
}

/** Counts of the same number added up; there are at most as many as indicators. */
function merged(before: readonly Seen[], more: readonly Seen[]): Seen[] {
  if (before.length === 0) return [...more]
  const all = new Map(before.map((one) => [one.number, one]))
  for (const one of more) {
    const known = all.get(one.number)
    all.set(
      one.number,
      known
        ? {
            number: one.number,
            count: known.count + one.count,
            first: Math.min(known.first, one.first),
            last: Math.max(known.last, one.last),
          }
        : one,
    )
  }
  return [...all.values()]
}
