import type {
  AllowEntry,
  Feed,
  FeedSettings,
  FeedState,
  FeedVersion,
  Indicator,
  IndicatorFacts,
  IndicatorType,
  Severity,
  Tlp,
} from '@vedette/model'
import type { Page } from '../events/event-store.ts'

/** Which indicators. Everything that is given has to hold. */
export interface IndicatorFilter {
  readonly type?: IndicatorType
  readonly source?: string
  readonly severity?: Severity
  readonly tlp?: Tlp
  /** Text in value, description or tags, upper and lower case alike; at most 1000 characters. */
  readonly search?: string
  /** Only those that were seen here. */
  readonly sighted?: boolean
  /** Only those with a smaller number: what comes after it in the list. */
  readonly before?: number
}

/** What matching needs of an indicator. */
export type MatchedRow = Omit<Indicator, 'description' | 'addedAt' | 'sightings'>

/** What an import changes, or would change. */
export interface IndicatorPlan {
  readonly added: number
  /** Known with other facts. */
  readonly changed: number
  readonly unchanged: number
  readonly removed: number
  /** The first 1,000 of each. */
  readonly examples: {
    readonly added: readonly IndicatorKey[]
    readonly removed: readonly IndicatorKey[]
  }
}

export interface IndicatorKey {
  readonly type: IndicatorType
  readonly value: string
}

/** What an import changed: for whoever holds the indicators in memory. */
export interface IndicatorChange extends IndicatorPlan {
  /** Added and changed. */
  readonly put: readonly (IndicatorFacts & { readonly number: number })[]
  readonly taken: readonly (IndicatorKey & { readonly number: number })[]
}

export interface SourceCount {
  readonly source: string
  readonly indicators: number
  readonly sighted: number
  /** When its newest was added. */
  readonly newest: number
}

/** How often something was seen since it was written down last. */
export interface SeenCount {
  readonly number: number
  readonly count: number
  readonly first: number
  readonly last: number
}

export interface Indicators {
  /** Newest first. */
  list(filter: IndicatorFilter, page?: Page): Promise<Indicator[]>
  count(filter: IndicatorFilter): Promise<number>
  get(number: number): Promise<Indicator | undefined>
  /** By name. */
  sources(): Promise<SourceCount[]>
  /** Every one, oldest first, in batches; not one moment's picture while others write. */
  each(filter: IndicatorFilter): AsyncIterable<readonly Indicator[]>
  /** Of every one that has not ended what matching needs, oldest first, in batches: light enough for a million. */
  matched(now: number): AsyncIterable<readonly MatchedRow[]>
  /** What `put` would do. */
  plan(source: string, indicators: readonly IndicatorFacts[], mode: PutMode): Promise<IndicatorPlan>
  /**
   * Keeps what a source says, all of it or nothing. What is known keeps its number, its sightings and its earlier
   * beginning. One import of a source at a time.
   */
  put(
    source: string,
    indicators: readonly IndicatorFacts[],
    mode: PutMode,
    now: number,
  ): Promise<IndicatorChange>
  /** Takes away; what is returned was there. */
  remove(numbers: readonly number[]): Promise<(IndicatorKey & { readonly number: number })[]>
  /** Counts sightings. Numbers that are not there any more are passed over. */
  sighted(seen: readonly SeenCount[]): Promise<void>
}

/** `add` leaves what the source said before; `replace` takes away what it says no more. */
export type PutMode = 'add' | 'replace'

export interface AllowList {
  /** Newest first; at most 10,000. */
  list(): Promise<AllowEntry[]>
  /** One with the same type and value is replaced, and keeps its number and its hits. */
  put(
    entry: Pick<AllowEntry, 'type' | 'value' | 'owner' | 'reason' | 'expiresAt'>,
    now: number,
  ): Promise<AllowEntry>
  remove(number: number): Promise<AllowEntry | undefined>
  /** Counts hits. */
  hit(seen: readonly SeenCount[]): Promise<void>
}

export interface Feeds {
  /** By name. */
  list(): Promise<Feed[]>
  get(name: string): Promise<Feed | undefined>
  /** Keeps the settings; the state of one that is known stays. */
  put(settings: FeedSettings, configured: boolean, now: number): Promise<Feed>
  remove(name: string): Promise<Feed | undefined>
  /** Nothing where there is no such feed any more. */
  setState(name: string, state: FeedState): Promise<void>
  /** Newest first. */
  versions(name: string): Promise<FeedVersion[]>
  /** Keeps a good document; the oldest go, so that `keep` are left. @returns its number */
  addVersion(
    name: string,
    version: Omit<FeedVersion, 'number'>,
    content: Uint8Array,
    keep: number,
  ): Promise<number>
  content(name: string, number: number): Promise<Uint8Array | undefined>
}
