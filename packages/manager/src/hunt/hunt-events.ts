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
  readonly clock: Clock
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
  { rules, events: batches, fromMs, untilMs, clock }: HuntEventsOptions,
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
    const found = engine.evaluate(batch).map((detection) => matchOf(detection, places))
    for (const event of indicators ? batch : []) {
      indicators?.search(event, (place) => {
        const rule = indicators.ruleAt(place)
        if (rule)
          found.push(matchOf({ rule, time: event.time, device: event.device, events: [event] }, places))
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
  places: ReadonlyMap<string, number>,
): HuntMatch {
  const event = events.at(-1)
  return {
    rule,
    timeMs: time,
    host: device.hostname,
    file: STORED,
    record: (event && places.get(event.id)) ?? 0,
    event: JSON.stringify(event ?? null),
  }
}
