import { expect, test } from 'vitest'
import { diffRules } from './diff-rules.ts'

const rule = (id: string, level: string, value = '/x') => `title: Rule ${id}
id: ${id}
logsource: { product: linux, category: process_creation }
detection:
  selection: { Image|endswith: ${value} }
  condition: selection
level: ${level}
`

test('rules are compared by their ids, wherever they stand; what changed is named', () => {
  const before = [
    { file: 'a.yml', text: rule('one', 'low') },
    { file: 'b.yml', text: `${rule('two', 'low')}---\n${rule('three', 'high')}` },
  ]
  const after = [
    { file: 'moved/a.yml', text: rule('one', 'low') },
    { file: 'c.yml', text: rule('two', 'high', '[/x, /y]') },
    { file: 'd.yml', text: rule('four', 'low') },
  ]
  expect(diffRules(before, after)).toEqual({
    added: [{ id: 'four', title: 'Rule four', file: 'd.yml', changes: [] }],
    removed: [{ id: 'three', title: 'Rule three', file: 'b.yml', changes: [] }],
    changed: [
      {
        id: 'two',
        title: 'Rule two',
        file: 'c.yml',
        changes: [
          { field: 'detection.selection.Image|endswith', before: '"/x"', after: '["/x","/y"]' },
          { field: 'level', before: '"low"', after: '"high"' },
        ],
      },
    ],
    unchanged: 1,
  })
})

test('a key that came or went has one side', () => {
  const { changed } = diffRules(
    [{ file: 'a.yml', text: rule('one', 'low') }],
    [{ file: 'a.yml', text: `${rule('one', 'low')}author: anna\n` }],
  )
  expect(changed[0]?.changes).toEqual([{ field: 'author', after: '"anna"' }])
})
