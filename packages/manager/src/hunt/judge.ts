import { type Clock, silentLogger } from '@vedette/base'
import {
  type CompiledRule,
  CorrelationNetwork,
  createEngine,
  type FieldText,
  type LoadedRules,
} from '@vedette/detect'
import type { ForeignRecord, RecordBatch } from '@vedette/formats'
import type { Event } from '@vedette/model'
import type { HuntIndicators } from './hunt-indicators.ts'
import { eventField, ownEvent } from './own-event.ts'

/**
 * Told each hit.
 *
 * @param record place in the batch
 * @param rule place among the judge's rules; below -1 an indicator (`indicatorPlace`)
 * @param values of the fields that correlations of the rule ask for (`correlatedFields`); undefined where none concerns it
 */
export type Visit = (record: number, rule: number, values: readonly FieldText[] | undefined) => void

/** Says which rules meet the records of a batch. */
export interface RecordJudge {
  /** Ids of the rules; what `Visit` gets is a place in it. */
  readonly ruleIds: readonly string[]
  /** Calls `visit` for every hit, in the order of the records and, for one record, of the rules. */
  judge(batch: RecordBatch, visit: Visit): void
}

/** Rules by which records are judged, each for itself. Rules that count come as their parts: see `CorrelatedHits`. */
export function rulesForRecords({ rules }: Pick<LoadedRules, 'rules'>): readonly CompiledRule[] {
  return rules.flatMap((rule) => rule.counting?.parts ?? [rule])
}

/**
 * A judge of records, each for itself (`rulesForRecords`): correlations are judged where all hits come together. Records
 * that are Events of Vedette are judged as such.
 */
export function createRecordJudge(
  loaded: LoadedRules,
  clock: Clock,
  indicators?: HuntIndicators,
): RecordJudge {
  const used = rulesForRecords(loaded)
  // A rule that fails on a record is counted by the engine; here nobody reads a log.
  const engine = createEngine(used, { clock, log: silentLogger })
  const ruleIds = used.map(({ info }) => info.id)
  const places = new Map<string, number>(ruleIds.map((id, place) => [id, place]))
  const asked = askedFields(loaded)
  const fields = ruleIds.map((id) => asked(id))

  function judgeEvent(event: Event, at: number, visit: Visit): void {
    for (const { rule } of engine.evaluate([event])) {
      const place = places.get(rule.id) ?? -1
      const pathOf = (name: string) => used[place]?.field?.(event.kind, name)?.path ?? name
      if (place >= 0)
        visit(
          at,
          place,
          fields[place]?.map((name) => eventField(event, pathOf(name))),
        )
    }
  }

  function judgeRecords(
    { records, sources }: Pick<RecordBatch, 'records' | 'sources'>,
    first: number,
    visit: Visit,
  ) {
    engine.judgeRecords(records, sources, (at, hit) => {
      const place = places.get(hit.rule.id)
      if (place === undefined) return
      visit(
        first + at,
        place,
        fields[place]?.map((name) => hit.read(name)),
      )
    })
  }

  function judgeByRules({ records, sources }: Pick<RecordBatch, 'records' | 'sources'>, visit: Visit) {
    let from = 0
    // Not over `entries()`: a pair for each record takes longer than the question.
    for (let at = 0; at < records.length; at += 1) {
      const event = ownEvent(records[at] as ForeignRecord)
      if (!event) continue
      // What came before it goes first, so that matches stay in order.
      if (at > from)
        judgeRecords({ records: records.slice(from, at), sources: sources.slice(from, at) }, from, visit)
      judgeEvent(event, at, visit)
      from = at + 1
    }
    if (from === 0) judgeRecords({ records, sources }, 0, visit)
    else if (from < records.length) {
      judgeRecords({ records: records.slice(from), sources: sources.slice(from) }, from, visit)
    }
  }

  return {
    ruleIds,
    judge(batch, visit) {
      if (!indicators) {
        judgeByRules(batch, visit)
        return
      }
      const named: { readonly at: number; readonly place: number }[] = []
      for (const [at, record] of batch.records.entries()) {
        indicators.search(ownEvent(record) ?? record, (place) => named.push({ at, place }))
      }
      let next = 0
      const tellBefore = (end: number) => {
        for (let one = named[next]; one !== undefined && one.at < end; one = named[next]) {
          visit(one.at, indicatorPlace(one.place), undefined)
          next += 1
        }
      }
      judgeByRules(batch, (at, rule, values) => {
        tellBefore(at)
        visit(at, rule, values)
      })
      tellBefore(batch.records.length)
    },
  }
}

/** How an indicator stands among places of rules, and back: -1 is no rule. */
export function indicatorPlace(place: number): number {
  return -2 - place
}

/**
 * Fields that are carried along with the hits of a rule, in order; undefined where neither a correlation nor a rule that
 * counts wants its hits.
 */
export function askedFields({
  rules,
  correlations,
}: Pick<LoadedRules, 'rules' | 'correlations'>): (rule: string) => readonly string[] | undefined {
  const network = new CorrelationNetwork<never>(correlations)
  const counted = new Map<string, readonly string[]>()
  for (const { info, counting } of rules) {
    for (const part of counting?.parts ?? []) {
      counted.set(part.info.id, [...(counting?.fields ?? []), ...network.fieldsOf(info.id)])
    }
  }
  return (rule) => {
    const fields = counted.get(rule) ?? (network.concerns(rule) ? network.fieldsOf(rule) : undefined)
    return fields && [...new Set(fields)].sort()
  }
}
