import { silentLogger } from '@vedette/base'
import type { AuthenticationEvent } from '@vedette/model'
import { describe, expect, test } from 'vitest'
import { createEngine } from '../../engine.ts'
import { authenticationEvent } from '../../testing/events.ts'
import { codesOf, compileText, engineOf, stillClock } from '../../testing/rules.ts'

const rule = (block: string, vedette = '') => `
title: New place
type: first-seen
logsource: { product: vedette, category: authentication }
detection: { success: { activity: logon, status: success }, condition: success }
first_seen: { ${block} }
${vedette}`

const DAY = 86_400_000
const START = Date.UTC(2026, 0, 5, 9)

function login(day: number, ip: string, changes: Partial<AuthenticationEvent> = {}): AuthenticationEvent {
  return authenticationEvent({
    time: START + day * DAY,
    activity: 'logon',
    status: 'success',
    user: { uid: '', name: 'anna' },
    src_endpoint: { ip, port: 1 },
    ...changes,
  })
}

describe('first-seen rules', () => {
  const places = rule(
    'fields: [device.hostname, src_endpoint.ip], group_by: [user.name], learn: 7d, at_least: 3',
    "vedette: { title: '{user.name} from {src_endpoint.ip}; before: {before} since {since}' }",
  )

  test('S1 fire at what a group never showed, and say what was known before', () => {
    const engine = engineOf(places)
    const usual = [0, 1, 2, 3].map((day) => login(day, '192.0.2.5'))
    expect(engine.evaluate([...usual, login(4, '192.0.2.6')])).toEqual([])
    const strange = login(8, '203.0.113.7')
    expect(engine.evaluate([strange])).toMatchObject([
      {
        events: [strange],
        title:
          'anna from 203.0.113.7; before: web-1 192.0.2.6 (once, last 2026-01-09), web-1 192.0.2.5 (4 times, last 2026-01-08) since 2026-01-05',
        aggregate: {
          'user.name': 'anna',
          value: 'web-1 203.0.113.7',
          known: 2,
          sightings: 5,
          since: '2026-01-05',
        },
      },
    ])
    expect(engine.evaluate([login(9, '203.0.113.7'), login(10, '192.0.2.5')])).toEqual([])
  })

  test('S2 are silent while they learn: neither before the time nor before the number of events', () => {
    const early = engineOf(places)
    expect(early.evaluate([0, 1, 2, 3, 6.99].map((day, i) => login(day, `192.0.2.${i}`)))).toEqual([])
    expect(early.states()).toMatchObject([{ groups: 1, learning: 1 }])
    const few = engineOf(places)
    expect(few.evaluate([0, 1, 8].map((day, i) => login(day, `192.0.2.${i}`)))).toEqual([])
    expect(few.evaluate([login(9, '192.0.2.9')])).toHaveLength(1)
    expect(few.states()).toMatchObject([{ groups: 1, learning: 0 }])
  })

  test('S3 groups learn apart', () => {
    const engine = engineOf(places)
    engine.evaluate([0, 1, 2, 3].map((day) => login(day, '192.0.2.5')))
    const bob = { user: { uid: '', name: 'bob' } }
    expect(engine.evaluate([login(9, '203.0.113.7', bob)])).toEqual([])
  })

  test('S4 an event without one of the fields is passed over', () => {
    const engine = engineOf(places)
    const { src_endpoint: _, ...local } = login(0, '')
    expect(engine.evaluate([local])).toEqual([])
    expect(engine.states()).toMatchObject([{ groups: 0 }])
  })

  test('S5 what was not seen for long is new again', () => {
    const engine = engineOf(rule('fields: [src_endpoint.ip], learn: 1d, forget: 30d'))
    const days = [0, 10, 20, 31]
    engine.evaluate([login(0, '192.0.2.1'), ...days.map((day) => login(day, '192.0.2.2'))])
    expect(engine.evaluate([login(40, '192.0.2.2'), login(40.1, '192.0.2.1')])).toMatchObject([
      { aggregate: { value: '192.0.2.1' } },
    ])
  })

  test('S6 a group that shows very many values has no habit', () => {
    const engine = engineOf(rule('fields: [src_endpoint.ip], learn: 1d, most_values: 3'))
    const logins = [0, 2, 3, 4, 5, 6].map((day) => login(day, `192.0.2.${day}`))
    expect(engine.evaluate(logins)).toMatchObject([
      { aggregate: { value: '192.0.2.2' } },
      { aggregate: { value: '192.0.2.3' } },
    ])
  })

  test('S7 networks: a neighbour is not new', () => {
    const engine = engineOf(rule("fields: ['src_endpoint.ip|network'], learn: 1d"))
    engine.evaluate([login(0, '192.0.2.1'), login(0.5, '2001:db8::1')])
    expect(
      engine.evaluate([login(2, '192.0.2.77'), login(2, '2001:db8::2'), login(2, '198.51.100.1')]),
    ).toMatchObject([
      { aggregate: { value: '198.51.100.0/24', before: expect.stringContaining('2001:db8::/64') } },
    ])
  })

  test('S8 hours: of the day in UTC, and those beside a usual one are usual, round midnight too', () => {
    const engine = engineOf(rule("fields: ['time|hour'], group_by: [user.name], learn: 7d, near: 1"))
    const at = (day: number, hour: number) => login(day + (hour - 9) / 24, '192.0.2.1')
    engine.evaluate([at(0, 9), at(1, 23), at(8, 9)])
    expect(engine.evaluate([at(9, 10), at(10, 0), at(11, 22)])).toEqual([])
    expect(engine.evaluate([at(12, 4)])).toMatchObject([{ aggregate: { value: '4' } }])
  })

  test('S9 last through a restart, and fire again at an event that comes again', () => {
    const before = engineOf(places)
    before.evaluate([0, 1, 2, 3].map((day) => login(day, '192.0.2.5')))
    const strange = login(8, '203.0.113.7')
    const said = before.evaluate([strange])
    expect(said).toHaveLength(1)
    const after = engineOf(places)
    expect(after.restore(before.save())).toEqual({ restored: 1, dropped: [] })
    expect(after.evaluate([strange]).map(({ id }) => id)).toEqual(said.map(({ id }) => id))
    expect(after.evaluate([login(9, '203.0.113.7'), login(9, '192.0.2.5')])).toEqual([])
    expect(after.evaluate([login(9, '203.0.113.8')])).toMatchObject([{ aggregate: { sightings: 6 } }])
    expect(after.save()).not.toEqual(before.save())
  })

  test('S10 memory is bounded: the group that was used longest ago is given up', () => {
    const engine = engineOf(rule('fields: [src_endpoint.ip], group_by: [user.name]'))
    const events = Array.from({ length: 10_001 }, (_, i) =>
      login(0, '192.0.2.1', { user: { uid: '', name: `u${i}` } }),
    )
    engine.evaluate(events)
    expect(engine.states()).toMatchObject([{ groups: 10_000, evicted: 1 }])
  })

  test('S11 late events are taken up where they belong', () => {
    const engine = engineOf(places)
    engine.evaluate([login(5, '192.0.2.5'), login(6, '192.0.2.5'), login(7, '192.0.2.5')])
    // The group was there days before what came first.
    expect(engine.evaluate([login(0, '192.0.2.4'), login(8, '203.0.113.7')])).toMatchObject([
      { aggregate: { since: '2026-01-05' } },
    ])
  })

  test('S12 filters stand before the learning', () => {
    const filter = `
title: Office
logsource: { product: vedette, category: authentication }
filter: { rules: any, selection: { src_endpoint.ip|startswith: '192.0.2.' }, condition: not selection }`
    const { rules, problems } = compileText([rule('fields: [src_endpoint.ip], learn: 1d'), filter])
    expect(problems).toEqual([])
    const engine = createEngine(rules, { clock: stillClock, log: silentLogger })
    expect(engine.evaluate([login(0, '203.0.113.1'), login(3, '192.0.2.1')])).toEqual([])
    expect(engine.evaluate([login(3, '203.0.113.2')])).toMatchObject([{ aggregate: { known: 1 } }])
  })

  test('S13 faults are told with their place', () => {
    expect(codesOf(rule('fields: [src_endpoint.ip|netwrk]'))).toEqual(['unknown-modifier'])
    expect(codesOf(rule('fields: [src_endpont.ip]'))).toEqual(['unknown-field'])
    expect(codesOf(rule('fields: [src_endpoint.ip], group_by: [usr]'))).toEqual(['unknown-field'])
    expect(codesOf(rule('fields: [src_endpoint.ip], near: 2'))).toEqual(['invalid-value'])
    expect(codesOf(rule('fields: [src_endpoint.ip], lern: 2d'))).toEqual(['unknown-key'])
  })
})
