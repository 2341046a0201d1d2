import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { huntUnit, type UnitBatch } from './hunt-unit.ts'
import type { RecordJudge } from './judge.ts'
import { unitsOf } from './units.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-hunt-test-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a record that cannot be judged costs no other its judgement, and is told', async () => {
  const path = join(folder, 'x.ndjson')
  const text = Array.from({ length: 9 }, (_, i) => `{"i":${i}}\n`).join('')
  writeFileSync(path, text)
  const [unit] = unitsOf(
    { path, sizeBytes: text.length, writtenMs: 0, named: true },
    { format: 'ndjson', cut: 'lines', compression: 'none', name: 'x.ndjson' },
    0,
  )
  const judge: RecordJudge = {
    ruleIds: ['odd'],
    judge({ records }, visit) {
      for (const [at, { i }] of records.entries()) {
        if (i === 4) throw new RangeError('Maximum call stack size exceeded')
        if (Number(i) % 2 === 1) visit(at, 0, undefined)
      }
    },
  }
  const batches: UnitBatch[] = []
  if (unit) await huntUnit(unit, judge, async (batch) => void batches.push(batch))
  expect(batches).toHaveLength(1)
  const [{ events, matches, unreadable } = {} as UnitBatch] = batches
  expect(events).toBe(8)
  expect(unreadable).toEqual([{ reason: 'judging-failed' }])
  expect(matches.events.map((place) => matches.records[place])).toEqual([2, 4, 6, 8])
  expect(matches.events.map((place) => matches.texts[place])).toEqual([1, 3, 5, 7].map((i) => `{"i":${i}}`))
})

test('a record of a line is told as it stands there, but for what would end a line, or where the reader changed it', async () => {
  const path = join(folder, 'y.ndjson')
  const lines = [
    '{"n": 12345678901234567890, "a":"\\u0041ü🐚"}',
    '{"b":1}\r',
    '{"c":\r2}',
    '{"Event":{"System":{"EventID":1,"Channel":"Security"}}}',
  ]
  writeFileSync(path, lines.join('\n'))
  const [unit] = unitsOf(
    { path, sizeBytes: 1000, writtenMs: 0, named: true },
    { format: 'ndjson', cut: 'lines', compression: 'none', name: 'y.ndjson' },
    0,
  )
  const judge: RecordJudge = {
    ruleIds: ['all'],
    judge({ records }, visit) {
      for (const at of records.keys()) for (const again of [1, 2]) visit(at, again, undefined)
    },
  }
  const texts: string[] = []
  const places: number[] = []
  if (unit)
    await huntUnit(unit, judge, async ({ matches }) => {
      texts.push(...matches.texts)
      places.push(...matches.events)
    })
  expect(places).toEqual([0, 0, 1, 1, 2, 2, 3, 3])
  expect(texts).toEqual([lines[0], '{"b":1}', '{"c":2}', '{"EventID":1,"Channel":"Security"}'])
})
