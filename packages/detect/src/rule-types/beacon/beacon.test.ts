import { silentLogger } from '@vedette/base'
import type { NetworkEvent } from '@vedette/model'
import { describe, expect, test } from 'vitest'
import { createEngine } from '../../engine.ts'
import { networkEvent } from '../../testing/events.ts'
import { codesOf, compileText, engineOf, stillClock } from '../../testing/rules.ts'
import { RhythmMemory } from './rhythm.ts'

const rule = (block = '', vedette = '') => `
title: Calls home
type: beacon
logsource: { product: vedette, category: network }
detection: { out: { activity: open }, condition: out }
beacon: { group_by: [process.path, dst_endpoint.ip, dst_endpoint.port]${block} }
${vedette}`

const START = Date.UTC(2026, 0, 5)
const SECOND = 1000

function connection(seconds: number, ip = '203.0.113.7'): NetworkEvent {
  return networkEvent({
    time: START + seconds * SECOND,
    activity: 'open',
    direction: 'outbound',
    dst_endpoint: { ip, port: 443 },
  })
}

/** At these intervals, seconds, one after the other. */
function after(intervals: readonly number[], ip?: string): NetworkEvent[] {
  let at = 0
  return [0, ...intervals].map((interval) => connection((at += interval), ip))
}

const even = (number: number, seconds = 60) => Array.from({ length: number }, () => seconds)

/** Numbers from 0 to 1 that look random and are the same each time. */
function chance(): () => number {
  let seed = 1
  return () => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  }
}

describe('beacon rules', () => {
  test('B1 fire at the twenty-fourth even event and not before, and say the rhythm', () => {
    const text = rule('', "vedette: { title: '{process.name} calls every {interval} ({dispersion})' }")
    expect(engineOf(text).evaluate(after(even(22)))).toEqual([])
    const found = engineOf(text).evaluate(after(even(23)))
    expect(found).toMatchObject([
      {
        eventCount: 24,
        aggregate: { interval: '60.0 s', dispersion: '0.0 %', count: 24, since: '2026-01-05T00:00:00.000Z' },
      },
    ])
    expect(found[0]?.title).toMatch(/ calls every 60\.0 s \(0\.0 %\)$/)
  })

  test('B1 a program that sleeps a random fifth longer or shorter is found, one that calls by chance is not', () => {
    const random = chance()
    const jittered = Array.from({ length: 40 }, () => 60 * (0.8 + 0.4 * random()))
    expect(engineOf(rule()).evaluate(after(jittered))).toHaveLength(1)
    // A Poisson process: what people and queues do.
    const people = Array.from({ length: 1000 }, () => -60 * Math.log(1 - random()) + 1.1)
    expect(engineOf(rule()).evaluate(after(people))).toEqual([])
  })

  test('B2 some intervals may be anything; the median has bounds', () => {
    const night = [...even(9), 30_000, ...even(7), 7, ...even(5)]
    expect(engineOf(rule()).evaluate(after(night))).toHaveLength(1)
    expect(engineOf(rule()).evaluate(after(even(40, 2)))).toEqual([])
    expect(engineOf(rule(', max_interval: 1m')).evaluate(after(even(40, 61)))).toEqual([])
    expect(engineOf(rule(', max_interval: 1m')).evaluate(after(even(40)))).toHaveLength(1)
  })

  test('B3 a burst is one event, and what comes late is passed over', () => {
    const bursts = after(even(23)).flatMap((event) => [
      event,
      { ...event, id: `${event.id}b` as typeof event.id, time: event.time + 900 },
    ])
    expect(engineOf(rule()).evaluate(bursts)).toHaveLength(1)
    const late = after(even(23))
    expect(engineOf(rule()).evaluate([...late.slice(0, 11), connection(90), ...late.slice(11)])).toHaveLength(
      1,
    )
  })

  test('B4 after a long silence a group begins anew', () => {
    const intervals = [...even(20), 4 * 3600 + 1, ...even(20)]
    expect(engineOf(rule(', max_interval: 1h')).evaluate(after(intervals))).toEqual([])
  })

  test('B5 is told once a day', () => {
    expect(engineOf(rule()).evaluate(after(even(1440)))).toHaveLength(1)
    expect(engineOf(rule()).evaluate(after(even(1464)))).toHaveLength(2)
  })

  test('B5 B6 lasts through a restart, and fires again at an event that comes again', () => {
    const events = after(even(23))
    const before = engineOf(rule())
    before.evaluate(events.slice(0, 6))
    const middle = engineOf(rule())
    expect(middle.restore(before.save())).toEqual({ restored: 1, dropped: [] })
    // The sixth comes twice.
    const said = middle.evaluate(events.slice(5))
    expect(said).toHaveLength(1)
    const later = engineOf(rule())
    later.restore(middle.save())
    expect(later.evaluate(events.slice(23)).map(({ id }) => id)).toEqual(said.map(({ id }) => id))
    expect(later.evaluate([connection(24 * 60)])).toEqual([])
  })

  test('B6 groups are apart and bounded', () => {
    const mixed = after(even(23)).map((event, at) => ({
      ...event,
      dst_endpoint: { ip: `203.0.113.${at % 2}`, port: 443 },
    }))
    expect(engineOf(rule()).evaluate(mixed)).toEqual([])
    const memory = new RhythmMemory({
      atLeast: 6,
      dispersion: 0.2,
      minIntervalMs: 1,
      maxIntervalMs: 10,
      burstMs: 0,
      againMs: 1,
      mostGroups: 3,
    })
    for (const key of ['a', 'b', 'a', 'c', 'd']) memory.see(key, { id: key, time: 1 })
    expect(memory.state).toEqual({ groups: 3, evicted: 1 })
    expect(memory.save().map(({ key }) => key)).toEqual(['a', 'c', 'd'])
  })

  test('B7 filters stand before the memory', () => {
    const filter = `
title: Our monitoring
logsource: { product: vedette, category: network }
filter: { rules: any, selection: { dst_endpoint.ip: 203.0.113.7 }, condition: not selection }`
    const { rules, problems } = compileText([rule(), filter])
    expect(problems).toEqual([])
    const engine = createEngine(rules, { clock: stillClock, log: silentLogger })
    expect(engine.evaluate(after(even(30)))).toEqual([])
    expect(engine.evaluate(after(even(30), '203.0.113.8'))).toHaveLength(1)
  })

  test('faults are told with their place', () => {
    expect(codesOf(rule(', dispersion: 2'))).toEqual(['invalid-value'])
    expect(codesOf(rule(', dispersoin: 0.2'))).toEqual(['unknown-key'])
    expect(codesOf(rule().replace('process.path', 'process.pth'))).toEqual(['unknown-field'])
  })
})
