import { type Clock, silentLogger } from '@vedette/base'
import { createEngine } from '@vedette/detect'
import type { Detection, Event } from '@vedette/model'
import type { HuntSink, HuntSummary } from './hunt.ts'
import { loadHuntIndicators } from './hunt-indicators.ts'
import { type HuntRules, loadHuntRules } from './hunt-rules.ts'
import type { HuntMatch } from './match.ts'
import { noRules } from './no-rules.ts'

export interface HuntEventsOptions {
  readonly rules: HuntRules
  /** In order of time: rules that count need that. */
  readonly events: AsyncIterable<readonly Event[]>
  /** The span of time that the events come from, milliseconds since the epoch: progress is how far in it they are. */
  readonly fromMs: number
  readonly untilMs: number
  /** Where an event comes from, as matches name it, and as which record there. Left out: all are stored events. */
  readonly origin?: (event: Event) => EventOrigin | undefined
  readonly clock: Clock
}

/** The file that an event comes from, and its number there. */
export interface EventOrigin {
  readonly file: string
  readonly record: number
}

/** What `HuntMatch.file` says where events come from no file. */
export const STORED = 'stored events'

/**
 * Judges events that were seen before, such as those of the store, by the engine that judges them when they come. A match
 * names the place of its event among all that were judged, from 1 on.
 *
 * @throws {CodedError} `no-rules` where not one rule loads; what the sink and the events throw
 */
export async function huntEvents(
  { rules, events: batches, fromMs, untilMs, origin, clock }: HuntEventsOptions,
  sink: HuntSink,
  signal?: AbortSignal,
): Promise<HuntSummary> {
  const startedMs = clock.monotonic()
  const seconds = () => (clock.monotonic() - startedMs) / 1000
  const loaded = await loadHuntRules(rules)
  if (loaded.rules.length === 0) throw noRules(loaded)
  const engine = createEngine(loaded.rules, {
    clock,
    log: silentLogger,
    correlations: loaded.correlations,
  })
  const indicators = await loadHuntIndicators(rules, clock)
  sink.begun?.({
    rules: engine.rules,
    problems: loaded.problems,
    files: 0,
    ...(indicators && { indicators }),
  })
  const loadSeconds = seconds()
  let events = 0
  let matches = 0
  for await (const batch of batches) {
    if (signal?.aborted) break
    const places = new Map(batch.map(({ id }, place) => [id, events + place + 1]))
    const placeOf = (event: Event) => origin?.(event) ?? { file: STORED, record: places.get(event.id) ?? 0 }
    const found = engine.evaluate(batch).map((detection) => matchOf(detection, placeOf))
    for (const event of indicators ? batch : []) {
      indicators?.search(event, (place) => {
        const rule = indicators.ruleAt(place)
        if (rule)
          found.push(matchOf({ rule, time: event.time, device: event.device, events: [event] }, placeOf))
      })
    }
    events += batch.length
    matches += found.length
    if (found.length > 0) await sink.matches(found)
    const reached = Math.min(Math.max(batch.at(-1)?.time ?? fromMs, fromMs), untilMs)
    sink.progress?.({
      events,
      matches,
      done: (reached - fromMs) / Math.max(1, untilMs - fromMs),
      seconds: seconds() - loadSeconds,
    })
  }
  return {
    events,
    matches,
    seconds: seconds(),
    loadSeconds,
    rules: engine.rules.length,
    indicators: indicators?.size ?? 0,
    unreadable: 0,
    files: 0,
    passedOver: 0,
    uncorrelated: 0,
    aborted: signal?.aborted ?? false,
  }
}

function matchOf(
  { rule, time, device, events }: Pick<Detection, 'rule' | 'time' | 'device' | 'events'>,
  placeOf: (event: Event) => EventOrigin,
): HuntMatch {
  const event = events.at(-1)
  const { file, record } = event === undefined ? { file: STORED, record: 0 } : placeOf(event)
  return { rule, timeMs: time, host: device.hostname, file, record, event: JSON.stringify(event ?? null) }
}
