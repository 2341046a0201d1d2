import { expect, test } from 'vitest'
import { sparkline } from './picture.ts'

test('sparkline() scales to the largest value and shows the newest', () => {
  expect(sparkline([0, 1, 2, 4], 10)).toBe('▁▃▅█')
  expect(sparkline([9, 9, 0, 5], 2)).toBe('▁█')
  expect(sparkline([0, 0], 2)).toBe('▁▁')
  expect(sparkline([], 5)).toBe('')
})
