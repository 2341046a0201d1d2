import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { systemClock } from '@vedette/base'
import { hunt, type HuntMatch, ndjsonReport, readRecords, type Unreadable } from '@vedette/manager/hunt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { unpackCorpus } from './unpack.ts'

let sigma: ReturnType<typeof unpackCorpus>
let evtx: ReturnType<typeof unpackCorpus>
let lanes: ReturnType<typeof unpackCorpus>
beforeAll(() => {
  sigma = unpackCorpus('sigma.tgz')
  evtx = unpackCorpus('evtx-attack-samples.txz')
  lanes = unpackCorpus('bench-lanes.txz')
})
afterAll(() => {
  for (const corpus of [sigma, evtx, lanes]) corpus[Symbol.dispose]()
})

async function run(rules: string, path: string, workers: number) {
  const matches: HuntMatch[] = []
  const unreadable: Unreadable[] = []
  const summary = await hunt(
    { rules: { paths: [join(sigma.path, rules)] }, paths: [path], workers, clock: systemClock },
    { matches: (found) => void matches.push(...found), unreadable: (one) => void unreadable.push(one) },
  )
  return { matches, unreadable, summary }
}

const asText = (matches: readonly HuntMatch[]): string => {
  using writer = ndjsonReport()
  return String(writer.matches(matches))
}

describe('EVTX', () => {
  test('every record is judged, and two workers find what one thread finds, in the same order', async () => {
    const path = join(evtx.path, 'evtx-attack-samples')
    const alone = await run('sigma/rules/windows', path, 1)
    const together = await run('sigma/rules/windows', path, 2)
    expect(alone.unreadable).toEqual([])
    expect(alone.summary).toMatchObject({ events: 8255, unreadable: 0, files: 278, passedOver: 1 })
    expect(alone.matches.length).toBeGreaterThan(1000)
    expect(asText(together.matches) === asText(alone.matches)).toBe(true)
    // Records carry their own numbers, times and hosts.
    for (const { timeMs, host, record, event } of alone.matches) {
      expect(JSON.parse(event)).toMatchObject({ EventRecordID: record, Computer: host })
      expect(timeMs).toBeGreaterThan(Date.UTC(2013))
    }
  })

  test('as NDJSON there are as many records', async () => {
    let records = 0
    for await (const part of readRecords([join(evtx.path, 'evtx-attack-samples')])) {
      records += part.records
      expect(part.unreadable).toEqual([])
    }
    expect(records).toBe(8255)
  })
})

const caseSchema = z.object({
  rule_metadata: z.array(z.object({ id: z.string() })).length(1),
  regression_tests_info: z.array(
    z.object({ type: z.string(), match_count: z.int().optional(), path: z.string() }),
  ),
})

test("SigmaHQ's own cases: each rule matches as often as its case says", async () => {
  const folder = join(sigma.path, 'sigma/regression_data')
  const cases = globSync('**/info.yml', { cwd: folder }).sort()
  expect(cases.length).toBeGreaterThan(100)
  const { matches, unreadable } = await run('sigma', folder, 2)
  expect(unreadable).toEqual([])
  const others: string[] = []
  for (const file of cases) {
    const path = join(folder, file)
    const { rule_metadata: rules, regression_tests_info: tests } = caseSchema.parse(
      parse(readFileSync(path, 'utf8')),
    )
    for (const { type, match_count: wanted, path: named } of tests) {
      if (type !== 'evtx') continue
      const own = join(dirname(path), named.split('/').at(-1) ?? '')
      const count = matches.filter((match) => match.rule.id === rules[0]?.id && match.file === own).length
      if (wanted === undefined ? count === 0 : count !== wanted)
        others.push(`${file}: ${count}, not ${wanted ?? 'any'}`)
    }
  }
  // These files hold three records each that meet the rule word for word; their cases promise one.
  const file = 'rules/windows/file/file_event/file_event_win'
  expect(others).toEqual([
    `${file}_anydesk_artefact/info.yml: 3, not 1`,
    `${file}_cred_dump_tools_dropped_files/info.yml: 3, not 1`,
    'rules/windows/registry/registry_set/registry_set_change_security_zones/info.yml: 3, not 1',
  ])
})

test.each(['structured_windows', 'raw_windows', 'sysmon_file_event', 'cisco_syslog'])(
  'the lane %s gives the same packed, in one piece and in parts on two workers',
  async (name) => {
    // Several times over: large enough to be cut.
    const lane = readFileSync(join(lanes.path, 'lanes', `${name}.ndjson`))
    const times = Math.ceil((20 << 20) / lane.length)
    const bytes = Buffer.concat(Array.from({ length: times }, () => lane))
    const plain = join(lanes.path, `${name}.ndjson`)
    const packed = join(lanes.path, `${name}.ndjson.gz`)
    writeFileSync(plain, bytes)
    writeFileSync(packed, gzipSync(bytes, { level: 1 }))
    const alone = await run('sigma/rules', plain, 1)
    const together = await run('sigma/rules', plain, 2)
    const unpacked = await run('sigma/rules', packed, 1)
    expect(alone.summary).toMatchObject({ events: 10_000 * times, unreadable: 0 })
    expect(alone.matches.length % times).toBe(0)
    expect(alone.matches.length).toBeGreaterThan(0)
    expect(asText(together.matches) === asText(alone.matches)).toBe(true)
    const renamed = unpacked.matches.map((match) => ({ ...match, file: plain }))
    expect(asText(renamed) === asText(alone.matches)).toBe(true)
  },
)

test('files that were damaged at random end no hunt: what is unreadable is told, no reader fails or hangs', async () => {
  // A generator with a seed of its own, so that a failure comes again.
  let seed = 20_261_120
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  const sources = [
    ...globSync('evtx-attack-samples/**/*.evtx', { cwd: evtx.path }).map((name) => join(evtx.path, name)),
    ...globSync('lanes/*.ndjson', { cwd: lanes.path }).map((name) => join(lanes.path, name)),
  ].sort()
  const damaged = join(evtx.path, 'damaged')
  mkdirSync(damaged)
  for (let i = 0; i < 400; i += 1) {
    const source = sources[random(sources.length)] ?? ''
    let bytes = readFileSync(source).subarray(0, 200_000)
    for (let hit = random(40); hit >= 0; hit -= 1) bytes[random(bytes.length)] = random(256)
    if (i % 4 === 0) bytes = bytes.subarray(0, random(bytes.length))
    if (i % 5 === 0) {
      bytes = gzipSync(bytes)
      bytes[random(bytes.length)] = random(256)
    }
    writeFileSync(join(damaged, `${i}-${basename(source)}${i % 5 === 0 ? '.gz' : ''}`), bytes)
  }
  for (const workers of [1, 2]) {
    const { unreadable, summary } = await run('sigma/rules/windows', damaged, workers)
    expect(summary.events).toBeGreaterThan(3000)
    expect(summary.unreadable).toBeGreaterThan(100)
    const reasons = new Set(unreadable.map(({ reason }) => reason))
    expect([reasons.has('reader-failed'), reasons.has('took-too-long'), reasons.has('read-failed')]).toEqual([
      false,
      false,
      false,
    ])
  }
})
