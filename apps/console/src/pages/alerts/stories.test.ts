import { describe, expect, test } from 'vitest'
import type { AlertRow } from '../../api/documents.ts'
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
