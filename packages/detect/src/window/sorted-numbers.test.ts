import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SortedNumbers } from './sorted-numbers.ts'

test('is a sorted list, whatever is added and removed', () => {
  const step = fc.record({ number: fc.integer({ min: 0, max: 300 }), remove: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 3000, size: 'max' }), (steps) => {
      const numbers = new SortedNumbers()
      const plain: number[] = []
      for (const { number, remove } of steps) {
        const known = plain.indexOf(number)
        if (remove) numbers.remove(number)
        else numbers.add(number)
        if (!remove) plain.push(number)
        else if (known >= 0) plain.splice(known, 1)
      }
      plain.sort((a, b) => a - b)
      expect(numbers.size).toBe(plain.length)
      expect(Array.from({ length: plain.length + 1 }, (_, rank) => numbers.at(rank))).toEqual([
        ...plain,
        undefined,
      ])
    }),
    { numRuns: 50 },
  )
})
