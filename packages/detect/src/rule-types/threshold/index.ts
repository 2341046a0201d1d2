import type { Event, EventKind, RuleProblem } from '@vedette/model'
import { and, type Condition, or } from '../../condition/condition.ts'
import type { DocumentPath, RuleDocument } from '../../loading/document.ts'
import type { EventView } from '../../fields/event-view.ts'
import type { Field } from '../../fields/field.ts'
import { suggestField } from '../../fields/field.ts'
import type { LogSourceRoute } from '../../fields/log-source.ts'
import { type Matcher, matchesIn } from '../../condition/matcher.ts'
import { fingerprintOf } from '../../loading/fingerprint.ts'
import type { Parameters } from '../../loading/parameters.ts'
import { readHeader, type RuleHeader } from '../../loading/rule-header.ts'
import type { CompiledRule, Hit, Judge, Linker, RuleType } from '../../rule-type.ts'
import { bindToRoutes, bound, readCondition, readDetection } from '../../selection/detection.ts'
import { durationMs } from '../../window/duration.ts'
import type { Stateful } from '../../window/state.ts'
import { thresholdKeys, thresholdSchema } from './schema.ts'
import { CountingWindow } from './window.ts'

const MOST_EVENTS = 100

/**
 * Threshold rules: so many events, or different values of a field, within a time, counted apart for each group; and what
 * follows such a count. Detection as in a Sigma rule, with `type: threshold` and a block `threshold` (see `schema.ts`).
 */
export const threshold: RuleType = {
  name: 'threshold',
  accepts: ({ data }) => data['type'] === 'threshold',
  compile: (document, { logSources, techniques, parameters, filters }) => {
    const problems: RuleProblem[] = []
    const detection = readDetection(document, logSources, parameters, problems)
    if (detection?.undelivered) problems.push(detection.undelivered())
    const counted =
      detection && readCondition(document, ['detection', 'condition'], detection.selections, problems)
    const parsed = thresholdSchema.safeParse(document.data['threshold'])
    if (!parsed.success) {
      problems.push(...document.problemsOf(parsed.error, ['threshold'], thresholdKeys))
      return problems
    }
    const block = parsed.data
    const used = detection?.used ?? new Set<string>()
    const count = readCount(document, block.count, parameters, used, problems)
    const follows =
      detection && block.followed_by !== undefined
        ? readCondition(document, ['threshold', 'followed_by'], detection.selections, problems)
        : undefined
    const sources = detection?.routes ?? []
    const kinds = sources.map((route) => route.kind)
    const header = readHeader(document, 'threshold', kinds, techniques, problems, ['count'])
    if (!detection || !counted || count === undefined || !header) return problems

    const countRoutes = bindToRoutes(document, counted, sources, problems)
    const followRoutes = follows && bindToRoutes(document, follows, sources, problems)
    const groupBy = block.group_by.map((name, index) =>
      bindNames(document, ['threshold', 'group_by', index], name, sources, problems),
    )
    const distinct =
      block.distinct === undefined
        ? undefined
        : bindNames(document, ['threshold', 'distinct'], block.distinct, sources, problems)
    if (problems.length > 0) return problems

    // Filters stand before the counting: what they take out is neither counted nor follows, and the window stays the same.
    const applied = filters?.of(header, detection.source) ?? []
    const allowed = bound(and(applied.map((filter) => filter.condition)), sources)
    const routes = new Map<EventKind, Condition<Field>>()
    for (const [kind, route] of countRoutes) {
      const other = followRoutes?.get(kind)
      const asked = other ? or([route, other]) : route
      const filter = allowed.get(kind)
      routes.set(kind, applied.length > 0 && filter ? and([asked, filter]) : asked)
    }
    const windowMs = durationMs(block.window) ?? 0
    const rule: CompiledRule = {
      info: header.info,
      ...(header.name === undefined ? {} : { name: header.name }),
      field: (kind, name) => sources.find((route) => route.kind === kind)?.field(name),
      parameters: [...used, ...applied.flatMap((filter) => filter.parameters)],
      routes,
      warnings: applied.flatMap((filter) => filter.check(sources)),
      fingerprint: fingerprintOf(document, used, parameters),
      start: (linker) => startJudge(linker, count, header),
    }
    return rule

    function kept(name: string, window: CountingWindow<Event>): Stateful<Event> {
      return {
        id: `${rule.info.id}${name}`,
        fingerprint: rule.fingerprint ?? '',
        save: (itemOf) => window.save(itemOf),
        restore: (saved, item) => window.restore(saved, item),
      }
    }

    function startJudge(linker: Linker, count: number, header: RuleHeader): Judge {
      const window = new CountingWindow<Event>({ count, windowMs })
      // With any order: events that came before what they were to follow.
      const early = block.order === 'any' ? new CountingWindow<Event>({ count: 1, windowMs }) : undefined
      const counts = compileAll(countRoutes, linker)
      const followers = followRoutes && compileAll(followRoutes, linker)
      const groupSlots = groupBy.map((fields) => slotsOf(fields, linker))
      const valueSlots = distinct && slotsOf(distinct, linker)

      const hit = (
        view: EventView,
        values: readonly string[],
        events: readonly Event[],
        total: number,
      ): Hit => {
        const { event } = view
        const met = (followers?.get(event.kind)?.test(view) ? followers : counts).get(event.kind)
        const last = events.slice(-MOST_EVENTS)
        return {
          trigger: event,
          events: last.some(({ id }) => id === event.id) ? last : [...last.slice(-MOST_EVENTS + 1), event],
          eventCount: events.some(({ id }) => id === event.id) ? events.length : events.length + 1,
          matches: met ? matchesIn(view, met) : [],
          aggregate: {
            ...Object.fromEntries(block.group_by.map((name, i) => [name, values[i] ?? ''])),
            count: total,
          },
          title: header.title(event, { count: total }),
          entity: header.entity(event, { count: total }),
        }
      }

      return {
        judge: (view) => {
          const { event } = view
          const values: string[] = []
          for (const slots of groupSlots) {
            const value = textAt(view, slots.get(event.kind))
            if (value === undefined) return undefined
            values.push(value)
          }
          const key = JSON.stringify(values)
          // An event that is both counted and follows, follows what was there before it.
          const follows = followers?.get(event.kind)?.test(view) === true
          const followed = follows ? window.follow(key, event) : undefined
          if (follows && !followed) early?.add(key, event, event)
          if (counts.get(event.kind)?.test(view)) {
            const value = valueSlots && textAt(view, valueSlots.get(event.kind))
            if (valueSlots && value === undefined) return undefined
            const { count: total, fires } = window.add(key, { time: event.time, id: event.id, value }, event)
            if (fires && !followers) return hit(view, values, window.items(key), total)
            const first = total >= count ? early?.follow(key, event) : undefined
            const second = first && window.follow(key, event)
            if (second) return hit(view, values, inOrder([...first, ...second]), second.length)
          }
          return followed && hit(view, values, followed, followed.length)
        },
        get state() {
          return window.state
        },
        windows: [kept('', window), ...(early ? [kept('#early', early)] : [])],
      }
    }
  },
}

