import { expect, test } from 'vitest'
import { IndexAllowance, LateLiteralIndex } from './late-literal-index.ts'
import type { Literal } from './literal-index.ts'
import { emptyBits } from './rule-bits.ts'

const literals: Literal[] = Array.from({ length: 700 }, (_, rule) => ({
  text: `literal ${rule} ż`,
  how: (['part', 'start', 'end', 'whole'] as const)[rule % 4] ?? 'part',
  rules: [rule],
}))

function found(index: LateLiteralIndex, text: string): number[] {
  const bits = emptyBits(literals.length)
  index.search(text, bits)
  return literals.flatMap((_, rule) => (((bits[rule >>> 5] ?? 0) >>> (rule & 31)) & 1 ? [rule] : []))
}

/** Each with the rules whose literal stands in it. */
const texts: [string, number[]][] = [
  ['xx LITERAL 4 Ż xx LITERAL 8 ż', [4, 8]],
  ['Literal 5 ż and more', [5]],
  ['more and literal 6 ż', [6]],
  ['literal 7 ż', [7]],
  ['the last one is literal 0 ż', [0]],
  ['nothing', []],
]

test('E10 finds the same before and after the index is made', () => {
  const allowance = new IndexAllowance()
  const index = new LateLiteralIndex(literals, allowance)
  for (const [text, rules] of texts) expect(found(index, text)).toEqual(rules)
  expect(allowance.take(1)).toBe(false)
  allowance.renew()
  for (const [text, rules] of texts) expect(found(index, text)).toEqual(rules)
  // It was made of what was allowed.
  expect(allowance.take(700)).toBe(false)
  // A long text is not asked for each literal.
  expect(found(new LateLiteralIndex(literals, allowance), `${'x'.repeat(100_000)} literal 4 ż`)).toEqual([4])
})

test('E10 finds the same when the index is made again for texts as they come', () => {
  const allowance = new IndexAllowance()
  const index = new LateLiteralIndex(literals, allowance)
  const common = 'a literal that is none of ours, '.repeat(20)
  let taken = 0
  for (let round = 0; round < 100; round += 1) {
    allowance.renew()
    const [text, rules] = texts[round % texts.length] as (typeof texts)[number]
    const around = rules[0] === 4 ? common + text : text
    expect(found(index, around)).toEqual(rules)
    found(index, common)
    if (!allowance.take(1000)) taken += 1
  }
  // Made, and made again; after that nothing is left to make.
  expect(taken).toBe(2)
})

test('E10 one index that is larger than what is allowed may be made alone', () => {
  const allowance = new IndexAllowance()
  expect(allowance.take(5000)).toBe(false)
  allowance.renew()
  expect([allowance.take(1), allowance.take(5000), allowance.take(2)]).toEqual([true, false, true])
  allowance.renew()
  expect([allowance.take(5000), allowance.take(1)]).toEqual([true, false])
})
