import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { type Clock, CodedError, type Logger } from '@vedette/base'
import {
  readFeed,
  type ReadFeedOptions,
  readIndicators,
  type ReadOutcome,
  type ThreatIntelligenceConfig,
} from '@vedette/intel'
import {
  DEFAULT_TENANT,
  type Feed,
  type FeedSettings,
  type FeedState,
  type FeedVersion,
  type TenantId,
} from '@vedette/model'
import type { StateStore } from '@vedette/store'
import { filesOf } from './feed-files.ts'
import type { IndicatorDesk } from './indicator-desk.ts'

export interface FeedDeskOptions {
  readonly state: StateStore
  readonly indicators: IndicatorDesk
  readonly config: ThreatIntelligenceConfig
  readonly clock: Clock
  readonly log: Logger
  /** How feeds are asked; for tests. */
  readonly read?: ReadFeedOptions
}

const TICK_MS = 10_000
/** Feeds that are asked at a time. */
const AT_A_TIME = 2
/** Good documents that are kept of a feed. */
const KEPT_VERSIONS = 3
/** A feed that told at least so many, and suddenly tells less than a tenth, is not believed. */
const MANY = 20
/** After failures a feed is asked less often: at most so many times its interval apart. */
const MOST_PATIENCE = 8

const pack = promisify(gzip)
const unpack = promisify(gunzip)

/**
 * Asks feeds on their schedule and hands what is good to the indicators. A document that cannot be read, is mostly
 * malformed, or has shrunk to a fraction changes nothing: the last good one stays in force, and the feed says why.
 */
export class FeedDesk implements AsyncDisposable {
  readonly #options: FeedDeskOptions
  readonly #stop = new AbortController()
  readonly #running = new Map<string, Promise<Feed>>()
  #timer: NodeJS.Timeout | undefined
  #ticking: Promise<void> = Promise.resolve()

  constructor(options: FeedDeskOptions) {
    this.#options = options
  }

  /** Begins the schedule; what the configuration names is there when it resolves. */
  async start(): Promise<void> {
    if (!this.#options.config.enabled) return
    await this.#followConfiguration()
    this.#tick()
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
    this.#timer.unref()
  }

  list(tenant: TenantId): Promise<Feed[]> {
    return this.#options.state.of(tenant).feeds.list()
  }

  versions(tenant: TenantId, name: string): Promise<FeedVersion[]> {
    return this.#options.state.of(tenant).feeds.versions(name)
  }

  /** @throws {CodedError} `feed-configured` where the configuration has one of that name */
  async add(tenant: TenantId, settings: FeedSettings): Promise<Feed> {
    const { state, clock } = this.#options
    const { feeds } = state.of(tenant)
    if ((await feeds.get(settings.name))?.configured === true) throw configured(settings.name)
    return feeds.put(settings, false, clock.now())
  }

  /**
   * Takes a feed and its indicators away.
   *
   * @throws {CodedError} `feed-configured`, `no-feed`
   */
  async remove(tenant: TenantId, name: string): Promise<Feed> {
    const feed = await this.#feed(tenant, name)
    if (feed.configured) throw configured(name)
    await this.#takeAway(tenant, name)
    return feed
  }

  /**
   * Asks a feed now. Why it gave nothing stands in the state of the answer.
   *
   * @param force takes what it tells also where that is not believed, and asks for all of it
   * @throws {CodedError} `no-feed`
   */
  refresh(tenant: TenantId, name: string, force = false): Promise<Feed> {
    const key = `${tenant} ${name}`
    const running = this.#running.get(key)
    if (running) return running
    const refreshing = this.#refresh(tenant, name, force).finally(() => this.#running.delete(key))
    this.#running.set(key, refreshing)
    return refreshing
  }

  /**
   * Puts an earlier good document in force; the one that it takes the place of is not taken again.
   *
   * @param version by default the one before
   * @throws {CodedError} `no-feed`, `no-version`
   */
  async rollback(tenant: TenantId, name: string, version?: number): Promise<Feed> {
    const feed = await this.#feed(tenant, name)
    const { feeds } = this.#options.state.of(tenant)
    const versions = await feeds.versions(name)
    const now = versions.find(({ number }) => number === feed.state.version)
    const target = versions.find(({ number }) =>
      version === undefined ? number < (now?.number ?? 0) : number === version,
    )
    const content = target && (await feeds.content(name, target.number))
    if (!target || !content) {
      throw new CodedError(
        'no-version',
        `The feed ${name} has no ${version === undefined ? 'earlier' : 'such'} version`,
      )
    }
    const { text, format } = JSON.parse((await unpack(content)).toString('utf8')) as KeptDocument
    const outcome = await this.#readText(text, feed.settings.format ?? format, feed.settings)
    await this.#options.indicators.put(tenant, sourceOf(name), outcome.indicators, 'replace')
    const state: FeedState = {
      ...without(feed.state, 'error'),
      ...counts(outcome, feed.settings),
      changedAt: this.#options.clock.now(),
      version: target.number,
      ...(now && now.number !== target.number && { refused: now.sha256 }),
    }
    await feeds.setState(name, state)
    return { ...feed, state }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#stop.abort()
    await this.#ticking
    await Promise.allSettled(this.#running.values())
  }

  #tick(): void {
    this.#ticking = this.#ticking
      .then(() => this.#askDue())
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#options.log.warn({ error }, 'feeds could not be looked through')
      })
  }

