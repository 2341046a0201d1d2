import { expect, test } from 'vitest'
import { marked, processTree, type TreeLine } from './process-tree.ts'
import { createStyle } from './style.ts'

const plain = createStyle(false)

function node(depth: number, name: string, more: Partial<TreeLine> = {}): TreeLine {
  const process = { pid: 7, name, cmd_line: `${name} -x`, user: 'root' }
  return { kind: 'process', depth, text: null, is_subject: false, ended: false, marks: [], process, ...more }
}

test('processTree() draws branches and points at the subject', () => {
  const tree = [
    node(0, 'init'),
    node(1, 'sshd'),
    node(2, 'sh', { is_subject: true, ended: true }),
    node(3, 'sh', { kind: 'network', text: 'connects to 203.0.113.7:4444' }),
    node(3, 'id'),
    node(1, 'cron'),
  ]
  expect(processTree(tree, plain).split('\n')).toEqual([
    '  init -x (7, root)',
    '  └─ sshd -x (7, root)',
    '▶    └─ sh -x (7, root, ended)',
    '        ├─ connects to 203.0.113.7:4444',
    '        └─ id -x (7, root)',
    '  and 1 more of the processes that led to it',
  ])
})

test('processTree() draws a line past what comes later', () => {
  const tree = [node(0, 'sh', { is_subject: true }), node(1, 'a'), node(2, 'b'), node(1, 'c')]
  expect(
    processTree(tree, plain)
      .split('\n')
      .map((line) => line.slice(2, 9).trimEnd()),
  ).toEqual(['sh -x (', '├─ a -x', '│  └─ b', '└─ c -x'])
})

test('processTree() counts what else the ancestors did', () => {
  const tree = [
    node(0, 'init'),
    node(1, 'bash'),
    node(2, 'ls'),
    node(2, 'bash', { kind: 'file', text: 'reads /etc/hosts' }),
    node(2, 'sh', { is_subject: true }),
    node(2, 'w'),
  ]
  expect(processTree(tree, plain).split('\n')).toEqual([
    '  init -x (7, root)',
    '  └─ bash -x (7, root)',
    '▶    └─ sh -x (7, root)',
    '  and 3 more of the processes that led to it',
  ])
  expect(processTree([node(0, 'a'), node(1, 'b')], plain).split('\n')).toHaveLength(2)
})

test('marked() makes matched parts bold, and hidden characters visible without moving the marks', () => {
  const { bold, ...rest } = plain
  const style = { ...rest, bold: (text: string) => `[${bold(text)}]` }
  expect(marked('a\u001bb evil c', [{ start: 4, length: 4 }], style)).toBe('a\\x1bb [evil] c')
  expect(marked('abc', [{ start: 1, length: 99 }], style)).toBe('a[bc]')
  expect(marked('abc', [{ start: 9, length: 1 }], style)).toBe('abc')
  expect(marked('abcdef', [], style, 3)).toBe('abc…')
})
