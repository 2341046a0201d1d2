import { matchesIn } from '../../condition/matcher.ts'
import type { Field } from '../../fields/field.ts'
import { readAll, slotsOf, wholeText } from '../../fields/named-fields.ts'
import { nearest } from '../../loading/suggest.ts'
import type { CompiledRule, RuleType } from '../../rule-type.ts'
import { durationMs } from '../../window/duration.ts'
import { HabitMemory, type HabitOptions, type NewValue } from './memory.ts'
import { RuleDraft } from '../rule-draft.ts'
import { firstSeenSchema } from './schema.ts'
import { readValueName, valueModifiers } from './value.ts'

const LANGUAGE = {
  type: 'first-seen',
  key: 'first_seen',
  schema: firstSeenSchema,
  extra: ['value', 'known', 'before', 'sightings', 'since'],
} as const
/** Known values that an alert tells. */
const MOST_TOLD = 5

/**
 * First-seen rules: learn what is usual for each group, and fire at what it never showed. Detection as in a Sigma rule, with
 * `type: first-seen` and a block `first_seen` (see `schema.ts`).
 */
export const firstSeen: RuleType = {
  name: 'first-seen',
  accepts: ({ data }) => data['type'] === 'first-seen',
  compile: (document, context) => {
    const draft = new RuleDraft(document, context, LANGUAGE)
    const { detection, condition, block, header, problems } = draft
    if (!detection || !condition || !block || !header) return problems
    const routes = draft.bindCondition(condition)
    const values = block.fields.flatMap((name, index) => {
      const path = ['first_seen', 'fields', index]
      const value = readValueName(name)
      if (value !== undefined) return { ...value, slots: draft.bindName(value.field, 'fields', index) }
      const wrong = name.slice(name.indexOf('|') + 1)
      const near = nearest(wrong, valueModifiers)
      problems.push(
        document.problem(path, 'unknown-modifier', `unknown modifier "${wrong}"`, {
          hint:
            near === undefined ? `expected one of ${valueModifiers.join(', ')}` : `did you mean "${near}"`,
          at: 'value',
        }),
      )
      return []
    })
    if (block.near > 0 && (values.length !== 1 || values[0]?.modifier !== 'hour')) {
      const message = '"near" is for a rule with one field, with the modifier "hour"'
      problems.push(document.problem(['first_seen', 'near'], 'invalid-value', message))
    }
    const groups = block.group_by.map((name, index) => draft.bindName(name, 'group_by', index))
    if (draft.isFaulty(detection)) return problems

    const { routesOf, fingerprint, rule: common } = draft.finish(detection, header)
    const options: HabitOptions = {
      learnMs: durationMs(block.learn) ?? 0,
      atLeast: block.at_least,
      forgetMs: durationMs(block.forget) ?? 0,
      mostValues: block.most_values,
      nearHours: block.near,
    }
    const rule: CompiledRule = {
      ...common,
      routes: routesOf(routes),
      fingerprint,
      start: (linker) => {
        const memory = new HabitMemory(options)
        const slot = (field: Field) => linker.slot(field)
        const valueSlots = values.map(({ slots, read }) => ({ slots: slotsOf(slots, slot), read }))
        const groupSlots = groups.map((fields) => ({ slots: slotsOf(fields, slot), read: wholeText }))
        return {
          judge: (view, met) => {
            const { event } = view
            const group = readAll(view, groupSlots)
            const shown = group && readAll(view, valueSlots)
            if (!shown) return undefined
            const found = memory.see(JSON.stringify(group), shown.join(' '), event)
            if (!found) return undefined
            const extra = explanation(shown.join(' '), found)
            return {
              trigger: event,
              events: [event],
              eventCount: 1,
              matches: matchesIn(view, met),
              aggregate: {
                ...Object.fromEntries(block.group_by.map((name, i) => [name, group[i] ?? ''])),
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

/** What was known before, for people. */
function explanation(
  value: string,
  { known, sightings, sinceMs }: NewValue,
): Readonly<Record<string, string | number>> {
  const told = known
    .slice(0, MOST_TOLD)
    .map(
      ({ value: text, count, lastMs }) =>
        `${text} (${count === 1 ? 'once' : `${count} times`}, last ${day(lastMs)})`,
    )
  if (known.length > MOST_TOLD) told.push(`and ${known.length - MOST_TOLD} more`)
  return { value, known: known.length, before: told.join(', ') || 'nothing', sightings, since: day(sinceMs) }
}

function day(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}