  async #askDue(): Promise<void> {
    if (this.#stop.signal.aborted) return
    const { config, clock, log } = this.#options
    await this.#followFiles()
    const now = clock.now()
    const due = (await this.list(DEFAULT_TENANT)).filter(
      (feed) =>
        feed.settings.enabled && (config.auto_update ? isDue(feed, now) : feed.state.checkedAt === undefined),
    )
    const waiting = due.map(({ settings }) => settings.name)
    const work = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        if (this.#stop.signal.aborted) return
        const { state } = await this.refresh(DEFAULT_TENANT, name)
        if (state.error)
          log.warn({ feed: name, ...state.error }, 'feed gave nothing; what was good before stays')
      }
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, work))
  }

  async #refresh(tenant: TenantId, name: string, force: boolean): Promise<Feed> {
    const { state, clock, indicators, read = {} } = this.#options
    const { feeds } = state.of(tenant)
    const feed = await this.#feed(tenant, name)
    const { settings } = feed
    const now = clock.now()
    const keep = async (next: FeedState) => {
      await feeds.setState(name, next)
      return { ...feed, state: next }
    }
    try {
      const known = force ? without(feed.state, 'etag', 'lastModified', 'addedAfter') : feed.state
      const answer = await readFeed(settings, known, read, this.#stop.signal)
      const checked = { ...without(feed.state, 'error'), checkedAt: now, failures: 0 }
      if (!answer.changed) return await keep(checked)
      const marks = marksOf(answer)
      if (!force && answer.sha256 === feed.state.refused) {
        throw new CodedError('feed-refused', 'The feed tells what was put aside by a rollback')
      }
      const versions = await feeds.versions(name)
      const inForce = versions.find(({ number }) => number === feed.state.version)
      if (!force && inForce?.sha256 === answer.sha256) return await keep({ ...checked, ...marks })
      const outcome = await this.#readText(answer.text, settings.format ?? answer.format, settings)
      if (!force) believe(outcome, feed)
      const change = await indicators.put(
        tenant,
        sourceOf(name),
        outcome.indicators,
        settings.append ? 'add' : 'replace',
      )
      const version = settings.append
        ? undefined
        : await this.#keepVersion(tenant, name, answer, outcome, now)
      const hasChanged = change.added + change.changed + change.removed > 0
      const total = settings.append ? { indicators: feed.state.indicators + change.added } : {}
      return await keep({
        ...without(checked, 'etag', 'lastModified', 'addedAfter', 'refused'),
        ...marks,
        ...counts(outcome, settings),
        ...total,
        ...(hasChanged && { changedAt: now }),
        ...(version !== undefined && { version }),
      })
    } catch (error) {
      if (!(error instanceof CodedError) || this.#stop.signal.aborted) throw error
      const { code, message } = error
      return keep({
        ...feed.state,
        checkedAt: now,
        failures: feed.state.failures + 1,
        error: { code, message },
      })
    }
  }

  async #keepVersion(
    tenant: TenantId,
    name: string,
    answer: KeptDocument & { readonly sha256: string; readonly sizeBytes: number },
    outcome: ReadOutcome,
    now: number,
  ): Promise<number> {
    const { text, format, sha256, sizeBytes } = answer
    const content = await pack(JSON.stringify({ text, ...(format && { format }) }), { level: 1 })
    const version = { fetchedAt: now, sha256, sizeBytes, indicators: outcome.indicators.length }
    return this.#options.state.of(tenant).feeds.addVersion(name, version, content, KEPT_VERSIONS)
  }

  #readText(text: string, format: string | undefined, settings: FeedSettings): Promise<ReadOutcome> {
    const options = {
      format,
      defaults: settings.defaults,
      now: this.#options.clock.now(),
      // A file that somebody put there was looked at; a feed is looked at by nobody.
      leaveOutSuspects: settings.kind !== 'file',
    }
    return readIndicators(text, options, this.#stop.signal)
  }

  async #feed(tenant: TenantId, name: string): Promise<Feed> {
    const feed = await this.#options.state.of(tenant).feeds.get(name)
    if (!feed) throw new CodedError('no-feed', `There is no feed ${name.slice(0, 64)}`)
    return feed
  }

  async #takeAway(tenant: TenantId, name: string): Promise<void> {
    await this.#options.indicators.put(tenant, sourceOf(name), [], 'replace')
    await this.#options.state.of(tenant).feeds.remove(name)
  }

  /** Feeds of the configuration are there, those that it names no more are not. */
  async #followConfiguration(): Promise<void> {
    const { config, state, clock } = this.#options
    const { feeds } = state.of(DEFAULT_TENANT)
    for (const settings of config.feeds) await feeds.put(settings, true, clock.now())
    const named = new Set(config.feeds.map(({ name }) => name))
    for (const feed of await feeds.list()) {
      const { name, kind } = feed.settings
      const isOfFolder = kind === 'file' && name.startsWith('dir-')
      if (feed.configured && !named.has(name) && !(isOfFolder && config.ioc_feed_dir !== undefined)) {
        await this.#takeAway(DEFAULT_TENANT, name)
      }
    }
  }

  /** Every file of the folder is a feed; one that is gone takes its indicators with it. */
  async #followFiles(): Promise<void> {
    const { config, state, clock } = this.#options
    if (config.ioc_feed_dir === undefined) return
    const files = await filesOf(config.ioc_feed_dir)
    const { feeds } = state.of(DEFAULT_TENANT)
    const known = await feeds.list()
    for (const settings of files) {
      const before = known.find((feed) => feed.settings.name === settings.name)
      if (before?.settings.url !== settings.url) await feeds.put(settings, true, clock.now())
    }
    for (const { settings, configured: isConfigured } of known) {
      const isGone = !files.some(({ name }) => name === settings.name)
      if (isConfigured && settings.kind === 'file' && settings.name.startsWith('dir-') && isGone) {
        await this.#takeAway(DEFAULT_TENANT, settings.name)
      }
    }
  }
}

