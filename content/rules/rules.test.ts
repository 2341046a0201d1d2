import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { silentLogger, systemClock } from '@vedette/base'
import { contentDirectory, createEngine, formatProblem, loadRules } from '@vedette/detect'
import { type Event, eventSchema, severities } from '@vedette/model'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

/**
 * Every rule of ours is judged by its cases: events of real runs (`cases/record.yml` says of which), on which the rule
 * has to fire (`hit-*`) or has to be quiet (`miss-*`). And none may fire on an ordinary day (`../ordinary`).
 */
const folder = fileURLToPath(new URL('.', import.meta.url))
const ordinary = fileURLToPath(new URL('../ordinary', import.meta.url))

// Lists that are empty unless somebody fills them.
const parameters = { blacklisted_ips: ['203.0.113.66'], whitelisted_ips: ['192.0.2.0/24'] }
const { rules, correlations, problems } = await loadRules([folder], { parameters })
/** Rules that stand beside a correlation are parts of it and have no cases of their own. */
const correlated = new Set(correlations.map(({ info }) => info.file))
const subjects = [...rules.filter(({ info }) => !correlated.has(info.file)), ...correlations]
const techniques = JSON.parse(readFileSync(join(contentDirectory, 'attack/techniques.json'), 'utf8')) as {
  readonly techniques: Readonly<Record<string, { readonly state?: string }>>
}

const slugOf = (file: string) => file.split('/').at(-2) ?? ''

function eventsOf(file: string): Event[] {
  const data: unknown = JSON.parse(readFileSync(file, 'utf8'))
  expect(Array.isArray(data)).toBe(true)
  return (data as unknown[]).map((event) => eventSchema.parse(event) as Event)
}

/** Folders of the rules that fire on these events, all rules being asked. */
function firing(events: readonly Event[]): string[] {
  const engine = createEngine(rules, { clock: systemClock, log: silentLogger, correlations })
  const fired = engine.evaluate(events).map(({ rule }) => slugOf(rule.file))
  expect(engine.counters.errors).toBe(0)
  return [...new Set(fired)].sort()
}

test('every rule loads', () => {
  expect(problems.map(formatProblem)).toEqual([])
  expect(subjects.length).toBe(globSync('*/*/*/rule.yml', { cwd: folder }).length)
  expect(subjects.length - correlations.length).toBeGreaterThanOrEqual(150)
  expect(correlations.length).toBeGreaterThanOrEqual(15)
})

describe.each(subjects.map((subject) => [slugOf(subject.info.file), subject] as const))('%s', (slug, { info }) => {
  const cases = join(dirname(info.file), 'cases')
  const manifest = parse(readFileSync(join(cases, 'record.yml'), 'utf8'), { merge: true }) as Record<
    string,
    { readonly also?: readonly string[] }
  >
  const names = Object.keys(manifest)

  test('says what it is, in full', () => {
    expect(info.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/)
    expect(severities).toContain(info.severity)
    expect(info.explanation.length).toBeGreaterThan(150)
    expect(info.falsePositives.length).toBeGreaterThan(0)
    expect(info.riskPoints).toBeGreaterThan(0)
  })

  test('names techniques that ATT&CK has', () => {
    expect(info.techniques.length).toBeGreaterThan(0)
    const gone = info.techniques.filter(({ id }) => techniques.techniques[id]?.state ?? !techniques.techniques[id])
    expect(gone).toEqual([])
  })

  test('its cases name nothing of the machine that recorded them', () => {
    for (const file of globSync('*.json', { cwd: cases })) {
      expect({ file, told: /[^"]*(?:node_modules|record-events\.ts)[^"]*/.exec(readFileSync(join(cases, file), 'utf8'))?.[0] }).toEqual({ file, told: undefined })
    }
  })

  test('has hits and misses, and each file its entry', () => {
    expect(names.filter((name) => name.startsWith('hit-')).length).toBeGreaterThan(0)
    expect(names.filter((name) => name.startsWith('miss-')).length).toBeGreaterThan(0)
    expect(globSync('*.json', { cwd: cases }).sort()).toEqual(names.map((name) => `${name}.json`).sort())
  })

  test.each(names.filter((name) => name.startsWith('hit-')))('fires on %s', (name) => {
    const events = eventsOf(join(cases, `${name}.json`))
    expect(firing(events)).toEqual([slug, ...(manifest[name]?.also ?? [])].sort())
  })

  test.each(names.filter((name) => name.startsWith('hit-')))('tells what it found in %s', (name) => {
    const events = eventsOf(join(cases, `${name}.json`))
    const engine = createEngine(rules, { clock: systemClock, log: silentLogger, correlations })
    const [detection] = engine.evaluate(events).filter(({ rule }) => rule.id === info.id)
    expect(detection?.title).not.toMatch(/unknown|[{}]/)
    expect(detection?.title).toContain(info.title.startsWith('One address') ? '127.0.0.1' : '')
    expect(detection?.entity).not.toContain('unknown')
    expect(detection?.matches.length).toBeGreaterThan(0)
  })

  test.each(names.filter((name) => name.startsWith('miss-')))('is quiet on %s', (name) => {
    expect(firing(eventsOf(join(cases, `${name}.json`)))).not.toContain(slug)
  })
})

describe('an ordinary day of a Debian server', () => {
  const files = globSync('*.json', { cwd: ordinary })

  test('there are days', () => expect(files.length).toBeGreaterThan(0))

  test.each(files)('nothing fires on %s', (file) => {
    expect(firing(eventsOf(join(ordinary, file)))).toEqual([])
  })
})
