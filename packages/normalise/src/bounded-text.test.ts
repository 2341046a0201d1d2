import fc from 'fast-check'
import { expect, test } from 'vitest'
import { baseName, boundedText, shortText } from './bounded-text.ts'

test('boundedText() never gives what a store refuses', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, limit) => {
      const bounded = boundedText(`\ud800${text}\0`, limit)
      expect(bounded.length).toBeLessThanOrEqual(limit)
      expect(bounded.isWellFormed()).toBe(true)
      expect(bounded).not.toContain('\0')
    }),
  )
})

test('boundedText() leaves good text alone and does not halve a pair', () => {
  expect(boundedText('a😀b')).toBe('a😀b')
  expect(boundedText('a😀b', 2)).toBe('a\ufffd')
})

test('shortText() says that it cut', () => {
  expect(shortText('abcdef', 4)).toBe('abc…')
  expect(shortText('abcd', 4)).toBe('abcd')
})

test('baseName() of a path and of a memfd', () => {
  expect(baseName('/usr/bin/id')).toBe('id')
  expect(baseName('memfd:a/b')).toBe('a/b')
  expect(baseName('id')).toBe('id')
})
