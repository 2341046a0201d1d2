import type { EventKind, RuleProblem } from '@vedette/model'
import type { Matcher } from '../../matcher.ts'
import { readHeader } from '../../rule-header.ts'
import type { CompiledRule, RuleType } from '../../rule-type.ts'
import { bindToRoutes, readCondition, readDetection } from '../../selection/detection.ts'

/**
 * Sigma rules (specification 2.1): one event, one alert. Correlations and filters of Sigma are documents of their own
 * and refused.
 */
export const sigma: RuleType = {
  name: 'sigma',
  accepts: ({ data }) =>
    ('detection' in data || 'logsource' in data) && (data['type'] ?? 'sigma') === 'sigma',
  compile: (document, { logSources, techniques, parameters }) => {
    const problems: RuleProblem[] = []
    const detection = readDetection(document, logSources, parameters, problems)
    const condition =
      detection && readCondition(document, ['detection', 'condition'], detection.selections, problems)
    const kinds = detection?.routes.map((route) => route.kind) ?? []
    const header = readHeader(document, 'sigma', kinds, techniques, problems)
    if (!detection || !condition || !header) return problems
    const routes = bindToRoutes(document, condition, detection.routes, problems)
    if (problems.length > 0) return problems

    const rule: CompiledRule = {
      info: header.info,
      parameters: [...detection.used],
      routes,
      start: (linker) => {
        const matchers = new Map<EventKind, Matcher>()
        for (const [kind, route] of routes) matchers.set(kind, linker.matcher(route))
        return {
          judge: (view) => {
            const { event } = view
            return {
              trigger: event,
              events: [event],
              eventCount: 1,
              matches: matchers.get(event.kind)?.explain(view) ?? [],
              title: header.title(event),
              entity: header.entity(event),
            }
          },
        }
      },
    }
    return rule
  },
}
