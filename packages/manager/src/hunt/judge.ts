import { type Clock, silentLogger } from '@vedette/base'
import { type CompiledRule, createEngine } from '@vedette/detect'
import type { RecordBatch } from '@vedette/formats'

/** Says which rules meet the records of a batch. */
export interface RecordJudge {
  /** Ids of the rules; what `visit` gets is a place in it. */
  readonly ruleIds: readonly string[]
  /** Calls `visit` for every hit, in the order of the records and, for one record, of the rules. */
  judge(batch: RecordBatch, visit: (record: number, rule: number) => void): void
}

export function createRecordJudge(rules: readonly CompiledRule[], clock: Clock): RecordJudge {
  // A rule that fails on a record is counted by the engine; here nobody reads a log.
  const engine = createEngine(rules, { clock, log: silentLogger })
  const ruleIds = engine.rules.map(({ id }) => id)
  const places = new Map<string, number>(ruleIds.map((id, place) => [id, place]))
  return {
    ruleIds,
    judge({ records, sources }, visit) {
      engine.judgeRecords(records, sources, (record, hit) => {
        const place = places.get(hit.rule.id)
        if (place !== undefined) visit(record, place)
      })
    },
  }
}
