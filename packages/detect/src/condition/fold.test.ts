import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fold } from './fold.ts'

describe('X1 fold()', () => {
  test.each([
    ['PowerShell', 'powershell'],
    ['ÄÖÜ', 'äöü'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφοσ'],
    ['ſudo', 'sudo'],
    ['\u212Aill', 'kill'],
    ['Straße', 'straße'],
    ['İ', 'İ'],
    ['\u{10400}', '\u{10428}'],
  ])('%s becomes %s', (text, folded) => expect(fold(text)).toBe(folded))

  test('takes a capital and its small letter for the same', () => {
    expect(fold('ПРИВЕТ')).toBe(fold('привет'))
  })

  test('keeps every position, and folding again changes nothing', () => {
    fc.assert(
      fc.property(fc.uint16Array({ maxLength: 20 }), (units) => {
        const text = String.fromCharCode(...units)
        const folded = fold(text)
        expect(folded.length).toBe(text.length)
        expect(fold(folded)).toBe(folded)
      }),
    )
  })

  test('a part of a text folds as it does within the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 9 }),
        fc.string({ unit: 'grapheme', maxLength: 9 }),
        (a, b) => {
          expect(fold(a + b)).toBe(fold(a) + fold(b))
        },
      ),
    )
  })
})
