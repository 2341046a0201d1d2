import { createHash } from 'node:crypto'
import { createLogger, silentLogger } from '@vedette/base'
import type { Event } from '@vedette/model'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createEngine } from './engine.ts'
import { contentDirectory, loadRules } from './loading/load-rules.ts'
import type { CompiledRule } from './rule-type.ts'
import { authenticationEvent, fileEvent, logEvent, networkEvent, processEvent } from './testing/events.ts'
import { compileText, engineOf, sigmaText, stillClock } from './testing/rules.ts'

const options = { clock: stillClock, log: silentLogger }
const bash = sigmaText('s: { process.name: bash }\ncondition: s')

describe('createEngine()', () => {
  test('gives a detection with the rule, the event, the process and the device', () => {
    const event = processEvent()
    const [detection, ...others] = engineOf(bash).evaluate([event, networkEvent()])
    expect(others).toEqual([])
    expect(detection).toMatchObject({
      rule: { title: 'Test', type: 'sigma', severity: 'medium', riskPoints: 25, file: 'test.yml' },
      time: event.time,
      device: event.device,
      process: event.process,
      events: [event],
      eventCount: 1,
      matches: [{ event: event.id, field: 'process.name', value: 'bash' }],
      title: 'Test: bash as root on web-1',
      entity: 'program:/usr/bin/bash',
    })
  })

  test('E1 the id comes of the rule and the event, and stays the same', () => {
    const event = processEvent()
    const { rules } = compileText(bash)
    const ids = [1, 2].map(() => createEngine(rules, options).evaluate([event])[0]?.id)
    const expected = createHash('sha256')
      .update(`${rules[0]?.info.id}\n${event.id}`)
      .digest('hex')
      .slice(0, 32)
    expect(ids).toEqual([expected, expected])
  })

  test('counts events, detections and hits', () => {
    const engine = engineOf(bash)
    engine.evaluate([processEvent(), logEvent(), processEvent({ process: { name: 'zsh' } })])
    expect(engine.counters).toMatchObject({ events: 3, detections: 1, errors: 0 })
    expect(engine.states()).toMatchObject([{ hits: 1, errors: 0, disabled: false }])
  })

  test('E2 a rule that fails is disabled after ten events, told of, and the others go on', () => {
    const [good] = compileText(bash).rules
    if (!good) throw new Error('no rule')
    const bad: CompiledRule = {
      ...good,
      start: () => ({
        judge: () => {
          throw new RangeError('this rule is broken')
        },
      }),
    }
    const lines: string[] = []
    const log = createLogger('warn', { write: (line) => void lines.push(line) })
    const engine = createEngine([bad, good], { clock: stillClock, log })
    const events = Array.from({ length: 15 }, () => processEvent())
    expect(engine.evaluate(events)).toHaveLength(15)
    expect(engine.states().map(({ hits, errors, disabled }) => [hits, errors, disabled])).toEqual([
      [0, 10, true],
      [15, 0, false],
    ])
    expect(engine.counters.errors).toBe(10)
    expect(lines).toHaveLength(10)
    expect(lines.at(-1)).toContain('disabled')
    expect(lines.at(-1)).toContain('this rule is broken')
  })

  test('E2 an event that is not what it should be does not stop a batch', () => {
    const hostile = new Proxy(processEvent(), {
      get: (target, key) => {
        if (key === 'process') throw new TypeError('no')
        return Reflect.get(target, key) as unknown
      },
    })
    const engine = engineOf(bash)
    expect(engine.evaluate([hostile, processEvent()])).toHaveLength(1)
    expect(engine.counters.errors).toBe(1)
  })

  test('engines do not share state', () => {
    const { rules } = compileText(`
title: Test
type: threshold
logsource: { product: vedette, category: authentication }
detection: { s: { status: failure }, condition: s }
threshold: { count: 2, group_by: [user.name], window: 60s }`)
    const [first, second] = [createEngine(rules, options), createEngine(rules, options)]
    expect(first.evaluate([authenticationEvent()])).toHaveLength(0)
    expect(second.evaluate([authenticationEvent()])).toHaveLength(0)
    expect(first.evaluate([authenticationEvent()])).toHaveLength(1)
  })
})

const loginCount = (count: number, id = 'count'): string => `
title: ${id}
id: ${id}
type: threshold
logsource: { product: vedette, category: authentication }
detection: { s: { status: failure }, condition: s }
threshold: { count: ${count}, group_by: [user.name], window: 60s }`

