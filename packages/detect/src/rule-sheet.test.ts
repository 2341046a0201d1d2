import type { Event } from '@vedette/model'
import { beforeAll, expect, test } from 'vitest'
import { contentDirectory } from './loading/load-rules.ts'
import { RuleReader, type RuleSheet, rulesIn } from './rule-sheet.ts'

const RULE = `title: A tool is fetched
id: aaaaaaaa-0000-4000-8000-000000000001
logsource: { product: linux, category: process_creation }
detection:
  fetch:
    Image|endswith: [/curl, /wget]
    CommandLine|contains|all: [http, sh]
  host:
    - CommandLine|contains: intranet
    - User: backup
  condition: fetch and not host
level: high
---
title: Another
id: aaaaaaaa-0000-4000-8000-000000000002
logsource: { product: linux, category: file_event }
detection: { selection: { TargetFilename: /etc/x }, condition: selection }
`
const FILTER = `title: The nightly fetch
logsource: { product: linux, category: process_creation }
filter:
  rules: [aaaaaaaa-0000-4000-8000-000000000001]
  selection: { ParentImage: /usr/sbin/cron }
  condition: not selection
`
let reader: RuleReader

beforeAll(async () => {
  reader = await RuleReader.open(contentDirectory)
})

function launch(cmdLine: string, rest: object = {}): Event {
  return {
    id: 'e-1',
    kind: 'process',
    class_uid: 1007,
    activity: 'launch',
    time: 0,
    severity_id: 1,
    device: { uid: 'a', hostname: 'web1' },
    metadata: { version: '1.8.0', log_provider: 'ebpf', logged_time: 0 },
    process: {
      uid: 'x',
      pid: 1,
      name: 'curl',
      path: '/usr/bin/curl',
      cmd_line: cmdLine,
      user: { uid: '0', name: 'root' },
      parent_process: { uid: 'y', pid: 2, name: 'bash', path: '/usr/bin/bash' },
      ...rest,
    },
  } as unknown as Event
}

function sheet(...filters: string[]): RuleSheet {
  const texts = filters.map((text, index) => ({ file: `${index}.yml`, text }))
  const found = reader.read({ file: 'r.yml', text: RULE }, 'aaaaaaaa-0000-4000-8000-000000000001', texts)
  if (!found) throw new Error('the rule is not read')
  return found
}

test('an explanation has the parts as they are written, with names, values and what the event has', () => {
  const { holds, condition } = sheet().explainEvent(launch('curl http://x/a.sh'))
  expect(holds).toBe(true)
  expect(condition).toMatchObject({
    type: 'all',
    of: [
      {
        type: 'all',
        name: 'fetch',
        holds: true,
        of: [
          {
            type: 'item',
            key: 'Image|endswith',
            how: 'any',
            values: [
              { value: '/curl', holds: true },
              { value: '/wget', holds: false },
            ],
            seen: [{ path: 'process.path', value: '/usr/bin/curl' }],
          },
          { type: 'item', key: 'CommandLine|contains|all', how: 'all', valueCount: 2 },
        ],
      },
      { type: 'not', holds: true, of: { type: 'any', name: 'host', holds: false } },
    ],
  })
})

test('a part that does not hold says so, and so does a filter that takes the event out', () => {
  const without = sheet().explainEvent(launch('curl http://intranet/a.sh'))
  expect(without).toMatchObject({
    holds: false,
    condition: { of: [{ holds: true }, { type: 'not', holds: false }] },
  })
  const event = launch('curl http://x/a.sh', {
    parent_process: { uid: 'y', pid: 2, name: 'cron', path: '/usr/sbin/cron' },
  })
  const filtered = sheet(FILTER).explainEvent(event)
  expect(filtered).toMatchObject({
    holds: false,
    condition: { holds: true },
    filters: [{ title: 'The nightly fetch', condition: { type: 'not', holds: false } }],
  })
  expect(sheet(FILTER).explainEvent(launch('curl http://x/a.sh')).holds).toBe(true)
})

test('a filter for other rules, or for another log source, is not its', () => {
  const others = [FILTER.replace('0000001]', '0000002]'), FILTER.replace('process_creation', 'file_event')]
  expect(sheet(...others).explainEvent(launch('curl http://x/a.sh')).filters).toEqual([])
})

test('an event of another kind is outside', () => {
  const event = { ...launch('x'), kind: 'network' } as unknown as Event
  expect(sheet().explainEvent(event)).toMatchObject({
    holds: false,
    outside: 'the rule is about process events, and this is a network event',
  })
  expect(
    sheet().explainEvent({ ...launch('curl http://x.sh'), activity: 'terminate' } as Event).outside,
  ).toContain('not of the rule')
})

test('a foreign record is explained by the names that it has', () => {
  const record = { Image: '/usr/bin/wget', CommandLine: 'wget http://x/y.sh', User: 'www' }
  const source = { product: 'linux', category: 'process_creation' }
  expect(sheet().explainRecord(record, source).holds).toBe(true)
  expect(sheet().explainRecord(record, { product: 'windows' }).outside).toContain('process_creation')
})

test('paths of events have the names of the log source', () => {
  expect(sheet().nameOf('process', 'process.path')).toBe('Image')
  expect(sheet().nameOf('process', 'process.cgroup')).toBe('process.cgroup')
  expect(sheet().valueOf(launch('x'), 'User')).toBe('root')
  expect(sheet().valueOf(launch('x'), 'Nothing')).toBeUndefined()
})

test('every document of a file is told, whatever its faults', () => {
  expect(rulesIn({ file: 'r.yml', text: `${RULE}---\nname: unnamed\n` }).map(({ title }) => title)).toEqual([
    'A tool is fetched',
    'Another',
    'unnamed',
  ])
})
