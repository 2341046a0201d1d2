import { describe, expect, test } from 'vitest'
import { processEvent } from '../../testing/events.ts'
import { compileText, engineOf } from '../../testing/rules.ts'

const rule = (name: string) => `
title: ${name}
id: id-${name}
name: ${name}
logsource: { product: linux, category: process_creation }
detection: { selection: { Image|endswith: /bash }, condition: selection }`

const filter = (body: string, logsource = '{ product: linux, category: process_creation }') => `
title: Filter
id: filter
logsource: ${logsource}
filter: { selection: { User: backup }, ${body} }`

const file = (...documents: readonly string[]) => documents.join('\n---\n')
const by = (name: string) => processEvent({ process: { user: { uid: '1', name } } })

/** Titles of the rules that fire for what a user did. */
function firing(text: string, user: string): string[] {
  return engineOf(text)
    .evaluate([by(user)])
    .map((detection) => detection.rule.title)
}

describe('filters', () => {
  test.each([
    ['by id', 'rules: [id-a]', ['b']],
    ['by name', 'rules: [b]', ['a']],
    ['one without a list', 'rules: a', ['b']],
    ['any', 'rules: any', []],
    ['all', 'rules: all', []],
    ['an empty list', 'rules: []', []],
  ])('P1 %s: %s', (_, rules, left) => {
    const text = file(rule('a'), rule('b'), filter(`${rules}, condition: not selection`))
    expect(firing(text, 'backup')).toEqual(left)
    expect(firing(text, 'root')).toEqual(['a', 'b'])
  })

  test('P1 it is for rules that come before it, after it, and in other files', () => {
    const text = filter('rules: [a, b], condition: not selection')
    expect(compileText([text, rule('a'), rule('b')]).problems).toEqual([])
    expect(firing(file(text, rule('a')), 'backup')).toEqual([])
  })

  test.each([
    ['{ product: linux }', []],
    ['{ category: process_creation }', []],
    ['{ product: windows }', ['a']],
    ['{ product: linux, service: auditd }', ['a']],
  ])('P2 with the log source %s', (logsource, left) => {
    const text = file(rule('a'), filter('rules: any, condition: not selection', logsource))
    expect(firing(text, 'backup')).toEqual(left)
  })

  test('P3 its condition is asked besides the rule, and one that takes nothing out is told', () => {
    const text = file(rule('a'), filter('rules: any, condition: selection'))
    expect(firing(text, 'backup')).toEqual(['a'])
    expect(firing(text, 'root')).toEqual([])
    expect(compileText(text).warnings).toMatchObject([
      { code: 'filter-narrows', hint: 'to take something out write "not selection"' },
    ])
    expect(compileText(file(rule('a'), filter('rules: any, condition: not selection'))).warnings).toEqual([])
  })

  test('P3 for foreign records as well', () => {
    const { rules } = compileText(file(rule('a'), filter('rules: any, condition: not selection')))
    expect(rules[0]?.foreign?.condition).toMatchObject({ op: 'and', of: [{ op: 'test' }, { op: 'not' }] })
  })

  test('P4 a rule that is not there, and a field that its events lack, are told and no fault', () => {
    const { warnings, problems, rules } = compileText(
      file(rule('a'), filter('rules: [a, c], condition: not selection').replace('User:', 'Uzer:')),
    )
    expect(problems).toEqual([])
    expect(rules).toHaveLength(1)
    expect(warnings).toMatchObject([
      { code: 'unknown-field', line: 12 },
      { code: 'filter-without-rule', line: 12 },
    ])
  })

  test.each([
    ['condition: not selection', 'invalid-value'],
    ['rules: any', 'missing-condition'],
    ['rules: any, condition: not selektion', 'unknown-selection'],
    ['rules: 5, condition: not selection', 'invalid-value'],
  ])('P5 %s: %s', (body, code) => {
    const { problems, rules } = compileText(file(rule('a'), filter(body)))
    expect(problems.map((problem) => problem.code)).toEqual([code])
    expect(rules).toHaveLength(1)
  })
})