describe('reload()', () => {
  test('E6 what a rule has counted stays where its text stays, and other rules are there at once', async () => {
    const engine = createEngine(
      compileText(`${loginCount(3, 'same')}\n---${loginCount(3, 'changed')}`).rules,
      options,
    )
    engine.evaluate([authenticationEvent(), authenticationEvent()])
    const next = compileText(`${bash}---${loginCount(3, 'same')}\n---${loginCount(2, 'changed')}`)
    await engine.reload({ rules: next.rules })
    expect(engine.rules.map(({ title }) => title)).toEqual(['Test', 'same', 'changed'])
    const titles = engine.evaluate([authenticationEvent(), processEvent()]).map(({ rule }) => rule.title)
    expect(titles).toEqual(['same', 'Test'])
  })

  test('E6 events that come while it is at work are judged, each once', async () => {
    const engine = engineOf(bash)
    engine.evaluate([processEvent()])
    const reloading = engine.reload({ rules: compileText(bash.replace('bash', 'zsh')).rules })
    let done = false
    void reloading.then(() => (done = true))
    const seen: string[] = []
    while (!done) {
      const batch = [processEvent(), processEvent({ process: { name: 'zsh' } })]
      seen.push(
        engine
          .evaluate(batch)
          .map(({ matches }) => matches[0]?.value ?? '')
          .join(),
      )
      await new Promise(setImmediate)
    }
    expect(engine.evaluate([processEvent({ process: { name: 'zsh' } })])).toHaveLength(1)
    expect(new Set(seen)).toEqual(new Set(['bash']))
    expect(engine.counters.errors).toBe(0)
  })
})

describe('states()', () => {
  test('E7 tell what the conditions of rules cost, from one event in 256', () => {
    let now = 0
    const clock = { now: () => 0, monotonic: () => (now += 0.5) }
    const engine = createEngine(compileText(bash).rules, { clock, log: silentLogger })
    engine.evaluate(Array.from({ length: 512 }, () => processEvent()))
    expect(engine.states()).toMatchObject([{ hits: 512, asked: 512, costMs: 256 }])
  })
})

describe('correlations', () => {
  const failures = '{ product: vedette, category: authentication }'
  const text = `
title: Failure
name: failure
logsource: ${failures}
detection: { s: { status: failure }, condition: s }
---
title: Guessing
correlation:
  type: event_count
  rules: [failure]
  group-by: [user.name]
  timespan: 1m
  condition: { gte: 2 }`

  test('E8 see the hits of rules, which are no alerts of their own unless they are to be', () => {
    const loaded = compileText(text)
    const run = (change: string) => {
      const { rules, correlations } = compileText(
        text.replace('type: event_count', `${change}type: event_count`),
      )
      return createEngine(rules, { ...options, correlations }).evaluate([
        authenticationEvent(),
        authenticationEvent({ user: { uid: '', name: 'other' } }),
        authenticationEvent(),
      ])
    }
    expect(loaded.correlations).toHaveLength(1)
    expect(run('').map(({ rule }) => rule.title)).toEqual(['Guessing'])
    expect(run('generate: true\n  ').map(({ rule }) => rule.title)).toEqual([
      'Failure',
      'Failure',
      'Failure',
      'Guessing',
    ])
    expect(run('')[0]).toMatchObject({ eventCount: 2, aggregate: { 'user.name': 'root', count: 2 } })
  })

  test('E8 go on after a restart, and over other rules', async () => {
    const { rules, correlations } = compileText(text)
    const first = createEngine(rules, { ...options, correlations })
    first.evaluate([authenticationEvent()])
    const second = createEngine(rules, { ...options, correlations })
    expect(second.restore(first.save()).dropped).toEqual([])
    await second.reload({ rules: [...compileText(bash).rules, ...rules], correlations })
    expect(second.evaluate([authenticationEvent()]).map(({ rule }) => rule.title)).toEqual(['Guessing'])
    expect(second.states().at(-1)).toMatchObject({ hits: 1, groups: 1 })
  })
})

/** Words that stand in the generated rules, in the generated events, or in both. */
const words = [
  'curl',
  'CURL',
  'sh',
  'a',
  '/tmp/',
  'ſh',
  'evil',
  '.so',
  'x',
  '',
  '1',
  'żółw',
  '😀',
  'bin/sh -i',
]
const text = fc.array(fc.constantFrom(...words, ' '), { maxLength: 5 }).map((parts) => parts.join(''))

const kinds = ['process', 'network', 'file', 'authentication', 'log'] as const
const fields: Record<(typeof kinds)[number], readonly string[]> = {
  process: ['process.cmd_line', 'process.name', 'process.ancestry.name', 'message', 'process.pid'],
  network: ['process.cmd_line', 'dst_endpoint.port', 'message'],
  file: ['file.path', 'process.name', 'message'],
  authentication: ['user.name', 'service', 'message'],
  log: ['message', 'path', 'service'],
}

const events: fc.Arbitrary<Event> = fc
  .tuple(fc.constantFrom(...kinds), text, text, text, fc.integer({ min: 0, max: 3 }))
  .map(([kind, one, two, message, n]): Event => {
    const ancestry = [one, two].slice(0, n).map((name, pid) => ({ ...processEvent().process, pid, name }))
    const process = { cmd_line: one, name: two, pid: n, ancestry }
    switch (kind) {
      case 'process':
        return processEvent({ process, message })
      case 'network':
        return networkEvent({ process, message, dst_endpoint: { ip: '::1', port: n } })
      case 'file':
        return fileEvent({ process, message, file: { path: one, name: two } })
      case 'authentication':
        return authenticationEvent({ user: { uid: '', name: one }, service: two, message })
      default:
        return logEvent({ message, path: one, service: two })
    }
  })

