import { expect, test } from 'vitest'
import { lineCutter, parseObject } from './json-lines.ts'

function cut(chunks: readonly (string | Buffer)[], limit?: number): string[] {
  const lines: string[] = []
  const take = lineCutter((line) => lines.push(line), limit)
  for (const chunk of chunks) take(Buffer.from(chunk as string))
  return lines
}

test('lineCutter() puts lines together across chunks, also within a character', () => {
  const euro = Buffer.from('€')
  expect(cut(['a', 'b\nc', '\n', euro.subarray(0, 1), euro.subarray(1), '\nrest'])).toEqual(['ab', 'c', '€'])
})

test('lineCutter() gives a line that is too long cut, once, and goes on after it', () => {
  expect(cut(['0123456789', '0123456789', '\nnext\n'], 8)).toEqual(['01234567', 'next'])
})

test('parseObject() takes objects only', () => {
  expect(parseObject('{"a":1}')).toEqual({ a: 1 })
  expect(parseObject('7')).toBeUndefined()
  expect(parseObject('{')).toBeUndefined()
})
