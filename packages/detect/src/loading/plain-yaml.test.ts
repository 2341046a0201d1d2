import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePlainYaml } from './plain-yaml.ts'
import { readYaml } from './yaml-reader.ts'

const content = fileURLToPath(new URL('../../../../content/', import.meta.url))

/** What all of YAML is read as; undefined where it has a fault. */
function whole(text: string): readonly unknown[] | undefined {
  let faulty = false
  const documents = readYaml(text, () => void (faulty = true))
  return faulty ? undefined : documents
}

/** Where the short reader reads it, it reads what the whole one does. */
function agrees(text: string): boolean {
  const plain = parsePlainYaml(text)
  if (plain) expect(plain, text).toEqual(whole(text))
  return plain !== undefined
}

describe('parsePlainYaml()', () => {
  test.each([
    'a: 1\nb: two\nc: null\nd: ~\ne:\nf: true\ng: 1.5\nh: 0x1\ni: 007\nj: 1.50\nk: 1e5\nl: 12345678901234567890\n',
    "a: 'it''s'\nb: \"x\\ty\\\\z\"\n'k:': v\n\"|all\": [a, b]\n",
    'a:\n  - b\n  - c: d\n    e: f\n  -\n    g: h\n  - - x\n    - y\nz:\n- 1\n- 2\n',
    'a: |\n  one\n\n    two\n  three\n\nb: |-\n  x\nc: |+\n  y\n\nd: >\n  folds\n  here\n\n  and there\n',
    'a: goes on\n  and on\n\n  and on\nb: x # remark\n# remark\nc: y#no\n',
    '---\na: 1\n---\n---\nb: 2\n',
    '# only\n---\na: 1',
    'a: { b: [c, d: e], f: {} }\n',
    'a: [x, y: z]\n',
    'a: &x { b: c }\nd: *x\ne: { <<: *x, b: g }\nf:\n  <<: *x\n  h: i\n',
    'a: [-x, --y, https://z/?q, {}, []]\n',
    'a: b\r\nc: |\r\n  x\r\n\r\n  y\r\nd: >-\r\n  x\r\n  y\r\n\r\n  z\r\ne: x\r\n  y\r\n',
    'a: C:\\Windows\\*\nb: \\\\*\\x\n',
  ])('L1 %j', (text) => void agrees(text))

  test.each([
    'a: b: c\n',
    'a: 1\na: 2\n',
    'a: [\n',
    '\ta: b\n',
    'a: !!str b\n',
    'a: |2\n  x\n',
    '? a\n: b\n',
    'a: b\n  c: d\n',
    '- a\nb: c\n',
    "a: 'x\n  y'\n",
    'a: @b\n',
    '%YAML 1.2\n---\na: b\n',
    '__proto__: x\n',
    'text\n',
    '',
    'a: b\rc: d\n',
    `a: ${'['.repeat(50)}${']'.repeat(50)}\n`,
  ])('leaves %j to the whole reader', (text) => expect(parsePlainYaml(text)).toBeUndefined())

  const rules = globSync('rules/**/rule.yml', { cwd: content }).map((file) =>
    readFileSync(`${content}${file}`, 'utf8'),
  )

  test('reads nearly all of our own rules', () => {
    expect(rules.length).toBeGreaterThan(50)
    expect(rules.filter((text) => agrees(text)).length).toBeGreaterThan(rules.length * 0.9)
  })

  test('reads what the whole reader reads, or leaves it, whatever was done to a rule', () => {
    const pieces = [
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
      '#',
      ' #',
      '\t',
      '\\',
      ',',
      '!!x ',
      '~',
      '? ',
      '%',
      '@',
      "''",
      '\u0000',
      '<<: *a\n',
      '{ <<: *a }',
      '[-a]',
    ]
    const change = fc.record({ at: fc.nat(1500), piece: fc.constantFrom(...pieces), gone: fc.nat(4) })
    let plain = 0
    fc.assert(
      fc.property(
        fc.constantFrom(...rules),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (rule, changes) => {
          let text = rule
          for (const { at, piece, gone } of changes) {
            const place = at % (text.length + 1)
            text = text.slice(0, place) + piece + text.slice(place + gone)
          }
          if (agrees(text.length % 4 === 0 ? text.replaceAll('\n', '\r\n') : text)) plain += 1
        },
      ),
      { numRuns: 600 },
    )
    expect(plain).toBeGreaterThan(20)
  })
})
