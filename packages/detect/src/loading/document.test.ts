import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRuleFile } from './document.ts'

const codes = (text: string) => parseRuleFile('f.yml', text).problems.map(({ code }) => code)

describe('parseRuleFile()', () => {
  test('L1 several documents, a faulty one among them', () => {
    const { documents, problems } = parseRuleFile('f.yml', 'title: a\n---\ntitle: [\n---\ntitle: c\n---\n')
    expect(documents.map(({ data }) => data['title'])).toEqual(['a', 'c'])
    expect(problems).toMatchObject([{ file: 'f.yml', code: 'yaml-invalid', line: 4 }])
  })

  test('L2 places of keys, values and missing things', () => {
    const [document] = parseRuleFile('f.yml', "a: 1\nb:\n  - x: 'text'\n  - y\n").documents
    const at = (path: (string | number)[], where: 'key' | 'value' = 'key', offset = 0) => {
      const { line, column } = document?.problem(path, 'c', 'm', { at: where, offset }) ?? {}
      return [line, column]
    }
    expect(at(['a'])).toEqual([1, 1])
    expect(at(['a'], 'value')).toEqual([1, 4])
    expect(at(['b', 0, 'x'])).toEqual([3, 5])
    expect(at(['b', 0, 'x'], 'value', 2)).toEqual([3, 11])
    expect(at(['b', 1])).toEqual([4, 5])
    expect(at(['b', 0, 'nothing', 'below'])).toEqual([3, 5])
    expect(at(['nothing'])).toEqual([1, 1])
  })

  test.each([
    ['- a list', 'not-a-map'],
    ['text', 'not-a-map'],
    ['a: 1\na: 2', 'yaml-invalid'],
    ['a: [', 'yaml-invalid'],
    ['\tx: y', 'yaml-invalid'],
  ])('%s: %s', (text, code) => expect(codes(text)).toContain(code))

  test('L3 budgets', () => {
    expect(codes('x'.repeat((1 << 20) + 1))).toEqual(['file-too-large'])
    expect(codes('a: 1\n---\n'.repeat(300))).toEqual(['too-many-documents'])
    expect(codes(`a: ${'['.repeat(60)}${']'.repeat(60)}`)).toEqual(['too-deep'])
    expect(codes(`a: ${'['.repeat(500_000)}`)).toEqual(['too-deep'])
    expect(codes('- '.repeat(100_000))).toEqual(['too-deep'])
    expect(codes(`a: [${'1,'.repeat(150_000)}]`)).toEqual(['too-many-nodes'])
    const deep = Array.from({ length: 60 }, (_, i) => `${' '.repeat(i)}a:`)
    expect(codes(deep.join('\n'))).toEqual(['too-deep'])
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 9; i += 1)
      lines.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`)
    expect(codes(lines.join('\n'))).toEqual(['yaml-invalid'])
  })

  test('a map of very many keys takes no longer than its size', () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}: ${i}`)
    expect(codes(keys.join('\n'))).toEqual([])
  })

  test('never throws', () => {
    const piece = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '<<: ',
      '"',
      "'",
      '---\n',
      '|',
      '>',
      '!!x ',
      '#',
      '\u0000',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        (pieces) => void parseRuleFile('f.yml', pieces.join('')),
      ),
      { numRuns: 1000 },
    )
  })

  test('keys of an object have no power', () => {
    const { documents } = parseRuleFile('f.yml', '__proto__: { polluted: 1 }\nconstructor: 1')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(documents).toHaveLength(1)
  })
})
