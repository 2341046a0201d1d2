import { matchesIn } from '../../condition/matcher.ts'
import { readAll, slotsOf, wholeText } from '../../fields/named-fields.ts'
import type { CompiledRule, RuleType } from '../../rule-type.ts'
import { durationMs } from '../../window/duration.ts'
import { type Rhythm, RhythmMemory, type RhythmOptions } from './rhythm.ts'
import { RuleDraft } from '../rule-draft.ts'
import { beaconSchema } from './schema.ts'

const LANGUAGE = {
  type: 'beacon',
  key: 'beacon',
  schema: beaconSchema,
  extra: ['interval', 'dispersion', 'count', 'since'],
} as const

/**
 * Beacon rules: fire at events that come at even intervals, as those of a program do that calls home by a timer. Detection as
 * in a Sigma rule, with `type: beacon` and a block `beacon` (see `schema.ts`).
 */
export const beacon: RuleType = {
  name: 'beacon',
  accepts: ({ data }) => data['type'] === 'beacon',
  compile: (document, context) => {
    const draft = new RuleDraft(document, context, LANGUAGE)
    const { detection, condition, block, header, problems } = draft
    if (!detection || !condition || !block || !header) return problems
    const routes = draft.bindCondition(condition)
    const groups = block.group_by.map((name, index) => draft.bindName(name, 'group_by', index))
    if (draft.isFaulty(detection)) return problems

    const { routesOf, fingerprint, rule: common } = draft.finish(detection, header)
    const options: RhythmOptions = {
      atLeast: block.at_least,
      dispersion: block.dispersion,
      minIntervalMs: durationMs(block.min_interval) ?? 0,
      maxIntervalMs: durationMs(block.max_interval) ?? 0,
      burstMs: durationMs(block.burst) ?? 0,
      againMs: durationMs(block.again) ?? 0,
    }
    const rule: CompiledRule = {
      ...common,
      routes: routesOf(routes),
      fingerprint,
      start: (linker) => {
        const memory = new RhythmMemory(options)
        const slots = groups.map((fields) => ({
          slots: slotsOf(fields, (field) => linker.slot(field)),
          read: wholeText,
        }))
        return {
          judge: (view, met) => {
            const { event } = view
            const group = readAll(view, slots)
            const rhythm = group && memory.see(JSON.stringify(group), event)
            if (!rhythm) return undefined
            const extra = explanation(rhythm)
            return {
              trigger: event,
              events: [event],
              eventCount: rhythm.events,
              matches: matchesIn(view, met),
              aggregate: {
                ...Object.fromEntries(block.group_by.map((name, at) => [name, group[at] ?? ''])),
                ...extra,
              },
              title: header.title(event, extra),
              entity: header.entity(event, extra),
            }
          },
          get state() {
            return memory.state
          },
          windows: [
            {
              id: header.info.id,
              fingerprint,
              save: () => memory.save(),
              restore: (saved) => memory.restore(saved),
            },
          ],
        }
      },
    }
    return rule
  },
}

/** In the words of people. */
function explanation({
  intervalMs,
  dispersion,
  events,
  sinceMs,
}: Rhythm): Readonly<Record<string, string | number>> {
  const seconds = intervalMs / 1000
  const interval =
    seconds < 120
      ? `${seconds.toFixed(1)} s`
      : seconds < 7200
        ? `${(seconds / 60).toFixed(1)} min`
        : `${(seconds / 3600).toFixed(1)} h`
  return {
    interval,
    dispersion: `${(100 * dispersion).toFixed(1)} %`,
    count: events,
    since: new Date(sinceMs).toISOString(),
  }
}
