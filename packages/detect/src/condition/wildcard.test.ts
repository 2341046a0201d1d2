import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ANY_ONE, ANY_TEXT, compileWildcards, literalsOf, parseWildcards } from './wildcard.ts'

const find = (pattern: string, text: string) => compileWildcards(parseWildcards(pattern))(text)

describe('X2 wildcards', () => {
  test.each([
    ['a*b', ['a', ANY_TEXT, 'b']],
    ['a**b', ['a', ANY_TEXT, 'b']],
    ['a?b', ['a', ANY_ONE, 'b']],
    [String.raw`a\*b`, ['a*b']],
    [String.raw`a\\*b`, ['a\\', ANY_TEXT, 'b']],
    [String.raw`a\\\*b`, [String.raw`a\*b`]],
    [String.raw`a\\\\b`, [String.raw`a\\b`]],
    [String.raw`C:\Windows\System32`, [String.raw`C:\Windows\System32`]],
    ['trailing\\', ['trailing\\']],
    ['', []],
  ])('%s', (pattern, parts) => expect(parseWildcards(pattern)).toEqual(parts))

  test.each([
    ['a*c', 'abc', [0, 3]],
    ['a*c', 'abcd', undefined],
    ['*b*', 'abc', [1, 1]],
    ['a*b*c', 'aXbYc', [0, 5]],
    ['a?c', 'abc', [0, 3]],
    ['a?c', 'ac', undefined],
    ['*a?c*', 'xxabcxx', [2, 3]],
    ['ab*ba', 'aba', undefined],
    ['*', '', [0, 0]],
    ['?', '', undefined],
    ['?', 'x', [0, 1]],
    ['*/*/x', '/a/x', [0, 4]],
    ['a*', 'a', [0, 1]],
  ])('%s in %s', (pattern, text, found) => expect(find(pattern, text)).toEqual(found))

  test('agrees with the regular expression of the same meaning', () => {
    const piece = fc.constantFrom('a', 'b', '*', '?')
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }),
        fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 }),
        (p, text) => {
          const pattern = p.join('')
          const regex = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`)
          expect(find(pattern, text) !== undefined).toBe(regex.test(text))
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('takes linear time for what is exponential for a backtracking matcher', () => {
    const pattern = `${'a*'.repeat(50)}b`
    expect(find(pattern, 'a'.repeat(50_000))).toBeUndefined()
  })

  test('literalsOf() gives the longest first', () => {
    expect(literalsOf(parseWildcards('a*ccc?bb'))).toEqual(['ccc', 'bb', 'a'])
  })
})
