import { describe, expect, test } from 'vitest'
import { compileRegex } from './regex.ts'
import { fold } from './fold.ts'
import { requiredTexts } from './regex-literals.ts'

describe('requiredTexts()', () => {
  test.each([
    ['curl', ['curl']],
    ['CURL.*wget2', ['wget2']],
    ['^abc$', ['abc']],
    ['a\\.b\\\\cd', ['a.b\\cd']],
    ['(?:foo|bars)\\s+-x', ['foo', 'bars']],
    ['(?i)power', ['power']],
    ['(?P<name>inner)x?', ['inner']],
    ['abc?def', ['def']],
    ['abc*d', ['ab']],
    ['ab{2}c', ['ab']],
    ['ab{0,2}cde', ['cde']],
    ['x+yz', ['yz']],
    ['[]a]bcd', ['bcd']],
    ['[[:alpha:]]bcd', ['bcd']],
    ['one|two|[0-9]', undefined],
    ['.*', undefined],
    ['(?:secret)?', undefined],
    ['\\x41bc', undefined],
    ['żółwik', ['wik']],
  ])('%s', (pattern, expected) => {
    expect(requiredTexts(pattern)).toEqual(expected)
  })

  test('one of them is in whatever the pattern matches', () => {
    const texts = [
      'curl -s',
      'CURL',
      'aab',
      'ab',
      'abbc',
      'xyz',
      'foo  -x',
      'BARS -x',
      '\u212Aelvin',
      'ſtop',
      'a.b',
    ]
    const patterns = [
      'c.rl',
      '(?i)kelvin',
      '(?i)stop',
      'ab*',
      'a{1,2}b',
      '(foo|bars)\\s+-x',
      'x?y+z',
      'a\\.b',
      'a|b+',
    ]
    let matched = 0
    for (const pattern of patterns) {
      const regex = compileRegex(pattern, { ignoreCase: false, multiline: false, dotAll: false })
      const required = requiredTexts(pattern)
      for (const text of texts) {
        if (!regex.test(text)) continue
        matched += 1
        expect(required === undefined || required.some((one) => fold(text).includes(one))).toBe(true)
      }
    }
    expect(matched).toBeGreaterThan(10)
  })
})
