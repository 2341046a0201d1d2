import type { Event, EventKind, RuleId, RuleProblem } from '@vedette/model'
import { and, type Condition } from '../../condition/condition.ts'
import type { RuleDocument } from '../../loading/document.ts'
import { type EventView, type FieldText, readField, textOf } from '../../fields/event-view.ts'
import type { Field } from '../../fields/field.ts'
import { isOwnSource } from '../../fields/log-source.ts'
import { slotsOf } from '../../fields/named-fields.ts'
import { type Matcher, matchesIn } from '../../condition/matcher.ts'
import type { Parameters } from '../../loading/parameters.ts'
import type { RuleHeader } from '../../loading/rule-header.ts'
import type { CompiledRule, Hit, Judge, Linker, RecordCounting, RuleType } from '../../rule-type.ts'
import type { NamedField } from '../../selection/reader.ts'
import { durationMs } from '../../window/duration.ts'
import type { Stateful } from '../../window/state.ts'
import { type Counted, ThresholdCounter } from './counter.ts'
import { RuleDraft } from '../rule-draft.ts'
import { thresholdSchema } from './schema.ts'
import type { CountingWindow } from './window.ts'

const MOST_EVENTS = 100
const LANGUAGE = { type: 'threshold', key: 'threshold', schema: thresholdSchema, extra: ['count'] } as const

/**
 * Threshold rules: so many events, or different values of a field, within a time, counted apart for each group; and what
 * follows such a count. Detection as in a Sigma rule, with `type: threshold` and a block `threshold` (see `schema.ts`).
 */
