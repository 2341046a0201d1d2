import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { silentLogger } from '@vedette/base'
import { type AgentId, eventSchema, type RawRecord } from '@vedette/model'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { normaliseConfigSchema } from './config.ts'
import type { ProcessReading } from './enrichers/process-tree/process-tree.ts'
import { createNormaliser } from './normaliser.ts'

/**
 * Each folder of cases/ holds records and the Events that they become. Pids are above what a Linux kernel can give, so
 * that nothing of this machine gets in.
 */
interface Case {
  readonly about?: string
  readonly passwd: string
  /** What /proc shows when the watch begins, and afterwards. */
  readonly processes: readonly ProcessReading[]
  readonly batches: readonly (readonly RawRecord[])[]
}

const cases = fileURLToPath(new URL('../cases/', import.meta.url))
let scratch = ''

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'vedette-normalise-'))
})
afterAll(() => rmSync(scratch, { recursive: true }))

const names = readdirSync(cases)

test('there are cases', () => {
  expect(names.length).toBeGreaterThan(5)
})

test.each(names)('cases/%s', async (name) => {
  const input = JSON.parse(readFileSync(join(cases, name, 'input.json'), 'utf8')) as Case
  const passwd = join(scratch, `${name}.passwd`)
  writeFileSync(passwd, input.passwd)
  using normaliser = createNormaliser({
    device: { uid: 'agent-1' as AgentId, hostname: 'web-1' },
    bootId: '01234567-89ab-cdef-0123-456789abcdef',
    bootTimeMs: 1_600_000_000_000,
    run: '00000000000000aa',
    clock: { now: () => 1_700_000_000_500, monotonic: () => 0 },
    log: silentLogger,
    config: normaliseConfigSchema.parse({
      executable_hash: { enabled: false },
      users: { passwd_file: passwd },
    }),
    processes: {
      list: () => input.processes.map(({ pid }) => pid),
      read: (pid) => input.processes.find((process) => process.pid === pid),
    },
  })
  const events = []
  for (const batch of input.batches) events.push(...(await normaliser.normalise(batch)))

  expect(normaliser.counters().rejected).toBe(0)
  for (const event of events) expect(eventSchema.parse(event)).toEqual(event)
  const file = join(cases, name, 'expected.json')
  const text = `${JSON.stringify(events, undefined, 2)}\n`
  // A new case: look at what was written before it is committed.
  if (!existsSync(file) && process.env['CI'] === undefined) writeFileSync(file, text)
  expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(file, 'utf8')))
})
