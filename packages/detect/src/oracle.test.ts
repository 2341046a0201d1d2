import { silentLogger } from '@vedette/base'
import { expect, test } from 'vitest'
import { createEngine } from './engine.ts'
import { Generator } from './testing/generator.ts'
import { compileText, stillClock } from './testing/rules.ts'

/** `npm run test:oracle` sets a million. */
const RECORDS = Number(process.env['VEDETTE_TEST_ORACLE_RECORDS'] ?? 6000)
const SEED = Number(process.env['VEDETTE_TEST_ORACLE_SEED'] ?? 1)
const RULES = 60
const RECORDS_A_SET = 1000
const BATCH = 100

test(
  'E3 the index, with code and with closures, gives what asking every rule gives, on generated rules and records',
  () => {
    let hits = 0
    for (let set = 0; set * RECORDS_A_SET < RECORDS; set += 1) {
      const generator = new Generator(SEED + set)
      const rules = Array.from({ length: RULES }, (_, n) => compileText(generator.rule(n)).rules).flat()
      expect(rules.length).toBeGreaterThan(RULES / 2)
      const around = { clock: stillClock, log: silentLogger }
      const scan = createEngine(rules, { ...around, strategy: 'scan' })
      const others = [createEngine(rules, around), createEngine(rules, { ...around, generate: false })]
      for (let done = 0; done < RECORDS_A_SET; done += BATCH) {
        const records = Array.from({ length: BATCH }, () => generator.record())
        const sources = records.map(() => generator.source())
        const [expected = [], ...found] = [scan, ...others].map((engine) => {
          const met: string[] = []
          engine.judgeRecords(records, sources, (index, { rule }) => met.push(`${index} ${rule.title}`))
          return met
        })
        hits += expected.length
        for (const one of found) {
          if (one.join('\n') === expected.join('\n')) continue
          // Says what is needed to look into it.
          const at = one.findIndex((hit, place) => hit !== expected[place])
          const index = Number((one[at] ?? expected[at] ?? expected[one.length] ?? '0').split(' ', 1)[0])
          expect({ seed: SEED + set, record: records[index], source: sources[index], met: one }).toEqual({
            seed: SEED + set,
            record: records[index],
            source: sources[index],
            met: expected,
          })
        }
      }
      for (const engine of [scan, ...others]) expect(engine.counters.errors).toBe(0)
    }
    // Otherwise nothing was compared.
    expect(hits).toBeGreaterThan(RECORDS)
  },
  RECORDS > 100_000 ? 3_600_000 : 60_000,
)
