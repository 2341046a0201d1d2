import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ansiText, utf16Text } from './text.ts'

/** As it stands in a chunk: at an odd place, between other bytes. */
function reread(content: string): string {
  const bytes = Buffer.concat([
    Buffer.from([0xff]),
    Buffer.from(content, 'utf16le'),
    Buffer.from([0xff, 0xff]),
  ])
  return utf16Text(bytes, 1, content.length)
}

test('texts that look alike stay apart, also when they were seen before', () => {
  // The low bytes of each are the same.
  for (const content of ['a', '\u0161', 'a', '\u0461', '\u0161', 'a', ''])
    expect(reread(content)).toBe(content)
})

test('any text of any length is read as it was written, twice', () => {
  fc.assert(
    // Of few letters, so that texts come again and differ in a high byte alone.
    fc.property(
      fc.array(fc.constantFrom(0x61, 0x161, 0x62, 0xe4, 0xd83d, 0xdc3b, 0), { maxLength: 90 }),
      (units) => {
        const content = String.fromCharCode(...units)
        expect(reread(content)).toBe(content)
        expect(reread(content)).toBe(content)
      },
    ),
    { numRuns: 300 },
  )
  for (const length of [64, 65, 32_767]) {
    for (const unit of ['x', 'ü', 'ж']) expect(reread(unit.repeat(length))).toBe(unit.repeat(length))
  }
})

test('a surrogate without its partner stays what it is', () => {
  expect(reread('a\ud83d')).toBe('a\ud83d')
})

test('ANSI text is of Windows-1252 and ends before its terminators', () => {
  expect(ansiText(Buffer.from([0x80, 0xe4, 0x41, 0, 0]), 0, 5)).toBe('€äA')
  expect(ansiText(Buffer.from([0, 0]), 0, 2)).toBe('')
})
