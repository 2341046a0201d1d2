import { silentLogger } from '@vedette/base'
import type { AuthenticationEvent } from '@vedette/model'
import { describe, expect, test } from 'vitest'
import { createEngine, type Engine } from '../../engine.ts'
import { authenticationEvent, logEvent, networkEvent, processEvent } from '../../testing/events.ts'
import { codesOf, compileText, engineOf, stillClock } from '../../testing/rules.ts'

const logins = (threshold: string, more = '') => `
title: Guessing
type: threshold
logsource: { product: vedette, category: authentication }
detection:
  failure: { status: failure }
  success: { status: success }
  condition: failure
threshold: { group_by: [device.uid, src_endpoint.ip], window: 5m, ${threshold} }
${more}`

const at = (seconds: number, changes: Partial<AuthenticationEvent> = {}) =>
  authenticationEvent({ time: 1_700_000_000_000 + seconds * 1000, ...changes })
const from = (ip: string) => ({ src_endpoint: { ip, port: 1 } })

describe('threshold rules', () => {
  test('T1 max_failed_logins: at five, not at four; the number comes from the configuration', () => {
    const rule = logins("count: '%max_failed_logins%'")
    const failures = [0, 1, 2, 3, 4].map((second) => at(second))
    expect(engineOf(rule).evaluate(failures.slice(0, 4))).toEqual([])
    const [detection, ...others] = engineOf(rule).evaluate(failures)
    expect(others).toEqual([])
    expect(detection).toMatchObject({
      events: failures,
      eventCount: 5,
      aggregate: { 'device.uid': 'agent', 'src_endpoint.ip': '203.0.113.7', count: 5 },
      matches: [{ event: failures[4]?.id, field: 'status', value: 'failure' }],
    })
    expect(engineOf(rule, { max_failed_logins: 2 }).evaluate(failures.slice(0, 2))).toHaveLength(1)
  })

  test('groups count apart, and over several batches', () => {
    const engine = engineOf(logins('count: 2'))
    expect(engine.evaluate([at(0, from('192.0.2.1')), at(1, from('192.0.2.2'))])).toEqual([])
    expect(engine.evaluate([at(2, from('192.0.2.1'))])).toHaveLength(1)
    expect(engine.states()).toMatchObject([{ groups: 2, evicted: 0, hits: 1 }])
  })

  test('T4 port scan: fifty ports and not forty-nine', () => {
    const rule = `
title: Scan
type: threshold
logsource: { product: linux, category: network_connection }
detection: { s: { dst_endpoint.port|gt: 0 }, condition: s }
threshold: { count: '%port_scan_threshold%', distinct: dst_endpoint.port, group_by: [src_endpoint.ip], window: 60s }`
    const ports = Array.from({ length: 50 }, (_, i) =>
      networkEvent({ dst_endpoint: { ip: '10.0.0.9', port: i + 1 } }),
    )
    expect(engineOf(rule).evaluate([...ports.slice(0, 49), ...ports.slice(0, 49)])).toEqual([])
    expect(engineOf(rule).evaluate(ports)).toMatchObject([{ eventCount: 50, aggregate: { count: 50 } }])
  })

  test('T6 events without a group are not counted', () => {
    const { src_endpoint: _, ...local } = at(0)
    const events = Array.from({ length: 10 }, (__, i) => ({
      ...local,
      id: `${local.id}-${i}` as typeof local.id,
    }))
    expect(engineOf(logins('count: 2')).evaluate(events)).toEqual([])
  })

  test('T7 a success after failures', () => {
    const rule = logins('count: 3, followed_by: success')
    const failures = [0, 1, 2].map((second) => at(second))
    const success = at(3, { status: 'success' })
    expect(engineOf(rule).evaluate(failures)).toEqual([])
    expect(engineOf(rule).evaluate([...failures.slice(1), success])).toEqual([])
    expect(
      engineOf(rule).evaluate([...failures, at(3, { status: 'success', ...from('192.0.2.9') })]),
    ).toEqual([])
    const engine = engineOf(rule)
    const [detection] = engine.evaluate([...failures, success])
    expect(detection).toMatchObject({
      events: [...failures, success],
      eventCount: 4,
      aggregate: { count: 3 },
      matches: [{ event: success.id, field: 'status', value: 'success' }],
    })
    expect(engine.evaluate([at(4, { status: 'success' })])).toEqual([])
  })

  const pipe = (order: string) => `
title: Pipe
type: threshold
logsource: { product: vedette, category: process }
detection:
  download: { process.name: curl }
  shell: { process.name: sh }
  condition: download
threshold: { count: 1, group_by: [process.parent_process.uid], window: 10s, followed_by: shell, order: ${order} }`
  const parent = processEvent().process
  const curl = processEvent({ process: { name: 'curl', parent_process: parent } })
  const sh = processEvent({ process: { name: 'sh', parent_process: parent } })

  test('T7 in any order, or in this one', () => {
    expect(engineOf(pipe('then')).evaluate([curl, sh])).toHaveLength(1)
    expect(engineOf(pipe('then')).evaluate([sh, curl])).toHaveLength(0)
    expect(engineOf(pipe('any')).evaluate([curl, sh])).toMatchObject([{ events: [curl, sh] }])
    expect(engineOf(pipe('any')).evaluate([{ ...sh, time: curl.time - 1 }, curl])).toMatchObject([
      { events: [{ id: sh.id }, { id: curl.id }], eventCount: 2 },
    ])
  })

  test('T7 in any order it fires once for one pair', () => {
    const again = processEvent({ process: { name: 'sh', parent_process: parent } })
    const first = { ...sh, time: curl.time - 1 }
    expect(engineOf(pipe('any')).evaluate([first, curl, again])).toHaveLength(1)
    expect(engineOf(pipe('any')).evaluate([curl, sh, again])).toHaveLength(1)
  })

  test.each(['then', 'any'])('T9 judging a batch again gives the same ids (order %s)', (order) => {
    const engine = engineOf(pipe(order))
    const batch = [{ ...sh, time: curl.time - 1 }, curl, sh]
    const ids = () => engine.evaluate(batch).map(({ id }) => id)
    const first = ids()
    expect(first).toHaveLength(1)
    expect(ids()).toEqual(first)
  })

  test('at most a hundred events are carried, the one at which it fired among them', () => {
    const failures = Array.from({ length: 150 }, (_, i) => at(i))
    const [detection] = engineOf(logins('count: 150')).evaluate(failures)
    expect(detection?.eventCount).toBe(150)
    expect(detection?.events).toEqual(failures.slice(50))
  })

  test.each([
    ['count: 0', 'invalid-value'],
    ['count: many', 'invalid-value'],
    ["count: '%nothing%'", 'unresolved-placeholder'],
    ["count: '%suspicious_ports%'", 'invalid-value'],
    ['count: 5, windw: 1m', 'unknown-key'],
    ['count: 5, distinct: user.nam', 'unknown-field'],
    ['count: 5, followed_by: sucess', 'unknown-selection'],
    ['', 'invalid-value'],
  ])('%s: %s', (threshold, code) => expect(codesOf(logins(threshold))).toEqual([code]))

  test('problems have places', () => {
    const text = logins('count: 5').replace('src_endpoint.ip', 'src_endpoint.iq')
    expect(compileText(text).problems).toMatchObject([
      { code: 'unknown-field', line: 9, column: 37, hint: 'did you mean "src_endpoint.ip"' },
    ])
  })

  test('titles and entities may name the count', () => {
    const more = `vedette: { title: '{count} times by {src_endpoint.ip}', entity: 'address:{src_endpoint.ip}' }`
    const [detection] = engineOf(logins('count: 2', more)).evaluate([at(0), at(1)])
    expect(detection).toMatchObject({ title: '2 times by 203.0.113.7', entity: 'address:203.0.113.7' })
  })

  describe('T12 records that log events carry', () => {
    const spraying = (more = 'count: 3') => `
title: Spraying
type: threshold
logsource: { product: windows, service: security }
detection:
  failure: { EventID: 4625 }
  success: { EventID: 4624 }
  condition: failure
threshold: { group_by: [IpAddress], window: 5m, ${more} }`
    const carrying = (seconds: number, record: object, uid = 'agent') => {
      const event = logEvent({
        time: 1_700_000_000_000 + seconds * 1000,
        unmapped: { Channel: 'Security', IpAddress: '192.0.2.7', ...record },
        log_source: { product: 'windows' },
      })
      return { ...event, device: { ...event.device, uid: uid as typeof event.device.uid } }
    }
    const failed = (seconds: number, record: object = {}) => carrying(seconds, { EventID: 4625, ...record })
    const succeeded = (seconds: number) => carrying(seconds, { EventID: 4624 })

    test('are counted: at three, not at two, each group apart, over several batches', () => {
      const engine = loadedEngine(spraying())
      expect(engine.evaluate([failed(0), failed(1, { IpAddress: '192.0.2.8' }), succeeded(2)])).toEqual([])
      expect(engine.evaluate([failed(2)])).toEqual([])
      const last = failed(3)
      expect(engine.evaluate([last])).toMatchObject([
        {
          rule: { title: 'Spraying' },
          eventCount: 3,
          aggregate: { IpAddress: '192.0.2.7', count: 3 },
          matches: [{ event: last.id, field: 'unmapped.EventID', value: '4625' }],
        },
      ])
      expect(engine.states()).toMatchObject([{ hits: 1, groups: 2 }])
    })

    test('different values, what follows, and what the event itself says of the host', () => {
      const distinct = spraying('count: 2, distinct: TargetUserName')
      const user = (seconds: number, name: string) => failed(seconds, { TargetUserName: name })
      expect(loadedEngine(distinct).evaluate([user(0, 'a'), user(1, 'a'), failed(2)])).toEqual([])
      expect(loadedEngine(distinct).evaluate([user(0, 'a'), user(1, 'b')])).toHaveLength(1)
      const follows = spraying('count: 2, followed_by: success')
      expect(loadedEngine(follows).evaluate([failed(0), failed(1), failed(2)])).toEqual([])
      expect(loadedEngine(follows).evaluate([failed(0), failed(1), succeeded(2)])).toHaveLength(1)
      expect(loadedEngine(follows).evaluate([failed(0), succeeded(1), succeeded(2)])).toEqual([])
      const audit = `
title: Denied
type: threshold
logsource: { product: linux, service: auditd }
detection: { denied: { type: AVC }, condition: denied }
threshold: { count: 2, group_by: [device.uid], window: 1m }`
      const denied = (seconds: number, uid: string) => ({
        ...carrying(seconds, { type: 'AVC' }, uid),
        log_source: { product: 'linux', service: 'auditd' },
      })
      expect(loadedEngine(audit).evaluate([denied(0, 'a'), denied(1, 'b')])).toEqual([])
      expect(loadedEngine(audit).evaluate([denied(0, 'a'), denied(1, 'a')])).toHaveLength(1)
    })

    test('count once where the event meets the rule by its text as well', () => {
      const keywords = `
title: Words
type: threshold
logsource: { product: linux }
detection: { word: [whoami], condition: word }
threshold: { count: 2, group_by: [device.uid], window: 1m }`
      const said = (seconds: number) => ({
        ...carrying(seconds, { text: 'whoami' }),
        message: 'whoami',
        log_source: { product: 'linux' },
      })
      expect(engineOf(keywords).evaluate([said(0)])).toEqual([])
      expect(engineOf(keywords).evaluate([said(0), said(1)])).toHaveLength(1)
    })

    test('what was counted stays through a reload and a restart', async () => {
      const { rules } = compileText(spraying())
      const engine = loadedEngine(spraying())
      engine.evaluate([failed(0), failed(1)])
      await engine.reload({ rules: compileText(spraying()).rules })
      const saved = engine.save()
      expect(engine.evaluate([failed(2)])).toHaveLength(1)
      const next = createEngine(rules, { clock: stillClock, log: silentLogger })
      expect(next.restore(saved)).toMatchObject({ restored: 1 })
      expect(next.evaluate([failed(2)])).toHaveLength(1)
    })

    /** Such rules load with a warning where no Event of ours is of their log source. */
    function loadedEngine(text: string): Engine {
      return createEngine(compileText(text).rules, { clock: stillClock, log: silentLogger })
    }
  })
})
