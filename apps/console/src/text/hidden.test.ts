import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { piecesOf, visibleText } from './hidden.ts'

describe('piecesOf()', () => {
  test('leaves plain text alone, of whatever script', () => {
    expect(piecesOf('curl -s http://203.0.113.7/a')).toEqual([
      { text: 'curl -s http://203.0.113.7/a', marked: false },
    ])
    expect(visibleText('größe 漢字 🛡 שלום')).toBe('größe 漢字 🛡 שלום')
  })

  test('shows an escape sequence letter by letter', () => {
    expect(visibleText('a\u001b[31mred')).toBe(String.raw`a\x1B[31mred`)
    expect(visibleText('one\ntwo\r\0\u007f')).toBe(String.raw`one\x0Atwo\x0D\x00\x7F`)
    expect(piecesOf('a\u001b[2J').map(({ text }) => text)).toEqual(['a', 'ESC', '[2J'])
  })

  test('shows what would turn the reading direction or hide', () => {
    expect(piecesOf('invoice\u202Efdp.exe')[1]).toEqual({
      text: '\\u202E',
      hidden: 'U+202E right-to-left override',
      marked: false,
    })
    expect(visibleText('a\u200Bb\u00A0c\u{E0041}d\uD800e')).toBe('a\\u200Bb\\u00A0c\\u{E0041}d\\uD800e')
  })

  test('marks by UTF-16 units of the original, also past a hidden character', () => {
    const text = 'x\u001bbash -i'
    const pieces = piecesOf(text, [{ start: 1, length: 5 }])
    expect(pieces.filter((piece) => piece.marked).map((piece) => piece.text)).toEqual(['ESC', 'bash'])
  })

  test('marks that overlap, are empty or reach too far do no harm', () => {
    const marks = [
      { start: 0, length: 3 },
      { start: 2, length: 900 },
      { start: 5, length: 0 },
      { start: -4, length: 2 },
    ]
    expect(piecesOf('abcdef', marks)).toEqual([{ text: 'abcdef', marked: true }])
  })

  test('cuts a huge value and says so', () => {
    const pieces = piecesOf('a'.repeat(50_000), [], 100)
    expect(pieces.map((piece) => piece.text.length)).toEqual([100, '… 49900 more'.length])
  })

  test('no hidden character survives, and nothing is lost', () => {
    const bad = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]|\p{Cs}/u
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const pieces = piecesOf(text)
        expect(bad.test(pieces.map((piece) => piece.text).join(''))).toBe(false)
        const plain = pieces.filter((piece) => piece.hidden === undefined).map((piece) => piece.text)
        expect(plain.every((part) => text.includes(part))).toBe(true)
      }),
    )
  })
})
