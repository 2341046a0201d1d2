import fc from 'fast-check'
import { visible } from '@vedette/base/visible'
import { expect, test } from 'vitest'
import { plainJson } from './plain-json.ts'

test('plainJson() has no character that a terminal or a reader takes for an order, and gives the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = plainJson(value)
      expect(visible(text)).toBe(text)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
  const evil = { target: '\u001b[2J\u009b1A \u202egnp.exe \u{e0041} a\u2028b' }
  expect(plainJson(evil)).not.toMatch(/[\u007f-\u009f\u2028-\u202e]/)
  expect(JSON.parse(plainJson(evil))).toEqual(evil)
})
