import { expect, test } from 'vitest'
import { span } from './span.ts'

test.each([
  [0, '0 s'],
  [999, '0 s'],
  [59_000, '59 s'],
  [60_000, '1 min'],
  [766_000, '12 min 46 s'],
  [7_200_000, '2 h'],
  [7_259_000, '2 h'],
  [90_000_000, '1 d 1 h'],
])('%i ms: %s', (ms, text) => {
  expect(span(ms)).toBe(text)
})
