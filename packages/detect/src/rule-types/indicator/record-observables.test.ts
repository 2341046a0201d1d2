import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ForeignRecord } from '@vedette/formats'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { contentDirectory } from '../../loading/load-rules.ts'
import { visitRecordObservables } from './record-observables.ts'

function seen(record: ForeignRecord): string[] {
  const found = new Set<string>()
  visitRecordObservables(record, (kind, value) => found.add(`${kind} ${value}`))
  return [...found]
}

const SHA256 = 'ab'.repeat(32)
const MD5 = '0c'.repeat(16)

test.each<[string, ForeignRecord, readonly string[]]>([
  [
    'Sysmon: a process',
    {
      Image: 'C:\\Program Files\\Evil\\Bad.exe',
      Hashes: `MD5=${MD5.toUpperCase()},SHA256=${SHA256},IMPHASH=${'0'.repeat(32)}`,
      CommandLine: 'bad.exe -o https://evil.test/a?b=1 C:\\Users\\x\\drop.dll',
    },
    [
      'process_name Bad.exe',
      'path c:\\program files\\evil\\bad.exe',
      `hash ${MD5}`,
      `hash ${SHA256}`,
      'url https://evil.test/a?b=1',
      'domain evil.test',
      'path c:\\users\\x\\drop.dll',
    ],
  ],
  ['Sysmon: a name', { QueryName: 'Evil.test.' }, ['domain evil.test']],
  [
    'Sysmon: a connection',
    { DestinationIp: '203.0.113.9', SourceIp: '2001:db8::1' },
    ['address 203.0.113.9', 'address 2001:db8::1'],
  ],
  [
    'Zeek',
    { id: { orig_h: '192.0.2.7' }, answers: ['198.51.100.3'], 'id.resp_h': '192.0.2.8' },
    ['address 192.0.2.7', 'address 198.51.100.3', 'address 192.0.2.8'],
  ],
  [
    'W3C',
    { 'c-ip': '192.0.2.9', 'cs-host': 'evil.test', 'cs-uri-stem': '/x', 'cs-uri-query': 'q=1' },
    ['address 192.0.2.9', 'domain evil.test', 'url http://evil.test/x?q=1', 'url https://evil.test/x?q=1'],
  ],
  ['Suricata', { http: { hostname: 'evil.test', url: '/y' } }, ['url http://evil.test/y']],
  [
    'auditd',
    { exe: '/usr/bin/x mrig', comm: 'xmrig' },
    ['path /usr/bin/x mrig', 'process_name x mrig', 'process_name xmrig'],
  ],
  ['ECS', { process: { name: 'nc', executable: '/bin/nc' } }, ['process_name nc', 'path /bin/nc']],
  ['a line', { message: 'refused 203.0.113.77 port 22' }, ['address 203.0.113.77']],
])('%s', (_, record, expected) => {
  expect(seen(record)).toEqual(expect.arrayContaining([...expected]))
})

test('a name of something else is no program', () => {
  expect(seen({ User: 'nc', TargetObject: 'HKLM\\nc', commonName: 'nc' })).toEqual([])
})

test('a record without end is looked through up to a bound', () => {
  const many = Array.from({ length: 5000 }, (_, i) => `203.0.113.${i % 250} ${i}`)
  let count = 0
  visitRecordObservables({ many }, () => (count += 1))
  expect(count).toBe(2000)
  let deep: unknown = '203.0.113.1'
  for (let i = 0; i < 10_000; i += 1) deep = { deep }
  expect(seen({ deep })).toEqual([])
})

/** What stands at a path of an Event, and how it is to be known in a record that has it under a name of Sigma. */
const SAMPLES: readonly (readonly [RegExp, string, string])[] = [
  [/(?:^|\.)ip$/, '203.0.113.5', 'address 203.0.113.5'],
  [/hashes\.value$/, SHA256, `hash ${SHA256}`],
  [/process\.path$/, '/tmp/evil', 'process_name evil'],
  [/file(?:_result)?\.path$/, '/tmp/evil', 'path /tmp/evil'],
  [/cmd_line$/, 'curl evil.test', 'domain evil.test'],
]

test('every name that the mappings have for what indicators name is known', () => {
  const folder = join(contentDirectory, 'mappings')
  let checked = 0
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.yml'))) {
    const { sources } = parse(readFileSync(join(folder, name), 'utf8')) as {
      sources: { events?: { fields?: Record<string, unknown> }[] }[]
    }
    for (const [field, path] of sources.flatMap(({ events = [] }) =>
      events.flatMap((one) => Object.entries(one.fields ?? {})),
    )) {
      const sample = SAMPLES.find(([pattern]) => typeof path === 'string' && pattern.test(path))
      if (!sample) continue
      checked += 1
      expect(seen({ [field]: sample[1] }), field).toContain(sample[2])
    }
  }
  expect(checked).toBeGreaterThan(20)
})
