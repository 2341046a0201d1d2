import { type Clock, silentLogger } from '@vedette/base'
import {
  CorrelationNetwork,
  createEngine,
  type Engine,
  type FieldText,
  type LoadedRules,
} from '@vedette/detect'
import type { RuleInfo } from '@vedette/model'
import { timeOf } from '../hunt/record-facts.ts'
import type { NumberedRecord } from './numbered-records.ts'

/** Judges records of files, Events among them, with correlations over both. */
export class FileJudge {
  /** What it asks; for what rules cost. */
  readonly engine: Engine
  readonly #network: CorrelationNetwork<NumberedRecord>

  constructor({ rules, correlations }: Pick<LoadedRules, 'rules' | 'correlations'>, clock: Clock) {
    this.engine = createEngine(rules, { clock, log: silentLogger, correlations })
    this.#network = new CorrelationNetwork(correlations)
  }

  /** @param fired told of every rule and correlation that fires, in the order of the records */
  judge(records: readonly NumberedRecord[], fired: (rule: RuleInfo, record: NumberedRecord) => void): void {
    for (const one of records) {
      if (one.event) {
        for (const detection of this.engine.evaluate([one.event])) fired(detection.rule, one)
        continue
      }
      this.engine.judgeRecords([one.record], [one.source], (_index, hit) => {
        const { rule } = hit
        if (!this.#network.silent(rule.id)) fired(rule, one)
        const time = timeOf(one.record)
        if (time === undefined || !this.#network.concerns(rule.id)) return
        const values = new Map<string, FieldText>()
        for (const name of this.#network.fieldsOf(rule.id)) values.set(name, hit.read(name))
        const firings = this.#network.judge({
          rule: rule.id,
          time,
          id: '',
          read: (name) => values.get(name),
          item: one,
        })
        for (const { alerts, correlation } of firings) if (alerts) fired(correlation.info, one)
      })
    }
  }
}
