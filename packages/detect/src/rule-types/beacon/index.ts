import type { EventKind, RuleProblem } from '@vedette/model'
import { and, type Condition } from '../../condition/condition.ts'
import { matchesIn } from '../../condition/matcher.ts'
import type { Field } from '../../fields/field.ts'
import { isOwnSource } from '../../fields/log-source.ts'
import { bindNames, readAll, slotsOf, wholeText } from '../../fields/named-fields.ts'
import { fingerprintOf } from '../../loading/fingerprint.ts'
import { readHeader } from '../../loading/rule-header.ts'
import type { CompiledRule, RuleType } from '../../rule-type.ts'
import { bindToRoutes, bound, readCondition, readDetection } from '../../selection/detection.ts'
import { durationMs } from '../../window/duration.ts'
import { type Rhythm, RhythmMemory, type RhythmOptions } from './rhythm.ts'
import { beaconKeys, beaconSchema } from './schema.ts'

/** What the sentences of such a rule may name besides fields. */
const EXTRA = ['interval', 'dispersion', 'count', 'since']

/**
 * Beacon rules: fire at events that come at even intervals, as those of a program do that calls home by a timer. Detection as
 * in a Sigma rule, with `type: beacon` and a block `beacon` (see `schema.ts`).
 */
export const beacon: RuleType = {
  name: 'beacon',
  accepts: ({ data }) => data['type'] === 'beacon',
  compile: (document, { logSources, techniques, parameters, filters }) => {
    const problems: RuleProblem[] = []
    const detection = readDetection(document, logSources, parameters, problems)
    const condition =
      detection && readCondition(document, ['detection', 'condition'], detection.selections, problems)
    const parsed = beaconSchema.safeParse(document.data['beacon'])
    if (!parsed.success) {
      problems.push(...document.problemsOf(parsed.error, ['beacon'], beaconKeys))
      return problems
    }
    const block = parsed.data
    const sources = detection?.routes ?? []
    const kinds = sources.map((route) => route.kind)
    const header = readHeader(document, 'beacon', kinds, techniques, problems, EXTRA)
    if (!detection || !condition || !header) return problems

    const silent: RuleProblem[] = []
    const routes = bindToRoutes(document, condition, sources, silent)
    const groups = block.group_by.map((name, index) =>
      bindNames(document, ['beacon', 'group_by', index], name, sources, silent),
    )
    if (isOwnSource(detection.source)) {
      problems.push(...(detection.undelivered ? [detection.undelivered()] : silent))
    }
    if (problems.length > 0) return problems

    // Filters stand before the memory: what they take out keeps no time.
    const applied = filters?.of(header, detection.source) ?? []
    const allowed = bound(and(applied.map((filter) => filter.condition)), sources)
    const filtered = new Map<EventKind, Condition<Field>>()
    for (const [kind, route] of silent.length > 0 ? [] : routes) {
      const filter = allowed.get(kind)
      filtered.set(kind, applied.length > 0 && filter ? and([route, filter]) : route)
    }
    const options: RhythmOptions = {
      atLeast: block.at_least,
      dispersion: block.dispersion,
      minIntervalMs: durationMs(block.min_interval) ?? 0,
      maxIntervalMs: durationMs(block.max_interval) ?? 0,
      burstMs: durationMs(block.burst) ?? 0,
      againMs: durationMs(block.again) ?? 0,
    }
    const fingerprint = fingerprintOf(document, detection.used, parameters)
    const rule: CompiledRule = {
      info: header.info,
      ...(header.name === undefined ? {} : { name: header.name }),
      field: (kind, name) => sources.find((route) => route.kind === kind)?.field(name),
      parameters: [...detection.used, ...applied.flatMap((filter) => filter.parameters)],
      routes: filtered,
      warnings: [
        ...(detection.undelivered ? [detection.undelivered()] : silent),
        ...applied.flatMap((filter) => filter.check(sources)),
      ],
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
