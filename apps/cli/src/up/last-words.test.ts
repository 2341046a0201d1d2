import { expect, test } from 'vitest'
import { LastWords } from './last-words.ts'

function wordsOf(text: string): string | undefined {
  const words = new LastWords()
  for (const line of text.split('\n')) words.add(line)
  return words.reason()
}

test('the reason of a crash is the head of its stack trace', () => {
  const trace =
    'node:internal/x:1\n  throw e\n  ^\n\nTypeError [CODE]: no such thing\n    at f (a.js:1:2)\n\nNode.js v24.21.0\n'
  expect(wordsOf(trace)).toBe('TypeError [CODE]: no such thing')
})

test('the launcher says it in one sentence, and anything else in its last line', () => {
  expect(wordsOf('Cannot launch: setuid answered EPERM\n')).toBe('Cannot launch: setuid answered EPERM')
  expect(wordsOf('first\nlast\n\n')).toBe('last')
  expect(wordsOf('')).toBeUndefined()
})
