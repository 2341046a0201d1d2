import { silentLogger, systemClock } from '@vedette/base'
import { contentDirectory, createEngine, loadRules } from '@vedette/detect'
import type { AgentId, Event, EventId, RuleException, RuleId } from '@vedette/model'
import { expect, test } from 'vitest'
import { writeFilter } from './draft-exception.ts'
import { SilenceCounts } from './silence-counts.ts'

const source = { product: 'linux', service: 'cron' }
const TIME = 1_700_000_000_000
const files = [
  {
    file: 'one.yml',
    text: `title: One
id: 00000000-0000-4000-8000-000000000001
logsource: { product: linux, service: cron }
detection: { s: { message|contains: run }, condition: s }
`,
  },
  {
    file: 'many.yml',
    text: `title: Many
id: 00000000-0000-4000-8000-000000000002
type: threshold
logsource: { product: linux, service: cron }
detection: { s: { message|contains: run }, condition: s }
threshold: { count: 100, group_by: [device.hostname], window: 5m }
`,
  },
]
const ids = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as RuleId[]

function exception(id: string, rule: RuleId | undefined, message: string): RuleException {
  if (rule === undefined) throw new TypeError('no rule')
  const fields = [{ name: 'message', value: message }]
  const facts = { owner: 'ana', reason: 'ours', addedAt: TIME }
  return {
    id,
    rules: [rule],
    ruleTitle: 'x',
    fields,
    actor: 'ana',
    hits: { count: 0 },
    ...facts,
    filter: writeFilter({ id, rule: { id: rule, title: 'x' }, source, fields, ...facts }),
  }
}

function line(message: string, at: number): Event {
  return {
    id: `e-${at}` as EventId,
    time: TIME + at,
    device: { uid: 'a' as AgentId, hostname: 'web-1' },
    severity_id: 1,
    metadata: { version: '1.8.0', log_provider: 'file', logged_time: TIME },
    kind: 'log',
    class_uid: 0,
    message,
    path: '/var/log/cron',
    service: 'cron',
  }
}

test('an exception counts what it kept silent, each its own, and nothing else', async () => {
  const exceptions = [
    exception('all-backups', ids[0], 'run backup*'),
    exception('one-backup', ids[0], 'run backup 7'),
    exception('counted', ids[1], 'run backup*'),
    exception('unknown', 'gone' as RuleId, 'run*'),
  ]
  const texts = [...files, ...exceptions.map(({ id, filter }) => ({ file: id, text: filter }))]
  const { rules } = await loadRules([], { content: contentDirectory, texts })
  const counts = new SilenceCounts()
  const textOf = async (id: RuleId) => files[ids.indexOf(id)]
  const counters = await counts.rules(exceptions, textOf, { content: contentDirectory })
  expect(counters).toHaveLength(3)
  const engine = createEngine([...rules, ...counters], { clock: systemClock, log: silentLogger })
  const found = engine.evaluate([
    line('run backup 1', 1),
    line('run backup 7', 2),
    line('run evil', 3),
    line('backup 7', 4),
  ])
  expect(found.map(({ events }) => events.map(({ id }) => id))).toEqual([['e-3']])
  const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id)
  const expected = [
    { id: 'all-backups', count: 2, first: TIME + 1, last: TIME + 2 },
    { id: 'counted', count: 2, first: TIME + 1, last: TIME + 2 },
    { id: 'one-backup', count: 1, first: TIME + 2, last: TIME + 2 },
  ]
  const taken = counts.take()
  expect(taken.sort(byId)).toEqual(expected)
  expect(counts.take()).toEqual([])
  counts.putBack(taken)
  engine.evaluate([line('run backup 9', 9)])
  expect(counts.take().sort(byId)[0]).toEqual({
    id: 'all-backups',
    count: 3,
    first: TIME + 1,
    last: TIME + 9,
  })
})
