import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, silentLogger } from '@vedette/base'
import { correlate, correlationConfigSchema } from '@vedette/correlate'
import { findUser } from '@vedette/linux'
import type {
  AgentId,
  AlertId,
  Detection,
  EventId,
  ProcessEntity,
  ProcessUid,
  RuleId,
  Severity,
  TenantId,
} from '@vedette/model'
import { openStateStore, type StateStore } from '@vedette/store'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

const NOON = Date.UTC(2026, 10, 20, 12)
const HOUR = 3_600_000
const clock: Clock = { now: () => NOON, monotonic: () => 0 }
const config = correlationConfigSchema.parse({})
const RUN = '00000000000000aa'

const folder = mkdtempSync(join(tmpdir(), 'vedette-correlation-'))
let state: StateStore
let tenant: TenantId
let tenants = 0
let number = 0

beforeAll(async () => {
  chmodSync(folder, 0o711)
  // PostgreSQL refuses to be root.
  const user = process.getuid?.() === 0 ? findUser('nobody') : {}
  state = await openStateStore({ log: silentLogger, folder: join(folder, 'pg'), ...user })
})
afterAll(async () => {
  await state[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})
/** Each test has a tenant to itself. */
beforeEach(() => {
  tenants += 1
  tenant = `00000000-0000-4000-8000-${String(tenants).padStart(12, '0')}` as TenantId
})

const entity = (name: string, pid: number): ProcessEntity => ({
  uid: `boot-${pid}-1` as ProcessUid,
  pid,
  name,
})
const nginx = entity('nginx', 812)

interface Sketch {
  readonly rule?: string
  readonly about?: string
  readonly time?: number
  readonly points?: number
  readonly severity?: Severity
  readonly process?: ProcessEntity | null
  readonly ancestry?: readonly ProcessEntity[]
}

function detection(sketch: Sketch = {}): Detection {
  number += 1
  const { rule = 'r1', about = 'e1', time = NOON, points = 30, severity = 'high' } = sketch
  const process = sketch.process === undefined ? entity('bash', 900) : sketch.process
  const device = { uid: 'agent-1' as AgentId, hostname: 'web-1' }
  const id = `agent-${RUN}-${number}` as EventId
  return {
    id: `alert-${number}` as AlertId,
    rule: {
      id: rule as RuleId,
      title: `Rule ${rule}`,
      type: 'sigma',
      severity,
      explanation: 'why',
      techniques: [],
      falsePositives: [],
      riskPoints: points,
      file: 'rule.yml',
    },
    time,
    device,
    ...(process && { process: { ...process, ancestry: sketch.ancestry ?? [nginx] } }),
    title: `bash on web-1 did ${rule}`,
    events: [
      {
        kind: 'log',
        class_uid: 0,
        id,
        time,
        device,
        severity_id: 1,
        metadata: { version: '1.8.0', log_provider: 'file', logged_time: time },
        message: 'm',
        path: '/var/log/x',
      },
    ],
    eventCount: 1,
    matches: [],
    entity: about,
  }
}

const bring = (...detections: Detection[]) =>
  state.of(tenant).correlation((ledger) => correlate(detections, ledger, { tenant, clock, config }))

test('alerts of one process tree become one incident that tells from where to where', async () => {
  await bring(detection({ rule: 'r1', severity: 'medium' }))
  const second = await bring(detection({ rule: 'r2', severity: 'critical', process: entity('curl', 901) }))
  const incidents = await state.of(tenant).incidents.list({})
  expect(incidents).toMatchObject([
    {
      title: 'web-1: from nginx to curl',
      severity: 'critical',
      alertCount: 2,
      status: 'open',
      host: 'web-1',
    },
  ])
  expect(second.created[0]?.incident).toBe(incidents[0]?.id)
  expect(
    (await state.of(tenant).incidents.timeline(second.created[0]?.incident ?? ('' as never))).map(
      (e) => e.action,
    ),
  ).toEqual(['created', 'alert_added'])
})

test('alerts of other trees, and of entities without a process, have incidents of their own', async () => {
  await bring(
    detection(),
    detection({ rule: 'r2', process: entity('psql', 77), ancestry: [entity('postgres', 70)] }),
    detection({ rule: 'r3', process: null, about: 'address:203.0.113.7' }),
    detection({ rule: 'r4', process: null, about: 'address:203.0.113.7' }),
  )
  expect(await state.of(tenant).incidents.count({})).toBe(3)
})

test('the same rule, host and entity again is a repeat until the window is over', async () => {
  const [first] = (await bring(detection())).created
  const again = await bring(detection({ time: NOON + HOUR }), detection({ time: NOON + HOUR + 1 }))
  expect(again.repeated).toMatchObject([{ id: first?.id, count: 2, lastSeen: NOON + HOUR }])
  expect(again.created).toHaveLength(1)
  expect(await state.of(tenant).alerts.count({})).toBe(2)
})

test('the same shell out of another service is another alert; another run of the same service is not', async () => {
  const bash = (pid: number) => entity('bash', pid)
  await bring(detection({ process: bash(901), ancestry: [entity('nginx', 812)] }))
  await bring(detection({ process: bash(902), ancestry: [entity('nginx', 813)] }))
  await bring(detection({ process: bash(903), ancestry: [entity('postgres', 70)] }))
  const alerts = await state.of(tenant).alerts.list({})
  expect(alerts.map(({ count }) => count).toSorted((a, b) => a - b)).toEqual([1, 2])
})

test('what happens after a person resolved the alert is news', async () => {
  const [first] = (await bring(detection())).created
  await state.of(tenant).alerts.resolve(first?.id ?? ('' as AlertId), 'benign', 'ann', NOON)
  expect((await bring(detection({ time: NOON + 1000 }))).created).toHaveLength(1)
})

test('detections that come twice change nothing', async () => {
  const all = [detection(), detection(), detection({ rule: 'r2' })]
  await bring(...all)
  const before = await snapshot()
  const again = await bring(...all)
  expect(again).toEqual({ created: [], repeated: [], incidents: [] })
  expect(await snapshot()).toEqual(before)
  expect(before.alerts.map(({ count }) => count).toSorted((a, b) => a - b)).toEqual([1, 2])
})

test('a failure in the middle leaves nothing behind', async () => {
  const work = state.of(tenant).correlation(async (ledger) => {
    await correlate([detection()], ledger, { tenant, clock, config })
    throw new Error('power is gone')
  })
  await expect(work).rejects.toThrow('power is gone')
  expect(await snapshot()).toEqual({ alerts: [], incidents: [], risk: [] })
})

test('risk is the sum of what different rules found in the tree, and each entry says why', async () => {
  const { created } = await bring(
    detection({ rule: 'r1', points: 30 }),
    detection({ rule: 'r2', points: 45, process: entity('curl', 901), time: NOON + 1 }),
    detection({ rule: 'r2', points: 45, about: 'e2', time: NOON + 2 }),
  )
  expect(created.map(({ risk }) => risk)).toEqual([30, 75, 75])
  const ledger = await state.of(tenant).risk.of(`process:${nginx.uid}`)
  expect(ledger.map(({ points, reason }) => [points, reason])).toEqual([
    [45, 'Rule r2'],
    [45, 'Rule r2'],
    [30, 'Rule r1'],
  ])
})

test('a lesser alert joins an incident but opens none', async () => {
  const alone = await bring(detection({ severity: 'low' }))
  expect(alone.created[0]?.incident).toBeUndefined()
  await bring(detection({ rule: 'r2' }))
  const joined = await bring(detection({ rule: 'r3', severity: 'low' }))
  expect(joined.created[0]?.incident).toBeDefined()
})

test('a thousand alerts of one attack are at most ten incidents', async () => {
  for (let i = 0; i < 10; i += 1) {
    const storm = Array.from({ length: 100 }, (_, j) => {
      const pid = 10_000 + i * 100 + j
      return detection({
        // Of one rule alone no more than 50 a minute would open on a host.
        rule: `r${j}`,
        about: `e${pid}`,
        process: entity('x', pid),
        ancestry: [],
        time: NOON + i,
      })
    })
    await bring(...storm)
  }
  expect(await state.of(tenant).alerts.count({})).toBe(1000)
  const incidents = await state.of(tenant).incidents.list({}, { limit: 100 })
  expect(incidents.length).toBeLessThanOrEqual(10)
  expect(incidents.reduce((sum, { alertCount }) => sum + alertCount, 0)).toBe(1000)
})

/** All that correlation has written for the tenant. */
async function snapshot() {
  const { alerts, incidents, risk } = state.of(tenant)
  return {
    alerts: await alerts.list({}),
    incidents: await incidents.list({}),
    risk: await risk.of(`process:${nginx.uid}`),
  }
}
