import { availableParallelism } from 'node:os'
import { type Clock, systemClock } from '@vedette/base'
import type { RuleInfo, RuleProblem } from '@vedette/model'
import { CorrelatedHits } from './correlated-hits.ts'
import { type HuntRules, loadHuntRules } from './hunt-rules.ts'
import type { UnitBatch } from './hunt-unit.ts'
import { inProcessRunner } from './in-process-runner.ts'
import { type HuntIndicators, loadHuntIndicators } from './hunt-indicators.ts'
import { createRecordJudge, indicatorPlace, rulesForRecords } from './judge.ts'
import type { HuntMatch } from './match.ts'
import { noRules } from './no-rules.ts'
import { OrderedResults } from './ordered-results.ts'
import { faultOf, recognise } from './source-file.ts'
import { findTargets, type HuntFile, reasonOf, type Unreadable } from './targets.ts'
import type { UnitRunner } from './unit-runner.ts'
import { type Unit, unitsOf } from './units.ts'
import { startWorkerPool } from './worker-pool.ts'

export interface HuntOptions {
  readonly rules: HuntRules
  /** Files and folders of records; formats and compression are found out by their first bytes. */
  readonly paths: readonly string[]
  /** Worker threads at most. Default: one a core. */
  readonly workers?: number
  /** Default: the system's. */
  readonly clock?: Clock
}

/** Takes what a hunt finds. The hunt waits for what `matches` returns, so that nothing piles up. */
export interface HuntSink {
  /** Once, before anything else. */
  begun?(start: HuntStart): void
  /** In the order of the files and of the records in them; those of correlations last. */
  matches(matches: readonly HuntMatch[]): void | Promise<void>
  /** A file, a part of one or a record that could not be read. Of very many in one place only the first are told. */
  unreadable?(unreadable: Unreadable): void
  /** Several times a second while it goes on. */
  progress?(progress: HuntProgress): void
}

export interface HuntStart {
  readonly rules: readonly RuleInfo[]
  /** What kept rules from loading. */
  readonly problems: readonly RuleProblem[]
  readonly files: number
  /** What was read of lists of indicators, where there are any. */
  readonly indicators?: Pick<HuntIndicators, 'size' | 'malformed' | 'suspects'>
}

export interface HuntProgress {
  readonly events: number
  readonly matches: number
  /** How much of the work is done, 0 to 1. */
  readonly done: number
  /** Of files as they lie on disk; undefined where the events come from elsewhere. */
  readonly bytes?: { readonly read: number; readonly total: number }
  /** Since the rules were loaded. */
  readonly seconds: number
}

export interface HuntSummary {
  /** Records that were judged. */
  readonly events: number
  readonly matches: number
  readonly seconds: number
  /** Of these, before the rules were loaded and the first record was judged. */
  readonly loadSeconds: number
  /** Rules that records were judged by. */
  readonly rules: number
  /** Indicators that they were compared with. */
  readonly indicators: number
  /** Records, parts of files and files that could not be read. */
  readonly unreadable: number
  readonly files: number
  /** Files found in folders that hold no records of a known kind. */
  readonly passedOver: number
  /** Hits that correlations could not count: without a time, or more than there is room for. */
  readonly uncorrelated: number
  /** Whether it was ended before it was through. */
  readonly aborted: boolean
}

/** Below so many bytes for each, another worker takes longer to start than it saves. */
const WORTH_A_WORKER_BYTES = 4 << 20

/**
 * Judges the records of files by rules, on as many cores as are worth it. Memory does not grow with the files.
 *
 * @param signal ends it early, quietly; the summary says so
 * @throws {CodedError} `no-rules` where not one rule loads; what the sink throws
 */
