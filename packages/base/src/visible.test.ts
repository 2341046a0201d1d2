import fc from 'fast-check'
import { expect, test } from 'vitest'
import { visible } from './visible.ts'

test('what gives a terminal orders or reorders text is spelled out', () => {
  expect(visible('a\u001b[31mb\r\nc\u202ed\u200be\u{e0041}')).toBe(
    'a\\x1b[31mb\\x0d\\x0ac\\u{202e}d\\u{200b}e\\u{e0041}',
  )
})

test('other text stays as it is', () => {
  expect(visible('bash -c "écho" 日本 🛡')).toBe('bash -c "écho" 日本 🛡')
})

test('no control character is left, whatever goes in', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // oxlint-disable-next-line no-control-regex -- that none is left is what is tested
      expect(visible(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    }),
  )
})