export const threshold: RuleType = {
  name: 'threshold',
  accepts: ({ data }) => data['type'] === 'threshold',
  compile: (document, context) => {
    // What keeps the rule from our own Events is only told: it loads for foreign records, as rules of Sigma do.
    const draft = new RuleDraft(document, context, LANGUAGE)
    const { detection, condition: counted, header, problems } = draft
    if (!draft.block) return problems
    const block = draft.block
    const used = detection?.used ?? new Set<string>()
    const count = readCount(document, block.count, context.parameters, used, problems)
    const follows =
      block.followed_by === undefined ? undefined : draft.readCondition(['threshold', 'followed_by'])
    if (!detection || !counted || count === undefined || !header) return problems

    const countRoutes = draft.bindCondition(counted)
    const followRoutes = follows && draft.bindCondition(follows)
    const groupBy = block.group_by.map((name, index) => draft.bindName(name, 'group_by', index))
    const distinct = block.distinct === undefined ? undefined : draft.bindName(block.distinct, 'distinct')
    if (draft.isFaulty(detection)) return problems

    const { filters, routesOf, fingerprint, rule: common } = draft.finish(detection, header)
    const isOwn = isOwnSource(detection.source)
    const windowMs = durationMs(block.window) ?? 0
    const part = (
      name: string,
      condition: Condition<NamedField>,
      own: ReadonlyMap<EventKind, Condition<Field>>,
    ): CompiledRule => ({
      info: { ...header.info, id: `${header.info.id}#${name}` as RuleId },
      ...(common.field && { field: common.field }),
      parameters: [],
      routes: routesOf(own),
      ...(isOwn
        ? {}
        : {
            foreign: {
              source: detection.source,
              condition:
                filters.length === 0
                  ? condition
                  : and([condition, ...filters.map((filter) => filter.condition)]),
              mappings: context.logSources.records,
            },
          }),
      start: () => ({
        judge: (view, met) => ({
          trigger: view.event,
          events: [view.event],
          eventCount: 1,
          matches: matchesIn(view, met),
          title: header.title(view.event),
          entity: header.entity(view.event),
        }),
      }),
    })
    const counting: RecordCounting = {
      parts: [
        ...(follows && followRoutes ? [part('follows', follows, followRoutes)] : []),
        part('counted', counted, countRoutes),
      ],
      fields: [...new Set([...block.group_by, ...(block.distinct === undefined ? [] : [block.distinct])])],
      start: () => {
        const counter = new ThresholdCounter<{ readonly time: number }>({
          count,
          windowMs,
          follows: follows && block.order,
        })
        return {
          judge: ({ rule: name, time, id, read }) => {
            const values = block.group_by.map((group) => one(read(group)))
            if (values.includes(undefined)) return false
            const value = block.distinct === undefined ? undefined : one(read(block.distinct))
            if (name.endsWith('#counted') && block.distinct !== undefined && value === undefined) return false
            const isFollowing = name.endsWith('#follows')
            const event = { time, id, value }
            return (
              counter.judge(
                JSON.stringify(values),
                event,
                { time },
                {
                  counts: !isFollowing,
                  follows: isFollowing,
                },
              ) !== undefined
            )
          },
        }
      },
    }
    const rule: CompiledRule = {
      ...common,
      routes: routesOf(countRoutes, followRoutes),
      counting,
      fingerprint,
      start: (linker) => startJudge(linker, count, header),
    }
    return rule

    function kept(name: string, window: CountingWindow<Event>): Stateful<Event> {
      return {
        id: `${rule.info.id}${name}`,
        fingerprint,
        save: (itemOf) => window.save(itemOf),
        restore: (saved, item) => window.restore(saved, item),
      }
    }

    function startJudge(linker: Linker, count: number, header: RuleHeader): Judge {
      const counter = new ThresholdCounter<Event>({ count, windowMs, follows: follows && block.order })
      const counts = compileAll(countRoutes, linker)
      const followers = followRoutes && compileAll(followRoutes, linker)
      const slot = (field: Field) => linker.slot(field)
      const groupSlots = groupBy.map((fields) => slotsOf(fields, slot))
      const valueSlots = distinct && slotsOf(distinct, slot)

      const hit = (
        view: EventView,
        values: readonly string[],
        { items, count: total }: Counted<Event>,
        met: Matcher | undefined,
      ): Hit => {
        const { event } = view
        const last = items.slice(-MOST_EVENTS)
        return {
          trigger: event,
          events: last.some(({ id }) => id === event.id) ? last : [...last.slice(-MOST_EVENTS + 1), event],
          eventCount: items.some(({ id }) => id === event.id) ? items.length : items.length + 1,
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
          const counted = counts.get(event.kind)?.test(view) === true
          const value = counted && valueSlots ? textAt(view, valueSlots.get(event.kind)) : undefined
          const completed = counter.judge(
            JSON.stringify(values),
            { time: event.time, id: event.id, value },
            event,
            {
              counts: counted && (valueSlots === undefined || value !== undefined),
              follows: followers?.get(event.kind)?.test(view) === true,
            },
          )
          const met = followers?.get(event.kind)?.test(view) === true ? followers : counts
          return completed && hit(view, values, completed, met.get(event.kind))
        },
        judgeCarried: (view, met, part, read) => {
          const { event } = view
          // What the record does not say, such as the host, the event that carries it may.
          const textOfField = (name: string, slots: ReadonlyMap<EventKind, Field> | undefined) => {
            const own = slots?.get(event.kind)
            return one(read(name) ?? (own && textOf(readField(event, own))))
          }
          const values: string[] = []
          for (const [index, name] of block.group_by.entries()) {
            const value = textOfField(name, groupBy[index])
            if (value === undefined) return undefined
            values.push(value)
          }
          const isFollowing = follows !== undefined && part === 0
          const value = block.distinct === undefined ? undefined : textOfField(block.distinct, distinct)
          if (!isFollowing && block.distinct !== undefined && value === undefined) return undefined
          const completed = counter.judge(
            JSON.stringify(values),
            { time: event.time, id: event.id, value },
            event,
            { counts: !isFollowing, follows: isFollowing },
          )
          return completed && hit(view, values, completed, met)
        },
        get state() {
          return counter.window.state
        },
        windows: [kept('', counter.window), ...(counter.early ? [kept('#early', counter.early)] : [])],
      }
    }
  },
}

/** One text of what a field gives. */
function one(text: FieldText): string | undefined {
  return typeof text === 'string' || text === undefined ? text : JSON.stringify(text)
}

function compileAll(
  routes: ReadonlyMap<EventKind, Condition<Field>>,
  linker: Linker,
): ReadonlyMap<EventKind, Matcher> {
  return new Map([...routes].map(([kind, condition]) => [kind, linker.matcher(condition)]))
}

function textAt(view: EventView, slot: number | undefined): string | undefined {
  return slot === undefined ? undefined : one(view.text(slot))
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
