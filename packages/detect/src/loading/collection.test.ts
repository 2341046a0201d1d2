import { describe, expect, test } from 'vitest'
import { compileText } from '../testing/rules.ts'

const globe = `
action: global
title: Shared
id: shared
level: high
detection: { condition: selection }`
const under = (source: string) => `
logsource: ${source}
detection: { selection: { Image: x } }`
const file = (...documents: readonly string[]) => documents.join('\n---\n')

describe('collections of Sigma 1', () => {
  test('L10 a global document is under every one after it', () => {
    const { rules, problems } = compileText(
      file(globe, under('{ product: windows, category: a }'), under('{ product: windows, category: b }')),
    )
    expect(problems).toEqual([])
    expect(rules.map(({ info, foreign }) => [info.id, info.severity, foreign?.source.category])).toEqual([
      ['shared', 'high', 'a'],
      ['shared-2', 'high', 'b'],
    ])
  })

  test('L10 reset ends it, and what comes after stands alone', () => {
    const { rules, problems } = compileText(
      file(globe, under('{ product: windows }'), 'action: reset', under('{ product: windows }')),
    )
    expect(rules).toHaveLength(1)
    expect(problems.map(({ code }) => code)).toContain('missing-condition')
  })

  test('L10 repeat is the rule before it with other parts', () => {
    const first = `
title: One
id: one
logsource: { product: windows, category: a }
detection: { selection: { Image: x }, condition: selection }`
    const repeat = 'action: repeat\nid: two\nlogsource: { category: b }'
    const { rules } = compileText(file(first, repeat))
    expect(rules.map(({ info, foreign }) => [info.id, info.title, foreign?.source])).toEqual([
      ['one', 'One', { product: 'windows', category: 'a' }],
      ['two', 'One', { product: 'windows', category: 'b' }],
    ])
  })

  test('L10 a fault is told where it stands', () => {
    const wrong = globe.replace('condition: selection', 'condition: selektion')
    const { problems } = compileText(file(wrong, under('{ product: windows }')))
    expect(problems).toMatchObject([{ code: 'unknown-selection', line: 6 }])
  })
})
