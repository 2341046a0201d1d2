import { describe, expect, test } from 'vitest'
import { didYouMean, nearest } from './suggest.ts'

describe('nearest()', () => {
  const known = ['contains', 'startswith', 'endswith', 're', 'cidr']
  test.each([
    ['contians', 'contains'],
    ['startwith', 'startswith'],
    ['CIDR', 'cidr'],
    ['elephant', undefined],
    ['', undefined],
  ])('%s: %s', (wrong, expected) => expect(nearest(wrong, known)).toBe(expected))

  test('is said as a question', () => {
    expect(didYouMean('contians', known)).toBe('did you mean "contains"')
  })
})
