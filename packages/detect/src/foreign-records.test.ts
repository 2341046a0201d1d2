import { silentLogger } from '@vedette/base'
import type { ForeignRecord } from '@vedette/formats'
import type { LogSource } from '@vedette/model'
import { describe, expect, test } from 'vitest'
import { createEngine, type RecordHit } from './engine.ts'
import { logEvent } from './testing/events.ts'
import { compileText, stillClock } from './testing/rules.ts'

const rule = (title: string, logsource: LogSource, selection: unknown): string =>
  JSON.stringify({ title, logsource, detection: { selection, condition: 'selection' } })

function judge(texts: readonly string[], record: ForeignRecord, source: LogSource = {}): string[] {
  const rules = texts.flatMap((text) => compileText(text).rules)
  expect(rules).toHaveLength(texts.length)
  const met: string[] = []
  createEngine(rules, { clock: stillClock, log: silentLogger }).judgeRecords([record], [source], (_, hit) =>
    met.push(hit.rule.title),
  )
  return met
}

const WINDOWS = { product: 'windows' }
const SYSMON = 'Microsoft-Windows-Sysmon/Operational'
const creation = { product: 'windows', category: 'process_creation' }

describe('foreign records', () => {
  test('R1 a rule concerns a record unless both name a part of the log source and name it differently', () => {
    const texts = [
      rule('product', WINDOWS, { User: 'x' }),
      rule('category', creation, { User: 'x' }),
      rule('service', { product: 'windows', service: 'security' }, { User: 'x' }),
      rule('other', { product: 'linux' }, { User: 'x' }),
      rule('no product', { category: 'proxy' }, { User: 'x' }),
    ]
    const all = ['product', 'category', 'service', 'other', 'no product']
    expect(judge(texts, { User: 'x' })).toEqual(all)
    expect(judge(texts, { User: 'x', product: 'windows' })).toEqual(all.filter((name) => name !== 'other'))
    expect(judge(texts, { User: 'x', product: 'Windows', category: 'process_creation' })).toEqual([
      'product',
      'category',
      'service',
    ])
    expect(judge(texts, { User: 'x', product: 'amiga' })).toEqual(['no product'])
    // A program's own idea of a service is no log source.
    expect(judge(texts, { User: 'x', service: 'checkout', category: 'food' })).toEqual(all)
    expect(judge(texts, { User: 'x', service: 'security' })).toEqual(all)
    // What the reader of a file knows goes before what the record says.
    const read = { product: 'windows', service: 'system' }
    expect(judge(texts, { User: 'x', product: 'linux' }, read)).toEqual(['product', 'category', 'no product'])
  })

  test('R2 records of Windows are told apart by channel and number, however the number is written', () => {
    const texts = [
      rule('creation', creation, { Image: 'a.exe' }),
      rule('sysmon', { product: 'windows', service: 'sysmon' }, { Image: 'a.exe' }),
      rule('file', { product: 'windows', category: 'file_event' }, { Image: 'a.exe' }),
      rule('security', { product: 'windows', service: 'security' }, { Image: 'a.exe' }),
    ]
    for (const EventID of [1, '1']) {
      expect(judge(texts, { Channel: SYSMON, EventID, Image: 'A.EXE' }, WINDOWS)).toEqual([
        'creation',
        'sysmon',
      ])
    }
    expect(judge(texts, { Channel: SYSMON, EventID: 11, Image: 'a.exe' }, WINDOWS)).toEqual([
      'sysmon',
      'file',
    ])
    expect(judge(texts, { Channel: 'Nobody knows', EventID: 1, Image: 'a.exe' }, WINDOWS)).toEqual([])
    expect(judge(texts, { Image: 'a.exe' }, WINDOWS)).toHaveLength(4)
  })

  test('R3 the log that was cleared is told apart from the one that tells of it', () => {
    const texts = [
      rule('cleared', { product: 'windows', service: 'system' }, { EventID: 104, Channel: 'Security' }),
      rule('told', { product: 'windows', service: 'system' }, { Channel: 'System' }),
    ]
    const record = { Channel: 'System', EventID: 104, UserData_Channel: 'Security' }
    expect(judge(texts, record, WINDOWS)).toEqual(['cleared'])
    expect(judge(texts, { ...record, UserData_Channel: 'System' }, WINDOWS)).toEqual(['told'])
    expect(judge(texts, { ...record, EventID: 7036 }, WINDOWS)).toEqual(['told'])
    expect(judge(texts, { Channel: 'System', EventID: 104 }, WINDOWS)).toEqual(['told'])
  })

  test('R3 the mappings rename fields for the log source that they are about, and for no other', () => {
    const record = {
      Channel: 'Security',
      EventID: 4688,
      NewProcessName: 'C:\\new.exe',
      ParentProcessName: 'C:\\parent.exe',
      NewProcessId: '0x2',
      ProcessId: '0x1',
    }
    const texts = [
      rule('creation', creation, { Image: 'C:\\new.exe', ParentImage: 'C:\\parent.exe', ProcessId: '0x2' }),
      rule('security', { product: 'windows', service: 'security' }, { ProcessId: '0x1' }),
      rule('wrong', { product: 'windows', service: 'security' }, { Image: 'C:\\new.exe' }),
    ]
    expect(judge(texts, record, WINDOWS)).toEqual(['creation', 'security'])
  })

  test('R4 a field is a key, dots and all, and otherwise a path; lists mean any element', () => {
    const one = [rule('met', { product: 'aws' }, { 'a.b': 'x' })]
    const source = { product: 'aws' }
    expect(judge(one, { 'a.b': 'x' }, source)).toEqual(['met'])
    expect(judge(one, { a: { b: 'x' } }, source)).toEqual(['met'])
    expect(judge(one, { a: [{ b: 'y' }, { b: ['z', 'X'] }] }, source)).toEqual(['met'])
    expect(judge(one, { 'a.b': 'y', a: { b: 'x' } }, source)).toEqual([])
    expect(judge([rule('met', source, { constructor: '*' })], {}, source)).toEqual([])
    expect(judge([rule('met', source, { '__proto__.x|exists': true })], {}, source)).toEqual([])
  })

  test('R5 a rule that no Event can meet loads with a warning; one for our own events does not', () => {
    const text = rule('Windows', creation, { Image: 'x' })
    expect(compileText(text)).toMatchObject({
      rules: [{ routes: new Map() }],
      problems: [],
      warnings: [{ code: 'unsupported-log-source' }],
    })
    const own = rule('Own', { product: 'vedette', category: 'processes' }, { 'process.name': 'x' })
    expect(compileText(own)).toMatchObject({ rules: [], problems: [{ code: 'unsupported-log-source' }] })
  })

  test('R6 a hit tells the rule, the key, the value and any field, in the order of records and rules', () => {
    const rules = ['first', 'second'].flatMap(
      (title) => compileText(rule(title, { ...creation }, { 'Image|endswith': '\\a.exe' })).rules,
    )
    const engine = createEngine(rules, { clock: stillClock, log: silentLogger })
    const seen: unknown[] = []
    const visit = (index: number, hit: RecordHit) =>
      seen.push([index, hit.rule.title, hit.matches(), hit.read('User'), hit.read('Nothing')])
    const record = { Channel: 'Security', EventID: 4688, NewProcessName: 'C:\\A.exe', SubjectUserName: 'bob' }
    engine.judgeRecords([{}, record], [WINDOWS, WINDOWS], visit)
    const matches = [{ field: 'NewProcessName', value: 'C:\\A.exe', start: 2, length: 6 }]
    expect(seen).toEqual([
      [1, 'first', matches, 'bob', undefined],
      [1, 'second', matches, 'bob', undefined],
    ])
    expect(engine.counters).toMatchObject({ events: 2, detections: 2 })
  })

  test('R7 a log event is judged by its text and by the record in it, and a rule is told once', () => {
    const texts = [
      rule('record', creation, { CommandLine: 'whoami' }),
      rule('both', { product: 'linux' }, ['whoami']),
      rule('text', { product: 'vedette', category: 'log' }, { path: '/x' }),
    ]
    const engine = createEngine(
      texts.flatMap((text) => compileText(text).rules),
      { clock: stillClock, log: silentLogger },
    )
    const judged = (product: string) =>
      engine
        .evaluate([
          logEvent({
            path: '/x',
            message: 'whoami',
            unmapped: { CommandLine: 'whoami' },
            log_source: { product },
          }),
        ])
        .map(({ rule: { title }, matches }) => [title, matches[0]?.field])
    expect(judged('windows')).toEqual([
      ['both', 'message'],
      ['text', 'path'],
      ['record', 'unmapped.CommandLine'],
    ])
    expect(judged('linux')).toEqual([
      ['both', 'message'],
      ['text', 'path'],
    ])
  })

  test('R8 records that each declare another source share what is known of their product', () => {
    const rules = Array.from({ length: 300 }, (_, n) =>
      rule(`R${n}`, { product: 'x', service: `s${n}` }, { a: 'b' }),
    )
    const engine = createEngine(
      rules.flatMap((text) => compileText(text).rules),
      { clock: stillClock, log: silentLogger },
    )
    const counts = new Map<number, number>()
    const records = rules.map((_, n) => ({ product: 'x', service: `s${n}`, a: 'b' }))
    engine.judgeRecords(
      records,
      records.map(() => ({})),
      (index) => counts.set(index, (counts.get(index) ?? 0) + 1),
    )
    expect(counts.get(0)).toBe(1)
    expect(counts.get(299)).toBe(300)
  })
})
