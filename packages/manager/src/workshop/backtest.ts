import { setImmediate } from 'node:timers/promises'
import { type Clock, silentLogger } from '@vedette/base'
import { createEngine, type LoadedRules } from '@vedette/detect'
import { type Detection, type Event, processOf, type RuleProblem } from '@vedette/model'
import type { TenantEvents } from '@vedette/store'
import { hunt } from '../hunt/hunt.ts'
import type { HuntRules } from '../hunt/hunt-rules.ts'
import { HitTally, type RuleHits } from './hit-tally.ts'
import { eventsBetween } from './stored-events.ts'

/** What rules would have fired on. */
export interface BacktestReport {
  /** Rules that were tried, correlations with them. */
  readonly tried: number
  readonly problems: readonly RuleProblem[]
  /** Events that were judged. */
  readonly events: number
  readonly hits: number
  readonly seconds: number
  /** Rules that fired, the most often first. */
  readonly rules: readonly RuleHits[]
  /** Whether it was ended before it was through. */
  readonly cut: boolean
}

export interface BacktestEventsOptions {
  readonly loaded: LoadedRules
  readonly events: TenantEvents
  readonly fromMs: number
  readonly untilMs: number
  readonly clock: Clock
  /** Ends, with what it has, after so long. */
  readonly budgetMs: number
}

/** Events that are judged before other work is let in: a few milliseconds. */
const AT_ONCE = 250

/** Judges stored events, oldest first, as they would have been judged when they came. */
export async function backtestEvents(
  options: BacktestEventsOptions,
  signal?: AbortSignal,
): Promise<BacktestReport> {
  const { loaded, events: stored, fromMs, untilMs, clock, budgetMs } = options
  const { rules, correlations, problems } = loaded
  const started = clock.monotonic()
  const elapsed = () => clock.monotonic() - started
  const engine = createEngine(rules, { clock, log: silentLogger, correlations })
  const tally = new HitTally()
  let events = 0
  let hits = 0
  let cut = false
  const list = (since: number, until: number, limit: number, offset: number) =>
    stored.list({ since, until }, { limit, offset })
  for await (const batch of eventsBetween(list, fromMs, untilMs, signal)) {
    for (let at = 0; at < batch.length; at += AT_ONCE) {
      for (const detection of engine.evaluate(batch.slice(at, at + AT_ONCE))) {
        hits += 1
        tally.add(detection.rule, firingOf(detection))
      }
      await setImmediate()
    }
    events += batch.length
    cut = signal?.aborted === true || elapsed() > budgetMs
    if (cut) break
  }
  return {
    tried: engine.rules.length,
    problems,
    events,
    hits,
    seconds: elapsed() / 1000,
    rules: tally.get(),
    cut,
  }
}

/** Judges the records of files. @throws {CodedError} `no-rules` where not one rule loads */
export async function backtestFiles(
  rules: HuntRules,
  paths: readonly string[],
  clock: Clock,
  signal?: AbortSignal,
): Promise<BacktestReport> {
  const tally = new HitTally()
  let problems: readonly RuleProblem[] = []
  const summary = await hunt(
    { rules, paths, clock },
    {
      begun: (start) => {
        ;({ problems } = start)
      },
      matches(matches) {
        for (const { rule, timeMs, host, file, record, event } of matches) {
          const place = `${file}:${record}`
          tally.add(rule, { time: timeMs, host, program: programOf(event), title: rule.title, place })
        }
      },
    },
    signal,
  )
  const { events, matches: hits, seconds, rules: tried, aborted: cut } = summary
  return { tried, problems, events, hits, seconds, rules: tally.get(), cut }
}

function firingOf({ time, device, title, events, process }: Detection) {
  const event = events.at(-1)
  return {
    time,
    host: device.hostname,
    program: process?.path ?? process?.name ?? (event && nameOf(event)) ?? '',
    title,
    place: event?.id ?? '',
  }
}

function nameOf(event: Event): string | undefined {
  const process = processOf(event)
  return process?.path ?? process?.name ?? ('service' in event ? event.service : undefined)
}

/** The program of a foreign record, by the names that most records have for it. */
function programOf(json: string): string {
  const record = JSON.parse(json) as Readonly<Record<string, unknown>>
  for (const name of [
    'Image',
    'ProcessName',
    'NewProcessName',
    'exe',
    'comm',
    'process',
    'program',
    'appname',
  ]) {
    const value = record[name]
    if (typeof value === 'string' && value !== '') return value.slice(0, 300)
  }
  return ''
}
