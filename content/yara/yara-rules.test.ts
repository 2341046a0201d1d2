import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger } from '@vedette/base'
import { YaraScanner } from '@vedette/detect/yara'
import { severities } from '@vedette/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseRuleText, type RuleText } from '../../packages/detect/src/rule-types/yara/rule-text.ts'
import { samples } from './cases/samples.ts'

const folder = import.meta.dirname
const files = globSync('**/*.yar', { cwd: folder }).sort()
const rules: { readonly file: string; readonly rule: RuleText }[] = files.flatMap((file) =>
  parseRuleText(readFileSync(join(folder, file), 'utf8')).rules.map((rule) => ({ file, rule })),
)
const metaOf = (rule: RuleText, name: string) => rule.meta.find((one) => one.name === name)?.value

function open(engine: 'native' | 'wasm'): YaraScanner {
  return new YaraScanner({
    rules: [folder],
    engine,
    externals: {},
    maxFileBytes: 64 << 20,
    timeoutMs: 60_000,
    workers: 1,
    maxWaiting: 100,
    idleMs: 60_000,
    niceness: 0,
    log: silentLogger,
  })
}

describe('what the YARA rules say of themselves', () => {
  test('there are thirty at least, one a file, and the file is called like the rule', () => {
    expect(rules.length).toBeGreaterThanOrEqual(30)
    expect(rules.map(({ file }) => file)).toEqual(files)
    expect(new Set(rules.map(({ rule }) => rule.name)).size).toBe(rules.length)
  })

  const catalogue = JSON.parse(readFileSync(join(folder, '../attack/techniques.json'), 'utf8')) as {
    techniques: Record<string, { state?: string }>
  }

  test.each(rules)('$file', ({ rule }) => {
    const text = (name: string) => String(metaOf(rule, name) ?? '')
    expect(text('id')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(text('title').length).toBeGreaterThan(8)
    expect(text('description').length).toBeGreaterThan(60)
    expect(severities).toContain(text('severity'))
    expect(text('false_positives')).not.toBe('')
    expect(text('author')).toBe('Vedette')
    const techniques = text('techniques').split(', ')
    expect(techniques.filter((id) => catalogue.techniques[id]?.state !== undefined)).toEqual([])
    expect(techniques.filter((id) => catalogue.techniques[id] === undefined)).toEqual([])
  })

  test('no two have the same id', () => {
    expect(new Set(rules.map(({ rule }) => metaOf(rule, 'id'))).size).toBe(rules.length)
  })
})

describe.each(['native', 'wasm'] as const)('YARA rules by the %s engine', (engine) => {
  let scanner: YaraScanner
  beforeAll(async () => {
    scanner = open(engine)
    expect(await scanner.load()).toMatchObject({ engine, rules: rules.length, problems: [] })
  }, 60_000)
  afterAll(() => scanner[Symbol.asyncDispose]())

  async function found(data: Buffer): Promise<string[]> {
    const result = await scanner.scan({ path: 'sample', data })
    if (result.outcome !== 'scanned') throw new Error(`${result.outcome}: ${result.reason}`)
    return result.findings.map(({ rule }) => rule.name).sort()
  }

  describe.each(rules)('$rule.name', ({ rule: { name } }) => {
    const { hit, miss } = samples[name] ?? { hit: [], miss: [] }

    test('has cases of both kinds', () => {
      expect(hit).not.toEqual([])
      expect(miss).not.toEqual([])
    })

    test.each(hit)('finds $name', async ({ data, also = [] }) => {
      expect(await found(data)).toEqual([name, ...also].sort())
    })

    test.each(miss)('passes over $name', async ({ data }) => {
      expect(await found(data)).not.toContain(name)
    })
  })

  test('the samples as they stand in this repository are none', async () => {
    for (const file of ['sample.ts', 'samples.ts']) {
      const path = join(folder, 'cases', file)
      expect(existsSync(path)).toBe(true)
      expect(await scanner.scan({ path })).toMatchObject({ outcome: 'scanned', findings: [] })
    }
  })
})