interface KeptDocument {
  readonly text: string
  readonly format?: 'stix' | 'misp'
}

/** The source of a feed's indicators. */
function sourceOf(name: string): string {
  return `feed:${name}`
}

function configured(name: string): CodedError {
  return new CodedError(
    'feed-configured',
    `The feed ${name} is written in the configuration: change it there`,
  )
}

function isDue({ settings, state }: Feed, now: number): boolean {
  if (state.checkedAt === undefined) return true
  const patience = Math.min(2 ** Math.max(0, state.failures - 1), MOST_PATIENCE)
  return now >= state.checkedAt + settings.interval_minutes * 60_000 * patience
}

/** @throws {CodedError} `feed-malformed`, `feed-empty`, `feed-shrunk` */
function believe(outcome: ReadOutcome, { settings, state }: Feed): void {
  const valid = outcome.indicators.length
  const { malformedCount: malformed } = outcome
  if (malformed > valid && malformed > 10) {
    throw new CodedError('feed-malformed', `Of ${outcome.read} items ${malformed} are malformed`)
  }
  if (settings.append) return
  if (state.indicators >= MANY && valid * 10 < state.indicators) {
    throw new CodedError('feed-shrunk', `The feed tells ${valid} where it told ${state.indicators}`)
  }
}

function counts(
  outcome: ReadOutcome,
  { kind }: FeedSettings,
): Pick<FeedState, 'indicators' | 'malformed' | 'leftOut'> {
  return {
    indicators: outcome.indicators.length,
    malformed: outcome.malformedCount,
    leftOut: kind === 'file' ? 0 : outcome.suspectCount,
  }
}

function marksOf(
  answer: Pick<FeedState, 'etag' | 'lastModified' | 'addedAfter'>,
): Pick<FeedState, 'etag' | 'lastModified' | 'addedAfter'> {
  const { etag, lastModified, addedAfter } = answer
  return {
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
    ...(addedAfter !== undefined && { addedAfter }),
  }
}

function without<K extends keyof FeedState>(state: FeedState, ...keys: readonly K[]): FeedState {
  return Object.fromEntries(
    Object.entries(state).filter(([key]) => !keys.includes(key as K)),
  ) as unknown as FeedState
}
