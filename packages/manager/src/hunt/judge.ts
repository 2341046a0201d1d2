import { type Clock, silentLogger } from '@vedette/base'
import {
  type CompiledRule,
  CorrelationNetwork,
  createEngine,
  type FieldText,
  type LoadedRules,
} from '@vedette/detect'
import type { RecordBatch } from '@vedette/formats'
import type { Event } from '@vedette/model'
import { eventField, ownEvent } from './own-event.ts'

/**
 * Told each hit.
 *
 * @param record place in the batch
 * @param rule place among the judge's rules
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

/** Rules that count over events live are no use here: what they count would have to be judged in one place and in order. */
export function rulesForRecords({ rules }: LoadedRules): readonly CompiledRule[] {
  return rules.filter(({ info }) => info.type !== 'threshold')
}

/**
 * A judge of records, each for itself (`rulesForRecords`): correlations are judged where all hits come together. Records
 * that are Events of Vedette are judged as such.
 */
export function createRecordJudge(loaded: LoadedRules, clock: Clock): RecordJudge {
  const used = rulesForRecords(loaded)
  // A rule that fails on a record is counted by the engine; here nobody reads a log.
  const engine = createEngine(used, { clock, log: silentLogger })
  const ruleIds = used.map(({ info }) => info.id)
  const places = new Map<string, number>(ruleIds.map((id, place) => [id, place]))
  const network = new CorrelationNetwork<never>(loaded.correlations)
  const fields = ruleIds.map((id) => correlatedFields(network, id))

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

  return {
    ruleIds,
    judge({ records, sources }, visit) {
      let from = 0
      for (const [at, record] of records.entries()) {
        const event = ownEvent(record)
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
    },
  }
}

/** Fields that are carried along with the hits of a rule, in order; undefined where no correlation concerns it. */
export function correlatedFields<T>(
  network: CorrelationNetwork<T>,
  rule: string,
): readonly string[] | undefined {
  return network.concerns(rule) ? [...network.fieldsOf(rule)].sort() : undefined
}
