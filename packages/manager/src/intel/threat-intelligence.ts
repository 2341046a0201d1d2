import { guessIndicator, normaliseIndicator } from '@vedette/formats'
import { readIndicators, type ReadOutcome } from '@vedette/intel'
import {
  type AllowEntry,
  type Feed,
  feedSettingsSchema,
  indicatorDefaultsSchema,
  type Indicator,
  type IndicatorDefaults,
  type IndicatorType,
  type TenantId,
} from '@vedette/model'
import type { IndicatorFilter, IndicatorPlan, Page, PutMode, StateStore } from '@vedette/store'
import type { Clock } from '@vedette/base'
import type { z } from 'zod'
import type { FeedDesk } from './feed-desk.ts'
import type { IndicatorDesk, IndicatorStatus } from './indicator-desk.ts'

export interface ImportOptions {
  /** Who says so. */
  readonly source: string
  /** `json`, `txt`, `csv`, `stix`, `misp`; by default what the text looks like. */
  readonly format?: string
  /** `replace` takes away what the source said before and says no more. Default `add`. */
  readonly mode?: PutMode
  /** Only tell what would be. */
  readonly dryRun?: boolean
  /** What holds where the text says nothing. */
  readonly defaults?: Partial<IndicatorDefaults>
}

/** What is known of attackers, for a program that has the house within it: indicators, allow entries, feeds. */
export class ThreatIntelligence {
  readonly #tenant: TenantId
  readonly #state: StateStore
  readonly #desk: IndicatorDesk
  readonly #feeds: FeedDesk
  readonly #clock: Clock

  constructor(
    tenant: TenantId,
    parts: { state: StateStore; desk: IndicatorDesk; feeds: FeedDesk; clock: Clock },
  ) {
    this.#tenant = tenant
    this.#state = parts.state
    this.#desk = parts.desk
    this.#feeds = parts.feeds
    this.#clock = parts.clock
  }

  /**
   * Takes the indicators of a text; in force when it resolves.
   *
   * @throws {CodedError} `unknown-format`, `too-large`, `not-json`, `not-stix`, `not-misp`
   */
  async import(text: string, options: ImportOptions): Promise<ReadOutcome & IndicatorPlan> {
    const { source, format, mode = 'add', dryRun = false } = options
    const defaults = indicatorDefaultsSchema.parse(options.defaults ?? {})
    const now = this.#clock.now()
    const outcome = await readIndicators(text, { format, defaults, now, leaveOutSuspects: false })
    const plan = dryRun
      ? await this.#state.of(this.#tenant).indicators.plan(source, outcome.indicators, mode)
      : await this.#desk.put(this.#tenant, source, outcome.indicators, mode)
    const { added, changed, unchanged, removed, examples } = plan
    return { ...outcome, added, changed, unchanged, removed, examples }
  }

  /** Newest first. */
  list(filter: IndicatorFilter = {}, page?: Page): Promise<Indicator[]> {
    return this.#state.of(this.#tenant).indicators.list(filter, page)
  }

  /** @returns how many there were */
  remove(numbers: readonly number[]): Promise<number> {
    return this.#desk.remove(this.#tenant, numbers)
  }

  allowed(): Promise<AllowEntry[]> {
    return this.#state.of(this.#tenant).allowList.list()
  }

  /**
   * Lets something raise no alert, whatever an indicator says.
   *
   * @throws {RangeError} when the value is none of its type, or of no type that is known
   */
  allow(
    value: string,
    entry: Pick<AllowEntry, 'owner' | 'reason' | 'expiresAt'> & { readonly type?: IndicatorType },
  ): Promise<AllowEntry> {
    const { type, ...rest } = entry
    const outcome = type === undefined ? undefined : normaliseIndicator(type, value)
    const known = outcome === undefined ? guessIndicator(value) : outcome.ok ? outcome.value : undefined
    if (!known) throw new RangeError(`"${value.slice(0, 100)}" is no ${type ?? 'value that is known here'}`)
    return this.#desk.allow(this.#tenant, { ...rest, ...known })
  }

  disallow(number: number): Promise<AllowEntry | undefined> {
    return this.#desk.disallow(this.#tenant, number)
  }

  feeds(): Promise<Feed[]> {
    return this.#feeds.list(this.#tenant)
  }

  /** @throws {ZodError} when the settings are faulty */
  addFeed(settings: z.input<typeof feedSettingsSchema>): Promise<Feed> {
    return this.#feeds.add(this.#tenant, feedSettingsSchema.parse(settings))
  }

  /** Why it gave nothing stands in the state. */
  refreshFeed(name: string): Promise<Feed> {
    return this.#feeds.refresh(this.#tenant, name)
  }

  rollbackFeed(name: string, version?: number): Promise<Feed> {
    return this.#feeds.rollback(this.#tenant, name, version)
  }

  removeFeed(name: string): Promise<Feed> {
    return this.#feeds.remove(this.#tenant, name)
  }

  status(): IndicatorStatus {
    return this.#desk.status(this.#tenant)
  }
}
