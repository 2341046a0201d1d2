import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fold } from '../condition/fold.ts'
import { type Literal, LiteralIndex } from './literal-index.ts'
import { emptyBits } from './rule-bits.ts'

/** Positions of the rules that the index finds. */
function found(index: LiteralIndex, text: string, rules: number): number[] {
  const bits = emptyBits(rules)
  index.search(text, bits)
  return Array.from({ length: rules }, (_, rule) => rule).filter(
    (rule) => (((bits[rule >>> 5] ?? 0) >>> (rule & 31)) & 1) === 1,
  )
}

function stands({ how, text }: Literal, folded: string): boolean {
  if (how === 'part') return folded.includes(text)
  if (how === 'start') return folded.startsWith(text)
  return how === 'end' ? folded.endsWith(text) : folded === text
}

const pieces = [
  'a',
  'AB',
  'cmd',
  'dir',
  'xyz',
  '.exe',
  '\\Windows\\',
  'powershell',
  'ż',
  'ſ',
  '\u212A',
  '😀',
  '\ud83d',
  '\u0141',
  ' ',
  'x'.repeat(20),
]
const text = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''))
const literal = fc.record({
  text: text.map(fold),
  how: fc.constantFrom<Literal['how'][]>('part', 'start', 'end', 'whole'),
})

describe('LiteralIndex', () => {
  test('finds what stands in a text, wherever it stands and however many there are', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(literal, {
          minLength: 1,
          maxLength: 60,
          selector: ({ text, how }) => `${how} ${text}`,
        }),
        // Few, or so many more that tables are made in another way.
        fc.constantFrom(0, 500),
        fc.array(text, { minLength: 1, maxLength: 5 }),
        // What is known of the texts when the index is made, of others or of these.
        fc.constantFrom('none', 'others', 'these'),
        (own, others, texts, sample) => {
          const more = Array.from({ length: others }, (_, n) => ({
            text: `other literal ${n}`,
            how: 'part' as const,
          }))
          const literals = [...own, ...more].map((one, rule) => ({ ...one, rules: [rule] }))
          const known = { none: '', others: 'other literal '.repeat(50), these: texts.join('\0') }
          const index = new LiteralIndex(literals, known[sample])
          for (const one of texts) {
            const folded = fold(one)
            const expected = literals.filter((each) => stands(each, folded)).map(({ rules }) => rules[0])
            expect(found(index, one, literals.length)).toEqual(expected)
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  test.each([0, 5, 500])(
    'finds a part at every place, also the first and the last, beside %i others',
    (others) => {
      const more = Array.from({ length: others }, (_, n) => `other literal ${n}`)
      const texts = ['powershell', 'curl', ...more]
      const index = new LiteralIndex(texts.map((one, rule) => ({ text: one, how: 'part', rules: [rule] })))
      for (let before = 0; before < 12; before += 1) {
        for (const after of ['', ' ', ' and more']) {
          const around = (part: string) => 'x'.repeat(before) + part + after
          expect(found(index, around('PowerShell'), texts.length)).toEqual([0])
          expect(found(index, around('cURL'), texts.length)).toEqual([1])
          expect(found(index, around('cur l'), texts.length)).toEqual([])
        }
      }
    },
  )

  test('of a text, what stands often in texts is looked for by something else', () => {
    const literals: Literal[] = ['qqjx', 'process:qj', 'machine:xz'].map((one, rule) => ({
      text: one,
      how: 'part',
      rules: [rule],
    }))
    const common = 'a new process that was made by the owner of the machine '.repeat(20)
    const [plain, taught] = ['', common].map((sample) => new LiteralIndex(literals, sample))
    if (!plain || !taught) throw new TypeError('two indexes were made')
    for (const index of [plain, taught]) expect(found(index, `${common}PROCESS:qj`, 3)).toEqual([1])
    expect(taught.verified).toBeLessThan(plain.verified / 4)
  })

  test('finds parts of three units beside longer ones at every place', () => {
    const texts = ['dir', 'aaa', 'rcp', 'copy', 'puts', 'show users']
    const index = new LiteralIndex(texts.map((one, rule) => ({ text: one, how: 'part', rules: [rule] })))
    for (let before = 0; before < 12; before += 1) {
      for (const [rule, one] of texts.entries()) {
        expect(found(index, '-'.repeat(before) + one.toUpperCase(), texts.length)).toEqual([rule])
        expect(found(index, `${'-'.repeat(before)}${one} `, texts.length)).toEqual([rule])
      }
      expect(found(index, `${'-'.repeat(before)}aa a`, texts.length)).toEqual([])
    }
  })

  test('a text that is longer than any before and one after it', () => {
    const index = new LiteralIndex([
      { text: 'needle in it', how: 'part', rules: [0] },
      { text: 'the end', how: 'end', rules: [1] },
    ])
    const long = `${'hay '.repeat(500_000)}a NEEDLE in it`
    expect(found(index, long, 2)).toEqual([0])
    expect(found(index, 'this is the end', 2)).toEqual([1])
    expect(found(index, '', 2)).toEqual([])
  })
})