export async function hunt(options: HuntOptions, sink: HuntSink, signal?: AbortSignal): Promise<HuntSummary> {
  const { clock = systemClock, paths } = options
  const startedMs = clock.monotonic()
  const targets = await findTargets(paths, signal)
  const totalBytes = targets.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const workers = Math.min(
    options.workers ?? availableParallelism(),
    Math.ceil(totalBytes / WORTH_A_WORKER_BYTES),
  )
  await using stack = new AsyncDisposableStack()
  const loading = loadHuntRules(options.rules)
  let ruleIds: readonly string[] = []
  const pool =
    workers > 1
      ? startWorkerPool({
          workers,
          // Not at the same time as here: then the cache has them.
          rules: loading.then(() => options.rules),
          ruleIds: () => ruleIds,
          clock,
        })
      : undefined
  if (pool) stack.use(pool)
  const loaded = await loading
  const indicators = await loadHuntIndicators(options.rules, clock)
  const used = rulesForRecords(loaded)
  if (used.length === 0) throw noRules(loaded)
  ruleIds = used.map(({ info }) => info.id)
  const runner = pool ?? inProcessRunner(createRecordJudge(loaded, clock, indicators), clock)

  let loadSeconds = 0
  const correlated = stack.use(new CorrelatedHits(loaded))
  const run = new HuntRun(
    used.map(({ info }) => info),
    indicators,
    correlated,
    sink,
    () => ({ totalBytes, seconds: (clock.monotonic() - startedMs) / 1000 - loadSeconds }),
  )
  const rules = [...loaded.rules, ...loaded.correlations].map(({ info }) => info)
  sink.begun?.({
    rules,
    problems: loaded.problems,
    files: targets.files.length,
    ...(indicators && { indicators }),
  })
  for (const unreadable of targets.unreadable) run.unreadable(unreadable)
  void runner.ready.then(() => {
    loadSeconds = (clock.monotonic() - startedMs) / 1000
  })
  await run.huntFiles(targets.files, runner, signal)
  if (!signal?.aborted) await run.correlate()
  return {
    ...run.counts,
    seconds: (clock.monotonic() - startedMs) / 1000,
    loadSeconds,
    rules: rules.length,
    indicators: indicators?.size ?? 0,
    files: targets.files.length,
    aborted: signal?.aborted ?? false,
  }
}

/** Matches that a sink is given at once: what it makes of them stays in the cache of a core. */
const MATCHES_AT_ONCE = 500

/** One hunt as it goes on: what was found, in order and counted. */
class HuntRun {
  readonly rules: readonly RuleInfo[]
  readonly #indicators: HuntIndicators | undefined
  readonly #correlated: CorrelatedHits
  readonly #sink: HuntSink
  readonly #now: () => { totalBytes: number; seconds: number }
  readonly #units = new Map<number, Unit>()
  #events = 0
  #matches = 0
  #readBytes = 0
  #unreadable = 0
  #passedOver = 0
  /** Line feeds before the unit whose results are taken, where it is a part of a file. */
  #linesBefore = 0
  #linesInUnit = 0

  constructor(
    rules: readonly RuleInfo[],
    indicators: HuntIndicators | undefined,
    correlated: CorrelatedHits,
    sink: HuntSink,
    now: () => { totalBytes: number; seconds: number },
  ) {
    this.rules = rules
    this.#indicators = indicators
    this.#correlated = correlated
    this.#sink = sink
    this.#now = now
  }

  get counts() {
    return {
      events: this.#events,
      matches: this.#matches,
      unreadable: this.#unreadable,
      passedOver: this.#passedOver,
      uncorrelated: this.#correlated.leftOut,
    }
  }

  unreadable(unreadable: Unreadable): void {
    this.#unreadable += 1
    this.#sink.unreadable?.(unreadable)
  }

