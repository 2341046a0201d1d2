import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import { threatIntelligenceSchema } from '@vedette/intel/config'
import { findUser } from '@vedette/linux'
import { type AgentId, DEFAULT_TENANT, type Event, type EventId } from '@vedette/model'
import { openStateStore, type StateStore } from '@vedette/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FeedDesk } from './feed-desk.ts'
import { IndicatorDesk } from './indicator-desk.ts'
import { ThreatIntelligence } from './threat-intelligence.ts'

const folder = mkdtempSync(join(tmpdir(), 'vedette-intel-'))
const around = { clock: systemClock, log: silentLogger }
let state: StateStore
let desk: IndicatorDesk
let feeds: FeedDesk
let intel: ThreatIntelligence

beforeAll(async () => {
  chmodSync(folder, 0o711)
  const user = process.getuid?.() === 0 ? findUser('nobody') : undefined
  state = await openStateStore({ folder: join(folder, 'pg'), log: silentLogger, ...user })
  desk = new IndicatorDesk({ state, ...around })
  feeds = new FeedDesk({ state, indicators: desk, config: threatIntelligenceSchema.parse({}), ...around })
  intel = new ThreatIntelligence(DEFAULT_TENANT, { state, desk, feeds, clock: systemClock })
})
afterAll(async () => {
  await feeds[Symbol.asyncDispose]()
  await desk[Symbol.asyncDispose]()
  await state[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

let number = 0

/** A log line, judged. */
function titles(message: string): string[] {
  number += 1
  const event: Event = {
    id: `a-${number}` as EventId,
    time: Date.now(),
    device: { uid: 'a' as AgentId, hostname: 'web-1' },
    severity_id: 1,
    metadata: { version: '1.8.0', log_provider: 'file', logged_time: Date.now() },
    kind: 'log',
    class_uid: 0,
    message,
    path: '/var/log/syslog',
  }
  return desk.evaluate(DEFAULT_TENANT, [event]).map(({ title }) => title)
}

test('a program imports, allows and takes away', async () => {
  const text = 'evil.test\n10.0.0.1\nnonsense\n'
  expect(await intel.import(text, { source: 'mine', dryRun: true })).toMatchObject({
    added: 2,
    malformedCount: 1,
    suspectCount: 1,
  })
  expect(await intel.list()).toEqual([])
  expect(await intel.import(text, { source: 'mine', defaults: { severity: 'critical' } })).toMatchObject({
    added: 2,
  })
  expect(titles('asked for evil.test')).toEqual(['web-1: domain evil.test, which mine lists'])
  const entry = await intel.allow('evil.test', { owner: 'ana', reason: 'ours' })
  expect(titles('asked for evil.test')).toEqual([])
  await desk.flush()
  expect(await intel.allowed()).toMatchObject([{ value: 'evil.test', hits: { count: 1 } }])
  await intel.disallow(entry.number)
  expect(titles('asked for evil.test')).toHaveLength(1)
  const [newest] = await intel.list({ source: 'mine', search: 'evil' })
  expect(newest).toMatchObject({ severity: 'critical' })
  expect(await intel.remove([newest?.number ?? 0])).toBe(1)
  expect(titles('asked for evil.test')).toEqual([])
  expect(intel.status()).toMatchObject({ loaded: true, indicators: 1 })
  expect(() => intel.allow('nothing', { owner: 'ana', reason: 'x' })).toThrow(RangeError)
  expect(() => intel.allow('x', { type: 'ipv4', owner: 'ana', reason: 'x' })).toThrow(RangeError)
})

test('a feed that leads inside is refused, and says so', async () => {
  await intel.addFeed({ name: 'inside', url: 'https://127.0.0.1/list.txt' })
  expect((await intel.refreshFeed('inside')).state.error).toMatchObject({ code: 'feed-private' })
  expect((await intel.feeds()).map(({ settings }) => settings.name)).toEqual(['inside'])
  await expect(intel.rollbackFeed('inside')).rejects.toMatchObject({ code: 'no-version' })
  await intel.removeFeed('inside')
  expect(await intel.feeds()).toEqual([])
})
