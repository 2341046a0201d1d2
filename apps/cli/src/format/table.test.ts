import { expect, test } from 'vitest'
import { createStyle } from './style.ts'
import { displayWidth, table } from './table.ts'

const columns = [
  { title: 'NAME' },
  { title: 'N', align: 'right' as const },
  { title: 'TEXT', flexible: true },
]

test('table() aligns columns, numbers to the right', () => {
  expect(
    table(columns, [
      ['a', '1', 'x'],
      ['long', '22', ''],
    ]),
  ).toBe('NAME   N  TEXT\na      1  x\nlong  22\n')
})

test('table() cuts only the flexible column when it is too wide', () => {
  const out = table(columns, [['somebody', '1', 'a very long text that does not fit']], { width: 30 })
  expect(out.split('\n').map((line) => displayWidth(line) <= 30)).not.toContain(false)
  expect(out).toContain('somebody  1  a very long text…')
})

test('table() counts neither colours nor the second half of wide characters', () => {
  const { bad } = createStyle(true)
  const [, red = '', wide = ''] = table(
    [{ title: 'A' }, { title: 'B' }],
    [
      [bad('xx'), '|'],
      ['漢', '|'],
    ],
  ).split('\n')
  expect(displayWidth(red)).toBe(displayWidth(wide))
  expect(red).toContain('\u001b[31m')
})

test('createStyle() without colour leaves text alone', () => {
  expect(createStyle(false).severity('critical')).toBe('critical')
})
