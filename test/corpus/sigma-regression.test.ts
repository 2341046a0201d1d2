import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import { createEngine, type Engine, loadRules } from '@vedette/detect'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { readRecords } from './read-records.ts'
import { unpackCorpus } from './unpack.ts'

const caseSchema = z.object({
  rule_metadata: z.array(z.object({ id: z.string() })).length(1),
  regression_tests_info: z.array(z.object({ match_count: z.int().optional() })).length(1),
})

/**
 * Cases whose number is not that of the records that meet the rule; each was read by a person, and every one of these
 * records is what the rule describes (SPEC.md, R9).
 */
const MORE_THAN_SAID: Readonly<Record<string, { readonly said: number; readonly met: number }>> = {
  registry_set_change_security_zones: { said: 1, met: 3 },
  file_event_win_cred_dump_tools_dropped_files: { said: 1, met: 3 },
  file_event_win_anydesk_artefact: { said: 1, met: 3 },
}

let corpus: ReturnType<typeof unpackCorpus>
let engine: Engine
let cases: readonly string[]
beforeAll(async () => {
  corpus = unpackCorpus('sigma.tgz')
  const folder = join(corpus.path, 'sigma')
  const { rules } = await loadRules(['rules', 'rules-emerging-threats'].map((name) => join(folder, name)))
  engine = createEngine(rules, { clock: systemClock, log: silentLogger })
  cases = globSync('regression_data/**/info.yml', { cwd: folder }).map((name) => dirname(join(folder, name)))
})
afterAll(() => corpus[Symbol.dispose]())

test.each(['json', 'evtx'])(
  "R9 SigmaHQ's regression cases fire as often as they say, from %s",
  (extension) => {
    expect(cases).toHaveLength(119)
    const differences: unknown[] = []
    let judged = 0
    for (const folder of cases) {
      const name = folder.split('/').at(-1) ?? ''
      const info = caseSchema.parse(parse(readFileSync(join(folder, 'info.yml'), 'utf8')))
      const id = info.rule_metadata[0]?.id ?? ''
      const said = info.regression_tests_info[0]?.match_count
      const file = join(folder, `${id}.${extension}`)
      if (!existsSync(file)) continue
      const { records, sources } = readRecords(file)
      let met = 0
      engine.judgeRecords(records, sources, (_, { rule }) => {
        if (rule.id === id) met += 1
      })
      judged += 1
      const known = MORE_THAN_SAID[name]
      const expected = known ? { said: known.said, met: known.met } : { said, met: said ?? Math.max(1, met) }
      if (said !== expected.said || met !== expected.met)
        differences.push({ name, said, met, of: records.length })
    }
    expect(judged).toBeGreaterThan(100)
    expect(differences).toEqual([])
  },
)
