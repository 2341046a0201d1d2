import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import { createEngine, type Engine, loadRules } from '@vedette/detect'
import type { ForeignRecord } from '@vedette/formats'
import type { LogSource } from '@vedette/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRecords } from './read-records.ts'
import { unpackCorpus } from './unpack.ts'

/** Asking every rule takes milliseconds a record: a lane may take minutes. */
const SLOW = 1_800_000

const unpacked = new DisposableStack()
let sigma: string
let scan: Engine
let others: readonly Engine[]
beforeAll(async () => {
  sigma = unpacked.use(unpackCorpus('sigma.tgz')).path
  const folders = globSync('sigma/rules*', { cwd: sigma }).map((name) => join(sigma, name))
  const { rules } = await loadRules(folders)
  const around = { clock: systemClock, log: silentLogger }
  scan = createEngine(rules, { ...around, strategy: 'scan' })
  others = [createEngine(rules, around), createEngine(rules, { ...around, generate: false })]
})
afterAll(() => unpacked[Symbol.dispose]())

function hits(engine: Engine, records: readonly ForeignRecord[], sources: readonly LogSource[]): string[] {
  const met: string[] = []
  engine.judgeRecords(records, sources, (index, { rule }) => met.push(`${index} ${rule.id}`))
  return met
}

/** Fails where an engine differs; returns how many hits there were. */
function compare(records: readonly ForeignRecord[], sources: readonly LogSource[], name: string): number {
  const expected = hits(scan, records, sources)
  for (const engine of others) {
    const found = hits(engine, records, sources)
    const differs = found.findIndex((hit, at) => hit !== expected[at])
    expect({ name, differs, count: found.length }).toEqual({ name, differs: -1, count: expected.length })
  }
  return expected.length
}

describe('E3 the index finds what asking every rule finds, with code and with closures', () => {
  test.each([
    'structured_windows',
    'raw_windows',
    'sysmon_file_event',
    'cisco_syslog',
    'match_heavy',
    'no_match',
  ])(
    'on the lane %s',
    (lane) => {
      using corpus = unpackCorpus('bench-lanes.txz')
      const [file = ''] = globSync(`**/${lane}.ndjson`, { cwd: corpus.path })
      const lines = readFileSync(join(corpus.path, file), 'utf8').split('\n')
      const records = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ForeignRecord)
      expect(records).toHaveLength(10_000)
      const found = compare(
        records,
        records.map(() => ({})),
        lane,
      )
      if (lane === 'no_match') expect(found).toBe(0)
      else expect(found).toBeGreaterThan(200)
    },
    SLOW,
  )

  test(
    'on every record of the EVTX samples of attacks',
    () => {
      using corpus = unpackCorpus('evtx-attack-samples.txz')
      const files = globSync('**/*.evtx', { cwd: corpus.path })
      expect(files.length).toBeGreaterThan(250)
      let found = 0
      for (const file of files) {
        const { records, sources } = readRecords(join(corpus.path, file))
        found += compare(records, sources, file)
      }
      expect(found).toBeGreaterThan(1500)
    },
    SLOW,
  )

  test(
    "on SigmaHQ's regression cases",
    () => {
      const files = globSync('sigma/regression_data/**/*.{json,evtx}', { cwd: sigma })
      expect(files.length).toBeGreaterThan(200)
      let found = 0
      for (const file of files) {
        const { records, sources } = readRecords(join(sigma, file))
        found += compare(records, sources, file)
      }
      expect(found).toBeGreaterThan(200)
    },
    SLOW,
  )
})
