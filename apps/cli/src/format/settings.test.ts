import { expect, test } from 'vitest'
import { settingLines } from './settings.ts'

const same = (text: string) => text
const lines = (value: unknown, width = 40) =>
  settingLines([{ key: 'a.b', value, from: 'default' }], width, same, same)

test('a short value stands beside its key', () => {
  expect(lines(50)).toEqual(['a.b: 50  default'])
  expect(lines([])).toEqual(['a.b: []  default'])
  expect(lines(['x', 1])).toEqual(['a.b: ["x", 1]  default'])
})

test('a long list goes on below, and no line is wider than it may be', () => {
  const shown = lines(Array.from({ length: 20 }, (_, i) => `/etc/path-${i}`))
  expect(shown[0]).toBe('a.b:  default')
  expect(shown[1]).toBe('    "/etc/path-0", "/etc/path-1",')
  expect(shown.at(-1)).toBe('    "/etc/path-18", "/etc/path-19"')
  expect(Math.max(...shown.map((line) => line.length))).toBeLessThanOrEqual(40)
})

test('a long text is not broken: it is copied', () => {
  expect(lines('x'.repeat(60))).toEqual(['a.b:  default', `    "${'x'.repeat(60)}"`])
})

test('what a file says is made safe, item by item', () => {
  const shown = settingLines([{ key: 'k', value: ['a\u202eb'], from: 'f' }], 40, (text) => `<${text}>`, same)
  expect(shown).toEqual(['k: [<"a\u202eb">]  f'])
})
