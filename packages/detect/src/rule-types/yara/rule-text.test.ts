import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRuleText } from './rule-text.ts'

describe('parseRuleText()', () => {
  test('finds rules, what they are, and what they say of themselves', () => {
    const text = `import "elf"
include "lib/common.yar"
/* rule not_this { condition: true } */
private global rule first : T1059 packed
{
  meta: // a comment
    title = "Says \\"hello\\"\\x21" score = 80 exact = true
    share = 1.5 low = -3
  strings:
    $a = "a } brace" $b = /\\/path}\\/(a|b)/ $c = { 61 [2-4] ( 62 | 63 ) }
  condition:
    any of them
}
rule second { condition: first }`
    const { rules, includes, imports } = parseRuleText(text)
    expect(imports.map(({ module }) => module)).toEqual(['elf'])
    expect(includes.map(({ path }) => path)).toEqual(['lib/common.yar'])
    expect(rules.map(({ name, tags, isPrivate, isGlobal }) => ({ name, tags, isPrivate, isGlobal }))).toEqual(
      [
        { name: 'first', tags: ['T1059', 'packed'], isPrivate: true, isGlobal: true },
        { name: 'second', tags: [], isPrivate: false, isGlobal: false },
      ],
    )
    expect(rules[0]?.meta).toEqual([
      { name: 'title', value: 'Says "hello"!' },
      { name: 'score', value: 80 },
      { name: 'exact', value: true },
      { name: 'share', value: 1.5 },
      { name: 'low', value: -3 },
    ])
    const [first, second] = rules
    expect(text.slice(first?.start, first?.end)).toMatch(/^private global rule first[\s\S]*any of them\n\}$/)
    expect(text.slice(first?.condition, first?.end).trim()).toBe('any of them\n}')
    expect(text.slice(second?.start, second?.end)).toBe('rule second { condition: first }')
  })

  test('goes on at the next rule after one that never ends', () => {
    const text = 'rule a { strings: $x = "open\n condition: $x }\nrule b { condition: true }'
    expect(parseRuleText(text).rules.map(({ name }) => name)).toEqual(['a', 'b'])
  })

  test('takes no pattern for the condition', () => {
    const text = 'rule a { strings: $condition = "condition: x" condition: $condition }'
    const [rule] = parseRuleText(text).rules
    expect(text.slice(rule?.condition, rule?.end)).toBe(' $condition }')
  })

  const words = fc.constantFrom(
    'rule a',
    '{',
    '}',
    '"',
    '/',
    '//',
    '/*',
    '*/',
    '\n',
    'meta:',
    'x = 1',
    'include "b"',
    ':',
    'private ',
    '\\',
    'condition:',
  )

  test('whatever it is given, it ends, and its rules follow one another within the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words, { maxLength: 60 }).map((parts) => parts.join(' ')),
        ),
        (text) => {
          let before = 0
          for (const { start, end, condition } of parseRuleText(text).rules) {
            expect(start).toBeGreaterThanOrEqual(before)
            expect(end).toBeGreaterThan(start)
            expect(end).toBeLessThanOrEqual(text.length)
            if (condition !== undefined) expect(condition).toBeLessThanOrEqual(end)
            before = end
          }
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('reads megabytes of slashes and quotes that never end', () => {
    // A reader that looks back at each of them would be busy far beyond the time that a test has.
    const { rules } = parseRuleText(`rule a { strings: $x = "${'/"'.repeat(2_000_000)}`)
    expect(rules.length).toBeLessThanOrEqual(1)
  })
})
