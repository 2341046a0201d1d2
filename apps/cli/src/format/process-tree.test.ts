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
    node(1, 'cron'),
  ]
  expect(processTree(tree, plain).split('\n')).toEqual([
    '  init -x (7, root)',
    '  ├─ sshd -x (7, root)',
    '▶    └─ sh -x (7, root, ended)',
    '  └─ cron -x (7, root)',
  ])
})

test('marked() makes matched parts bold, and hidden characters visible without moving the marks', () => {
  const { bold, ...rest } = plain
  const style = { ...rest, bold: (text: string) => `[${bold(text)}]` }
  expect(marked('a\u001bb evil c', [{ start: 4, length: 4 }], style)).toBe('a\\x1bb [evil] c')
  expect(marked('abc', [{ start: 1, length: 99 }], style)).toBe('a[bc]')
  expect(marked('abc', [{ start: 9, length: 1 }], style)).toBe('abc')
})
