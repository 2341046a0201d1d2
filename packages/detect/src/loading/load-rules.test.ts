import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { detectionConfigSchema } from '../config.ts'
import { loadConfiguredRules, loadRules } from './load-rules.ts'
import { formatProblem } from './problem.ts'
import { codesOf, compileText, sigmaText } from '../testing/rules.ts'

const rule = (title: string, more = '') =>
  `${sigmaText('s: { process.name: x }\ncondition: s').replace('Test', title)}${more}`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-rules-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function put(path: string, text: string): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

describe('loadRules()', () => {
  test('L9 finds files in order of path, but not among cases', async () => {
    put('b/rule.yml', rule('B'))
    put('a/rule.yaml', rule('A'))
    put('a/cases/record.yml', 'not: a rule')
    put('a/README.md', 'text')
    const { rules, problems } = await loadRules([folder])
    expect(problems).toEqual([])
    expect(rules.map(({ info }) => info.title)).toEqual(['A', 'B'])
  })

  test('L1 one bad rule never stops the rest', async () => {
    put('bad.yml', 'title: [')
    put('empty.yml', '')
    put('good.yml', rule('Good'))
    const { rules, problems } = await loadRules([folder, join(folder, 'missing.yml')])
    expect(rules.map(({ info }) => info.title)).toEqual(['Good'])
    expect(problems.map(({ code }) => code)).toEqual(['unreadable', 'yaml-invalid'])
  })

  test('L4 the same id twice', async () => {
    put('a.yml', rule('A', 'id: 1\n'.replace('1', "'1'")))
    put('b.yml', rule('B', "id: '1'\n"))
    const { rules, problems } = await loadRules([folder])
    expect(rules).toHaveLength(1)
    expect(problems).toMatchObject([{ code: 'rule-twice', line: 6 }])
  })

  test('leaves out what is disabled or not severe enough', async () => {
    put('a.yml', rule('A', 'level: low\nid: a\n'))
    put('b.yml', rule('B', 'level: high\nid: b\n'))
    const titles = async (options: object) =>
      (await loadRules([folder], options)).rules.map(({ info }) => info.title)
    expect(await titles({ disabled: ['a'] })).toEqual(['B'])
    expect(await titles({ leastSeverity: 'medium' })).toEqual(['B'])
    expect(await titles({})).toEqual(['A', 'B'])
  })

  test('what a configuration asks for', async () => {
    put('a.yml', rule('A', 'level: informational\nid: a\n'))
    const load = async (config: object) =>
      (await loadConfiguredRules(detectionConfigSchema.parse(config))).rules.map(({ info }) => info.title)
    const all = await load({ rules: [folder], parameters: { threat_sensitivity: 'high' } })
    const most = await load({ rules: [folder] })
    const severe = await load({ rules: [folder], parameters: { threat_sensitivity: 'low' } })
    expect(all).toContain('A')
    expect(most).not.toContain('A')
    expect(severe.length).toBeGreaterThan(10)
    expect(most.length).toBeGreaterThan(severe.length)
    expect(
      await load({ built_in_rules: false, rules: [folder], parameters: { threat_sensitivity: 'high' } }),
    ).toEqual(['A'])
  })

  test('a parameter that a rule takes is told', () => {
    const { rules } = compileText(
      sigmaText("s: { process.name|expand: '%suspicious_processes%' }\ncondition: s"),
    )
    expect(rules[0]?.parameters).toEqual(['suspicious_processes'])
  })

  test.each([
    ['title: x', 'unknown-rule-type'],
    ['title: x\ntype: yara', 'unknown-rule-type'],
    ['title: x\ncorrelation: {}', 'invalid-value'],
    ['title: x\nfilter: {}', 'missing-log-source'],
    ['action: global', 'unused-global'],
    ['action: repeat', 'unknown-action'],
    ['action: gobal', 'unknown-action'],
    ['title: x\ndetection: {}', 'missing-log-source'],
    ['title: x\nlogsource: { product: vedette, category: process }', 'missing-detection'],
    [sigmaText('s: { process.name: x }'), 'missing-condition'],
    [sigmaText('s: { process.name: x }\ntimeframe: 5m\ncondition: s'), 'unsupported-aggregation'],
    [sigmaText('s: { process.name: x }\ncondition: s | count() > 5'), 'unsupported-aggregation'],
    [rule('A', 'level: hgih\n'), 'invalid-value'],
    [rule('A', 'vedette: { explanaton: x }\n'), 'unknown-key'],
    [rule('A', 'vedette: { title: "{process.nam}" }\n'), 'unknown-field'],
    [rule('A', 'vedette: { title: "{" }\n'), 'invalid-template'],
    [rule('A', 'vedette: { risk_points: 101 }\n'), 'invalid-value'],
  ])('L7 %j: %s', (text, code) => expect(codesOf(text)).toContain(code))

  test('L2 the place of a fault in a condition', () => {
    const { problems } = compileText(sigmaText('s: { process.name: x }\ncondition: s and tt'))
    expect(problems).toMatchObject([{ code: 'unknown-selection', line: 5, column: 20 }])
    expect(problems.map((problem) => formatProblem(problem))).toEqual([
      'test.yml:5:20: there is no selection "tt"',
    ])
  })

  test('C3 a list of conditions means any of them', () => {
    expect(codesOf(sigmaText('s: { process.name: x }\ncondition: [s, not s]'))).toEqual([])
    expect(codesOf(sigmaText('s: { process.name: x }\ncondition: [s, t]'))).toEqual(['unknown-selection'])
  })

  test('L8 techniques of the tags, also those of another release', () => {
    const { rules } = compileText(
      rule('A', 'tags: [attack.t1059.004, attack.execution, attack.t9999, cve.2021-44228]\n'),
    )
    expect(rules[0]?.info.techniques).toEqual([
      { id: 'T1059.004', name: 'Unix Shell', tactics: ['execution'] },
      { id: 'T9999', name: 'T9999', tactics: [] },
    ])
  })

  test('the description is the explanation where there is none', () => {
    expect(compileText(rule('A', 'description: why\n')).rules[0]?.info.explanation).toBe('why')
    expect(
      compileText(rule('A', 'description: why\nvedette: { explanation: because }\n')).rules[0]?.info
        .explanation,
    ).toBe('because')
  })
})