const ruleTexts = fc.constantFrom(...kinds).chain((kind) => {
  const modifier = fc.constantFrom(
    '',
    '|contains',
    '|startswith',
    '|endswith',
    '|cased',
    '|contains|all',
    '|contains|cased',
    '|neq',
  )
  const value = text.chain((one) =>
    fc.constantFrom(one, `*${one}`, `${one}*`, `${one}?x*`, `${one.slice(0, 1)}*${one}`),
  )
  const list = fc.array(value, { minLength: 1, maxLength: 3 })
  const field = fc
    .tuple(fc.constantFrom(...fields[kind]), modifier, list)
    .map(([name, modifiers, values]) => ({ [name + modifiers]: values as unknown }))
  const odd = fc.constantFrom<Record<string, unknown>>(
    { 'message|exists': true },
    { message: null },
    { 'message|re': 'c.rl' },
  )
  const map = fc
    .array(fc.oneof({ weight: 6, arbitrary: field }, odd), { minLength: 1, maxLength: 2 })
    .map((parts) => Object.assign({}, ...parts) as unknown)
  const selection = fc.oneof(map, fc.array(map, { minLength: 1, maxLength: 2 }), list)
  const condition = fc.constantFrom(
    'a',
    'a and b',
    'a or b',
    'a and not b',
    'not a',
    '1 of them',
    'all of them',
    'not (a or b)',
  )
  return fc.tuple(selection, selection, condition).map(([a, b, how]) =>
    JSON.stringify({
      logsource: { product: 'vedette', category: kind },
      detection: { a, b, condition: how },
    }),
  )
})

describe('E3 the index', () => {
  test('gives what asking every rule gives, on any rules and any events', () => {
    fc.assert(
      fc.property(
        fc.array(ruleTexts, { minLength: 1, maxLength: 8 }),
        fc.array(events, { minLength: 1, maxLength: 8 }),
        (texts, batch) => {
          const rules = texts.flatMap((one, i) => {
            const compiled = compileText(`{ "title": "R${i}", ${one.slice(1)}`)
            expect(compiled.problems).toEqual([])
            return compiled.rules
          })
          const run = (strategy: 'index' | 'scan') =>
            createEngine(rules, { ...options, strategy })
              .evaluate(batch)
              .map(({ id, matches }) => ({ id, matches }))
          expect(run('index')).toEqual(run('scan'))
        },
      ),
      { numRuns: 150 },
    )
  })

  test('gives what asking every rule gives, with our own rules', async () => {
    const { rules } = await loadRules([`${contentDirectory}/rules`])
    const forms = [{ strategy: 'scan' }, {}, { generate: false }] as const
    const engines = forms.map((form) => createEngine(rules, { ...options, ...form }))
    fc.assert(
      fc.property(fc.array(events, { maxLength: 20 }), (batch) => {
        const [scan, ...others] = engines.map((engine) => engine.evaluate(batch).map(({ id }) => id))
        for (const found of others) expect(found).toEqual(scan)
      }),
      { numRuns: 50 },
    )
  })

  test('does not take a witness for the whole of what a rule asks, where it minds case or asks for more', () => {
    const hits = (selection: string, name: string) =>
      engineOf(sigmaText(`s: ${selection}\ncondition: s`)).evaluate([processEvent({ process: { name } })])
        .length
    expect(hits('{ process.name|contains: cmd }', 'a CMD')).toBe(1)
    expect(hits('{ process.name|contains|cased: cmd }', 'a CMD')).toBe(0)
    expect(hits('{ process.name|contains|cased: cmd }', 'a cmd')).toBe(1)
    expect(hits('{ process.name|contains|all: [cmd, other] }', 'a cmd')).toBe(0)
    expect(hits('{ process.name: c*d }', 'c or')).toBe(0)
    expect(hits('[cmd, other]', 'a CMD')).toBe(1)
  })

  test('does not ask rules that have nothing in the event', () => {
    let asked = 0
    const rules = Array.from({ length: 50 }, (_, i) => {
      const [rule] = compileText(
        sigmaText(`s: { process.cmd_line|contains: word${i} }\ncondition: s`).replace('Test', `T${i}`),
      ).rules
      if (!rule) throw new Error('no rule')
      return {
        ...rule,
        start: () => ({
          judge: () => {
            asked += 1
            return undefined
          },
        }),
      }
    })
    createEngine(rules, options).evaluate([processEvent({ process: { cmd_line: 'a word7 here' } })])
    expect(asked).toBe(1)
  })
})