function inOrder(events: readonly Event[]): readonly Event[] {
  return events.toSorted((a, b) => a.time - b.time)
}

function compileAll(
  routes: ReadonlyMap<EventKind, Condition<Field>>,
  linker: Linker,
): ReadonlyMap<EventKind, Matcher> {
  return new Map([...routes].map(([kind, condition]) => [kind, linker.matcher(condition)]))
}

function slotsOf(fields: ReadonlyMap<EventKind, Field>, linker: Linker): ReadonlyMap<EventKind, number> {
  return new Map([...fields].map(([kind, field]) => [kind, linker.slot(field)]))
}

function textAt(view: EventView, slot: number | undefined): string | undefined {
  const text = slot === undefined ? undefined : view.text(slot)
  return typeof text === 'string' || text === undefined ? text : JSON.stringify(text)
}

function bindNames(
  document: RuleDocument,
  path: DocumentPath,
  name: string,
  routes: readonly LogSourceRoute[],
  problems: RuleProblem[],
): ReadonlyMap<EventKind, Field> {
  const fields = new Map<EventKind, Field>()
  for (const route of routes) {
    const field = name === '' ? undefined : route.field(name)
    if (field) fields.set(route.kind, field)
  }
  if (fields.size === 0) {
    const kinds = routes.map(({ kind }) => kind)
    const hint = suggestField(name, kinds)
    const message = `events of this log source have no field "${name}"`
    problems.push(document.problem(path, 'unknown-field', message, { hint, at: 'value' }))
  }
  return fields
}

function readCount(
  document: RuleDocument,
  count: number | string,
  parameters: Parameters,
  used: Set<string>,
  problems: RuleProblem[],
): number | undefined {
  if (typeof count === 'number') return count
  const name = count.slice(1, -1)
  const path = ['threshold', 'count']
  used.add(name)
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
  if (value === undefined) {
    const message = `nothing gives the parameter "${name}" a value`
    problems.push(document.problem(path, 'unresolved-placeholder', message, { at: 'value' }))
    return undefined
  }
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 10_000) {
    const message = `the parameter "${name}" is ${JSON.stringify(value)}, expected a whole number from 1 to 10000`
    problems.push(document.problem(path, 'invalid-value', message, { at: 'value' }))
    return undefined
  }
  return value
}