  async huntFiles(files: readonly HuntFile[], runner: UnitRunner, signal?: AbortSignal): Promise<void> {
    using results = new OrderedResults({
      batch: (unit, batch) => this.#take(unit, batch),
      end: (unit, reason) => this.#end(unit, reason),
    })
    const units = this.#plan(files, runner.isHere, signal)
    const lane = async () => {
      for (;;) {
        // One lane at a time asks: an async generator keeps them in order.
        const next = await units.next()
        if (next.done || signal?.aborted) return
        const unit = next.value
        const reason = await runner.run(unit, (batch) => this.#emit(results, unit.index, batch), signal)
        await results.finish(unit.index, signal?.aborted ? undefined : reason)
      }
    }
    const stop = () => void runner[Symbol.asyncDispose]()
    signal?.addEventListener('abort', stop)
    try {
      await Promise.all(Array.from({ length: runner.lanes }, lane))
    } finally {
      signal?.removeEventListener('abort', stop)
      await units.return(undefined)
    }
  }

  /** What correlations make of the hits of all files. */
  async correlate(): Promise<void> {
    for (const found of this.#correlated.matches()) await this.#handOn(found)
  }

  async *#plan(files: readonly HuntFile[], isHere: boolean, signal?: AbortSignal): AsyncGenerator<Unit> {
    let index = 0
    for (const file of files) {
      if (signal?.aborted) return
      for (const unit of await this.#unitsOf(file, index, isHere)) {
        this.#units.set(unit.index, unit)
        index += 1
        yield unit
      }
    }
  }

  async #unitsOf(file: HuntFile, firstIndex: number, isHere: boolean): Promise<Unit[]> {
    try {
      const found = await recognise(file.path, file.named, isHere ? file.sizeBytes : undefined)
      const { format, compression, name, content } = found
      if (format && compression !== 'unsupported' && compression !== 'archive') {
        return unitsOf(file, { format: format.name, cut: format.cut, compression, name, content }, firstIndex)
      }
      this.#readBytes += file.sizeBytes
      const reason = faultOf(found, file.named)
      if (file.sizeBytes === 0) return []
      if (reason === undefined) this.#passedOver += 1
      else this.unreadable({ file: file.path, reason })
    } catch (error) {
      this.unreadable({ file: file.path, reason: reasonOf(error) })
    }
    return []
  }

  async #emit(results: OrderedResults, unit: number, batch: UnitBatch): Promise<void> {
    this.#events += batch.events
    this.#readBytes += batch.readBytes
    const { totalBytes, seconds } = this.#now()
    this.#sink.progress?.({
      events: this.#events,
      matches: this.#matches,
      done: totalBytes === 0 ? 1 : Math.min(1, this.#readBytes / totalBytes),
      bytes: { read: this.#readBytes, total: totalBytes },
      seconds,
    })
    await results.push(unit, batch)
  }

  async #take(index: number, batch: UnitBatch): Promise<void> {
    const { path: file } = this.#units.get(index) as Unit
    this.#linesInUnit += batch.lineFeeds
    this.#unreadable += batch.unreadableCount
    for (const unreadable of batch.unreadable) this.#sink.unreadable?.({ file, ...unreadable })
    const { rules, records, times, hosts, values, events, texts } = batch.matches
    let found: HuntMatch[] = []
    for (const [i, place] of rules.entries()) {
      const rule = place < -1 ? this.#indicators?.ruleAt(indicatorPlace(place)) : this.rules[place]
      // Only where the rules were changed between two workers' loading of them.
      if (!rule) continue
      const event = events[i] ?? -1
      const time = times[event] ?? Number.NaN
      const match: HuntMatch = {
        rule,
        timeMs: Number.isNaN(time) ? undefined : time,
        host: hosts[event] ?? '',
        file,
        record: (records[event] ?? 0) + this.#linesBefore,
        event: texts[event] ?? '{}',
      }
      const own = values[i]
      if (own && this.#correlated.concerns(rule.id)) this.#correlated.add(match, own)
      if (this.#correlated.silent(rule.id)) continue
      found.push(match)
      if (found.length < MATCHES_AT_ONCE) continue
      await this.#handOn(found)
      found = []
    }
    await this.#handOn(found)
  }

  async #handOn(found: readonly HuntMatch[]): Promise<void> {
    if (found.length === 0) return
    this.#matches += found.length
    await this.#sink.matches(found)
  }

  #end(index: number, reason: string | undefined): void {
    const unit = this.#units.get(index) as Unit
    this.#units.delete(index)
    this.#linesBefore = unit.last ? 0 : this.#linesBefore + this.#linesInUnit
    this.#linesInUnit = 0
    if (reason !== undefined) this.unreadable({ file: unit.path, offset: unit.start, reason })
  }
}
