import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@vedette/base'
import type { AuditRecord } from '@vedette/model'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NOON } from '../testing/sample-events.ts'
import type { AuditEntry } from './audit-log.ts'
import { canonicalJson } from './chain.ts'
import { openAudit } from './open-audit.ts'
import { verifyAudit } from './verify-audit.ts'

let home: string
let folder: string
let checkpoint: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vedette-audit-'))
  folder = join(home, 'audit')
  checkpoint = join(home, 'checkpoint')
})
afterEach(() => rmSync(home, { recursive: true }))

const clock = { now: () => NOON, monotonic: () => 0 }
const open = (fileBytes = 1000) => openAudit(folder, { clock, log: silentLogger, checkpoint, fileBytes })
const verify = () => verifyAudit(folder, { checkpoint })

const entry = (number: number): AuditEntry => ({
  actor: 'ann',
  action: 'respond.freeze',
  target: `process ${number}`,
  outcome: 'intended',
  detail: { number, text: 'line\nbreak \u0000 \ud800 "quote"', nested: { b: 1, a: [1, null] } },
})

async function write(count: number): Promise<void> {
  await using log = await open()
  for (let number = 0; number < count; number += 1) await log.append(entry(number))
}

async function all(): Promise<AuditRecord[]> {
  await using log = await open()
  const records: AuditRecord[] = []
  for await (const record of log.records()) records.push(record)
  return records
}

/** Changes the lines of the whole log. */
function rewrite(change: (lines: string[]) => string[]): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
  const lines = change(
    files.flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n')),
  )
  for (const name of files.slice(1)) rmSync(join(folder, name))
  writeFileSync(join(folder, files[0] ?? ''), lines.map((line) => `${line}\n`).join(''))
}

describe('an audit log', () => {
  test('is a chain over several files that verifies, also after it was opened again', async () => {
    await write(10)
    await write(5)
    expect(readdirSync(folder).length).toBeGreaterThan(3)
    expect(await verify()).toMatchObject({ ok: true, records: 15 })
    const records = await all()
    expect(records.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 15 }, (_, n) => n))
    expect(records[3]).toMatchObject({ ...entry(3), time: NOON, previous: records[2]?.hash })
  })

  test('writes what comes at the same time in order, and one line each', async () => {
    await using log = await open(1e6)
    const records = await Promise.all(Array.from({ length: 50 }, (_, number) => log.append(entry(number))))
    expect(records.map(({ detail }) => detail['number'])).toEqual(Array.from({ length: 50 }, (_, n) => n))
    expect(log.length).toBe(50)
    expect(await verify()).toMatchObject({ ok: true, records: 50 })
  })

  test('belongs to one process', async () => {
    await using log = await open()
    expect(log.length).toBe(0)
    await expect(open()).rejects.toMatchObject({ code: 'folder-in-use' })
  })

  test('that is empty verifies', async () => {
    expect(await verify()).toMatchObject({ ok: true, records: 0 })
  })

  test('a record that is too long is refused, and the next one is written', async () => {
    await using log = await open()
    const long = { ...entry(0), detail: { text: 'x'.repeat(2 ** 20) } }
    await expect(log.append(long)).rejects.toMatchObject({ code: 'audit-failed' })
    expect((await log.append(entry(1))).sequence).toBe(0)
  })

  test('takes away a torn line and says so in a record', async () => {
    await write(3)
    const files = readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
    appendFileSync(join(folder, files.at(-1) ?? ''), '{"sequence":3,"time":17')
    expect(await verify()).toMatchObject({ ok: true, records: 3 })
    await write(1)
    const records = await all()
    expect(records.map(({ action }) => action)).toEqual([
      ...Array(3).fill('respond.freeze'),
      'audit.torn-line-removed',
      'respond.freeze',
    ])
    expect(await verify()).toMatchObject({ ok: true, records: 5 })
  })
})

describe('verifyAudit() finds', () => {
  beforeEach(() => write(12))

  test.each([
    [
      'an edit',
      (lines: string[]) => lines.with(5, lines[5]?.replace('process 5', 'process 6') ?? ''),
      5,
      'hash-wrong',
    ],
    ['a deleted record', (lines: string[]) => lines.toSpliced(5, 1), 5, 'sequence-wrong'],
    ['a deleted first record', (lines: string[]) => lines.slice(1), 0, 'sequence-wrong'],
    [
      'two that changed places',
      (lines: string[]) => lines.with(5, lines[6] ?? '').with(6, lines[5] ?? ''),
      5,
      'sequence-wrong',
    ],
    ['a line that is something else', (lines: string[]) => lines.with(5, '{}'), 5, 'not-json'],
    ['a cut end', (lines: string[]) => lines.slice(0, 8), 8, 'cut'],
    ['a log that is gone', () => [], 0, 'cut'],
  ] as const)('%s', async (_, change, sequence, code) => {
    rewrite(change)
    expect(await verify()).toMatchObject({ ok: false, fault: { sequence, code } })
  })

  test('a chain that was computed anew, by the checkpoint', async () => {
    const records = await all()
    rmSync(folder, { recursive: true })
    const other = join(home, 'other-checkpoint')
    await using log = await openAudit(folder, { clock, log: silentLogger, checkpoint: other })
    for (const record of records) await log.append({ ...record, target: 'nothing' })
    expect(await verifyAudit(folder)).toMatchObject({ ok: true })
    expect(await verify()).toMatchObject({ ok: false, fault: { code: 'chain-broken' } })
  })

  test('a cut end for ever, also when the log went on since', async () => {
    rewrite((lines) => lines.slice(0, 8))
    await write(1)
    expect(await verify()).toMatchObject({ ok: false, fault: { sequence: 8, code: 'sequence-wrong' } })
    expect((await all()).at(-2)).toMatchObject({
      action: 'audit.records-missing',
      detail: { from: 8, to: 11 },
    })
  })

  test('any single byte that is changed', async () => {
    rewrite((lines) => lines)
    const file = join(folder, '000000000000.jsonl')
    const bytes = readFileSync(file)
    for (let offset = 0; offset < bytes.length; offset += 7) {
      const broken = Buffer.from(bytes)
      broken.writeUInt8(broken.readUInt8(offset) ^ 1, offset)
      writeFileSync(file, broken)
      expect(await verify(), `byte ${offset}`).toMatchObject({ ok: false })
    }
  })
})

test('canonicalJson() does not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse())
      expect(canonicalJson(turned)).toBe(canonicalJson(value))
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})
