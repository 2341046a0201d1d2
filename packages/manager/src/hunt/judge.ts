import { type Clock, silentLogger } from '@vedette/base'
import { CorrelationNetwork, createEngine, type FieldText, type LoadedRules } from '@vedette/detect'
import type { RecordBatch } from '@vedette/formats'

/** Says which rules meet the records of a batch. */
export interface RecordJudge {
  /** Ids of the rules; what `visit` gets is a place in it. */
  readonly ruleIds: readonly string[]
  /**
   * Calls `visit` for every hit, in the order of the records and, for one record, of the rules.
   *
   * @param visit `values` are those of the fields that correlations of the rule ask for (`correlatedFields`); undefined where
   *   no correlation concerns it
   */
  judge(
    batch: RecordBatch,
    visit: (record: number, rule: number, values: readonly FieldText[] | undefined) => void,
  ): void
}

export function createRecordJudge({ rules, correlations }: LoadedRules, clock: Clock): RecordJudge {
  // Every record for itself: correlations are judged where all hits come together. A rule that fails on a record is
  // counted by the engine; here nobody reads a log.
  const engine = createEngine(rules, { clock, log: silentLogger })
  const ruleIds = engine.rules.map(({ id }) => id)
  const places = new Map<string, number>(ruleIds.map((id, place) => [id, place]))
  const network = new CorrelationNetwork<never>(correlations)
  const fields = ruleIds.map((id) => correlatedFields(network, id))
  return {
    ruleIds,
    judge({ records, sources }, visit) {
      engine.judgeRecords(records, sources, (at, hit) => {
        const place = places.get(hit.rule.id)
        if (place === undefined) return
        visit(
          at,
          place,
          fields[place]?.map((name) => hit.read(name)),
        )
      })
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
