import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseStixPattern, writeStixText } from './pattern.ts'

function read(text: string) {
  const outcome = parseStixPattern(text)
  return outcome.ok
    ? outcome.value.map(
        ({ object, path, operator, values }) => `${object}:${path.join('.')} ${operator} ${values.join('|')}`,
      )
    : `${outcome.reason} at ${outcome.offset}`
}

test.each([
  ["[ipv4-addr:value = '198.51.100.7']", ['ipv4-addr:value = 198.51.100.7']],
  [
    "[file:hashes.'SHA-256' = 'ab' OR file:hashes.MD5='cd']",
    ['file:hashes.SHA-256 = ab', 'file:hashes.MD5 = cd'],
  ],
  [
    "[domain-name:value = 'a.example'] OR ([url:value = 'http://b.example/'])",
    ['domain-name:value = a.example', 'url:value = http://b.example/'],
  ],
  [
    "[ (file:name LIKE '%.locked') or process:name IN ('a', 'b\\'c') ]",
    ['file:name LIKE %.locked', "process:name IN a|b'c"],
  ],
  ["[ipv4-addr:value ISSUBSET '198.51.100.0/24']", ['ipv4-addr:value ISSUBSET 198.51.100.0/24']],
  ["[network-traffic:dst_ref.value = '198.51.100.7']", ['network-traffic:dst_ref.value = 198.51.100.7']],
  ["[email-message:from_refs[*].value = 'a']", ['email-message:from_refs.*.value = a']],
])('parseStixPattern(%j)', (text, expected) => {
  expect(read(text)).toEqual(expected)
})

test.each([
  ["[a:b = 'c' AND d:e = 'f']", 'unsupported-and at 11'],
  ["[a:b = 'c'] AND [d:e = 'f']", 'unsupported-and at 12'],
  ["[a:b = 'c'] FOLLOWEDBY [d:e = 'f']", 'unsupported-followedby at 12'],
  ["[a:b = 'c'] WITHIN 5 SECONDS", 'unsupported-within at 12'],
  ["[a:b = 'c'] REPEATS 5 TIMES", 'unsupported-repeats at 12'],
  ["[a:b = 'c'] START t'2020-01-01T00:00:00Z' STOP t'2021-01-01T00:00:00Z'", 'unsupported-start at 12'],
  ["[a:b NOT = 'c']", 'unsupported-not at 5'],
  ["[a:b != 'c']", 'unsupported-not at 5'],
  ['[a:b > 5]', 'unsupported-order at 5'],
  ["[a:b MATCHES '^c']", 'unsupported-matches at 5'],
  ['[EXISTS a:b]', 'unsupported-exists at 1'],
  ["[a:b = 'c'", 'expected-closing-bracket at 10'],
  ["a:b = 'c'", 'expected-opening-bracket at 0'],
  ["[a:b = 'c]", 'unexpected-character at 7'],
  ['', 'expected-opening-bracket at 0'],
  ["[a:b = 'c'] x", 'unexpected-text at 12'],
  ['('.repeat(100), 'too-deep at 65'],
])('parseStixPattern(%j) is refused: %s', (text, expected) => {
  expect(read(text)).toBe(expected)
})

test('whatever is written is read as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      expect(parseStixPattern(`[a:b = ${writeStixText(value)}]`)).toMatchObject({
        ok: true,
        value: [{ values: [value] }],
      })
    }),
  )
})

test('nothing throws, and what is refused has a place', () => {
  const near = fc.array(
    fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      "'a'",
      ' OR ',
      ' AND ',
      'a:b',
      '=',
      '.',
      '*',
      ' IN ',
      ',',
      "'",
      '\\',
      '\u0000',
    ),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(near, (parts) => {
      const text = parts.join('')
      const outcome = parseStixPattern(text)
      if (!outcome.ok) expect(outcome.offset).toBeLessThanOrEqual(text.length)
    }),
    { numRuns: 3000 },
  )
})
