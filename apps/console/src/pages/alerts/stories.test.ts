import { describe, expect, test } from 'vitest'
import type { AlertRow } from '../../api/documents.ts'
import { excerptOf } from './excerpt.ts'
import { linesOf, storyCount } from './stories.ts'

function alert(id: string, incident?: string, uids: string[] = []): AlertRow {
  const [own, ...ancestry] = uids.map((uid, at) => ({ uid, pid: uid === 'init' ? 1 : 100 + at, name: uid }))
  return {
    id,
    incident: incident === undefined ? null : { id: incident, title: `story ${incident}`, alert_count: 1 },
    process: own ? { ...own, cmd_line: own.name } : null,
    ancestry,
  } as unknown as AlertRow
}

const drawn = (...chunks: AlertRow[][]) =>
  linesOf(chunks).map((line) =>
    line.kind === 'alert'
      ? `${line.hangs ? '└ ' : ''}${line.alert.id}`
      : `# ${line.incident?.id ?? 'alone'} ${line.alerts}${line.oneTree ? ' tree' : ''}${line.continued ? ' continued' : ''}`,
  )

describe('linesOf()', () => {
  test('tells stories where their newest alert stands; the others at the end', () => {
    const chunk = [alert('a', '1'), alert('b'), alert('c', '2'), alert('d', '1')]
    expect(drawn(chunk)).toEqual(['# 1 2', 'a', 'd', '# 2 1', 'c', '# alone 1', 'b'])
    expect(storyCount([chunk])).toBe(3)
  })

  test('alerts of one process tree hang together; init is nobody’s tree', () => {
    expect(
      drawn([alert('a', '1', ['bash', 'nginx', 'init']), alert('b', '1', ['id', 'bash', 'init'])]),
    ).toEqual(['# 1 2 tree', 'a', '└ b'])
    expect(drawn([alert('a', '1', ['bash', 'init']), alert('b', '1', ['cron', 'init'])])).toEqual([
      '# 1 2',
      'a',
      'b',
    ])
  })

  test('older alerts are added below and change nothing above', () => {
    const first = [alert('a', '1'), alert('b')]
    const before = drawn(first)
    const after = drawn(first, [alert('c', '1'), alert('d')])
    expect(after.slice(0, before.length)).toEqual(before)
    expect(after.slice(before.length)).toEqual(['# 1 1 continued', 'c', '# alone 1 continued', 'd'])
  })

  test('without stories there is no heading', () => {
    expect(drawn([alert('a'), alert('b')])).toEqual(['a', 'b'])
  })
})

describe('excerptOf()', () => {
  const process = { uid: 'p', pid: 7, name: 'bash', cmd_line: `bash -c ${'x'.repeat(300)} -i >& /dev/tcp/` }
  const ancestry = ['sh', 'sh', 'nginx', 'nginx', 'systemd'].map((name, at) => ({
    uid: name,
    pid: 5 - at,
    name,
  }))

  test('begins shortly before what matched', () => {
    const start = process.cmd_line.indexOf('/dev/tcp/')
    const matches = [{ field: 'process.cmd_line', value: process.cmd_line, start, length: 9 }]
    const { parents, text, marks, cut } = excerptOf({
      process,
      ancestry,
      matches,
      aggregate: null,
      entity: '',
    })
    expect(parents).toEqual(['nginx', 'sh'])
    expect(cut).toBe(true)
    expect(text.slice(marks[0]?.start, (marks[0]?.start ?? 0) + 9)).toBe('/dev/tcp/')
    expect(marks[0]?.start).toBeLessThan(20)
  })

  test('shows another value that matched after the process', () => {
    const matches = [{ field: 'file.path', value: '/etc/shadow', start: null, length: null }]
    expect(excerptOf({ process, ancestry: [], matches, aggregate: null, entity: '' })).toEqual({
      parents: ['bash'],
      text: '/etc/shadow',
      marks: [{ start: 0, length: 11 }],
      cut: false,
    })
  })

  test('without a process it is what matched and was counted, in words, or the entity', () => {
    const bare = { process: null, ancestry: [], matches: [], aggregate: null, entity: 'address:203.0.113.7' }
    expect(excerptOf(bare).text).toBe('address:203.0.113.7')
    const matches = [{ field: 'user.name', value: 'deploy', start: null, length: null }]
    const aggregate = { 'user.name': 'deploy', 'src_endpoint.ip': '198.51.100.23', count: 214 }
    const { text, marks } = excerptOf({ ...bare, matches, aggregate })
    expect(text).toBe('user deploy, from 198.51.100.23')
    expect(marks.map(({ start, length }) => text.slice(start, start + length))).toEqual([
      'deploy',
      '198.51.100.23',
    ])
  })
})
