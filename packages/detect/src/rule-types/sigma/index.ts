import type { EventKind, RuleProblem } from '@vedette/model'
import { and } from '../../condition/condition.ts'
import { matchesIn } from '../../condition/matcher.ts'
import { isOwnSource } from '../../fields/log-source.ts'
import { readHeader } from '../../loading/rule-header.ts'
import type { CompiledRule, RuleType } from '../../rule-type.ts'
import { bindToRoutes, bound, readCondition, readDetection } from '../../selection/detection.ts'

/**
 * Sigma rules (specification 2.1): one event, one alert. What keeps a rule from our own Events (a log source that nothing
 * here delivers, a field that they lack) is a warning: it loads for foreign records.
 */
export const sigma: RuleType = {
  name: 'sigma',
  accepts: ({ data }) =>
    ('detection' in data || 'logsource' in data) &&
    !('filter' in data || 'correlation' in data) &&
    (typeof data['type'] !== 'string' || data['type'] === 'sigma'),
  compile: (document, { logSources, techniques, parameters, filters }) => {
    const problems: RuleProblem[] = []
    const silent: RuleProblem[] = []
    const detection = readDetection(document, logSources, parameters, problems)
    const condition =
      detection && readCondition(document, ['detection', 'condition'], detection.selections, problems)
    const kinds = detection?.routes.map((route) => route.kind) ?? []
    const header = readHeader(document, 'sigma', kinds, techniques, problems)
    if (!detection || !condition || !header) return problems
    const { source, routes: sources, used, undelivered } = detection

    const applied = filters?.of(header, source) ?? []
    const whole = applied.length === 0 ? condition : and([condition, ...applied.map((one) => one.condition)])
    const routes = bindToRoutes(document, condition, sources, silent)
    const isOwn = isOwnSource(source)
    if (isOwn && (undelivered || silent.length > 0)) {
      return [...problems, ...silent, ...(undelivered ? [undelivered()] : [])]
    }

    const field = (kind: EventKind, name: string) => sources.find((route) => route.kind === kind)?.field(name)
    const rule: CompiledRule = {
      info: header.info,
      ...(header.name === undefined ? {} : { name: header.name }),
      parameters: [...used, ...applied.flatMap((filter) => filter.parameters)],
      routes: silent.length > 0 || applied.length === 0 ? routes : bound(whole, sources),
      ...(isOwn ? {} : { foreign: { source, condition: whole, mappings: logSources.records } }),
      get warnings() {
        return [
          ...(undelivered ? [undelivered()] : silent),
          ...applied.flatMap((filter) => filter.check(sources)),
        ]
      },
      field,
      start: () => ({
        judge: (view, met) => {
          const { event } = view
          return {
            trigger: event,
            events: [event],
            eventCount: 1,
            matches: matchesIn(view, met),
            title: header.title(event),
            entity: header.entity(event),
          }
        },
      }),
    }
    return rule
  },
}
