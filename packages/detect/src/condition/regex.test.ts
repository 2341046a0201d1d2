import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, test } from 'vitest'
import { pathsOf } from './regex-cost.ts'
import { compileRegex } from './regex.ts'

const none = { ignoreCase: false, multiline: false, dotAll: false }

describe('X3 regular expressions', () => {
  test('are searched for, and mind case without the flag', () => {
    const regex = compileRegex('b.d', none)
    expect(regex.find('abcde')).toEqual([1, 3])
    expect(regex.test('aBcDe')).toBe(false)
    expect(compileRegex('b.d', { ...none, ignoreCase: true }).find('aBcDe')).toEqual([1, 3])
  })

  test('flags m and s', () => {
    expect(compileRegex('^b', { ...none, multiline: true }).find('a\nb')).toEqual([2, 1])
    expect(compileRegex('a.b', none).test('a\nb')).toBe(false)
    expect(compileRegex('a.b', { ...none, dotAll: true }).test('a\nb')).toBe(true)
  })

  test.each(['(?=a)', String.raw`(a)\1`, '(', '[z-a]', 'a{2,1}', '*'])('%s is refused', (pattern) => {
    expect(() => compileRegex(pattern, none)).toThrow(SyntaxError)
  })

  test('a pattern that is too long is refused', () => {
    expect(() => compileRegex('a'.repeat(5000), none)).toThrow('longer than 4096')
  })

  test.each([
    ['abc', 1],
    ['a?b', 2],
    ['(a|b|c)d', 3],
    ['(a|b){2}', 4],
    ['(a?){3}', 8],
    ['[a-z]{1,3}', 3],
    [String.raw`\d{4}-\d\d`, 1],
    ['a*', undefined],
    ['a+', undefined],
    ['a{2,}', undefined],
    ['a.b', undefined],
    [String.raw`\s`, undefined],
    ['(?i)a', undefined],
    ['a{', undefined],
    ['(a', undefined],
  ])('pathsOf(%s) is %s', (pattern, paths) => expect(pathsOf(pattern, false)).toBe(paths))

  test('V8 runs only what cannot explode', () => {
    expect(compileRegex('(a|b)c?', none).engine).toBe('v8')
    expect(compileRegex('(a+)+$', none).engine).toBe('re2')
    expect(compileRegex(`${'a?'.repeat(30)}b`, none).engine).toBe('re2')
  })

  test('a pattern that is exponential for a backtracking engine ends at once', () => {
    expect(compileRegex('^(a+)+$', none).test(`${'a'.repeat(2000)}!`)).toBe(false)
    expect(compileRegex('(x+x+)+y', none).test('x'.repeat(2000))).toBe(false)
  })

  test('both engines find the same, where V8 is trusted', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      'A',
      '7',
      'ſ',
      '[ab]',
      '[^a]',
      '(a|bb)',
      '(?:b|)',
      String.raw`\d`,
      '^',
      '$',
      String.raw`\.`,
    )
    const pattern = fc.array(fc.tuple(atom, fc.constantFrom('', '', '?', '{2}', '{0,2}', '??')), {
      maxLength: 5,
    })
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', 'A', 'B', '7', '.', 'ſ', 's', '\n'),
      maxLength: 10,
    })
    fc.assert(
      fc.property(pattern, text, fc.boolean(), (parts, sample, ignoreCase) => {
        const source = parts.map(([one, times]) => (one === '^' || one === '$' ? one : one + times)).join('')
        const regex = compileRegex(source, { ...none, ignoreCase })
        if (regex.engine !== 'v8') return
        const matcher = RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0).matcher(sample)
        const expected = matcher.find() ? [matcher.start(), matcher.end() - matcher.start()] : undefined
        expect(regex.find(sample)).toEqual(expected)
        expect(regex.test(sample)).toBe(expected !== undefined)
      }),
      { numRuns: 3000 },
    )
  })

  test('X3 a long text is looked at from both ends, and a match is told where it stands in the whole', () => {
    const regex = compileRegex('(?:[^/]){100,}$', none)
    expect(regex.engine).toBe('re2')
    expect(regex.longestText).toBeLessThan(65_536)
    const long = `${'/'.repeat(200_000)}${'a'.repeat(120)}`
    expect(regex.test(long)).toBe(true)
    expect(regex.find(long)).toEqual([200_000, 120])
    expect(regex.test(`${long}/`)).toBe(false)
    expect(compileRegex('^a{2}', none).find(`aa${long}`)).toEqual([0, 2])
    // One that could take very long is given little to take.
    expect(compileRegex('(.{1,100}){1,10}x', none).longestText).toBeLessThan(2000)
  })

  test('X3 the fast question and the search of RE2 agree', () => {
    const part = fc.constantFrom('a', 'b*', '(a|bb)+', '.', 'a.*b', '[^a]{2,}', '^', '$', '(?i)A', '\\b')
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '\n', 'é', '😀'), maxLength: 12 })
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), text, (parts, sample) => {
        const regex = compileRegex(`${parts.join('')}.*`, none)
        expect(regex.test(sample)).toBe(regex.find(sample) !== undefined)
      }),
      { numRuns: 2000 },
    )
  })

  test('X3 runs of characters are counted as RE2 finds them', () => {
    const shapes = ['.{3,}', '(.){2,}', '[^a]{2,}$', '[ab]{3,}', '.{0,}', '[^ab]{1,}$']
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'é', '😀'), maxLength: 12 })
    fc.assert(
      fc.property(fc.constantFrom(...shapes), text, fc.boolean(), (pattern, sample, dotAll) => {
        const regex = compileRegex(pattern, { ...none, dotAll })
        const matcher = RE2JS.compile(pattern, dotAll ? RE2JS.DOTALL : 0).matcher(sample)
        const met = matcher.find()
        expect(regex.test(sample)).toBe(met)
        if (met && matcher.end() > matcher.start()) {
          expect(regex.find(sample)).toEqual([matcher.start(), matcher.end() - matcher.start()])
        }
      }),
      { numRuns: 3000 },
    )
  })
})
