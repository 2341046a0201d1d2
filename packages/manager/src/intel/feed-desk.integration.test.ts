import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@vedette/base'
import { threatIntelligenceSchema } from '@vedette/intel/config'
import { findUser } from '@vedette/linux'
import { DEFAULT_TENANT, type Feed, feedSettingsSchema } from '@vedette/model'
import { openStateStore, type StateStore } from '@vedette/store'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { FeedDesk } from './feed-desk.ts'
import { IndicatorDesk } from './indicator-desk.ts'

const folder = mkdtempSync(join(tmpdir(), 'vedette-feeds-'))
const tenant = DEFAULT_TENANT
let server: Server
let state: StateStore
let indicators: IndicatorDesk
let body = ''
let status = 200
let asked = 0
let nowMs = Date.UTC(2026, 10, 20)
const clock = { now: () => nowMs, monotonic: () => performance.now() }

beforeAll(async () => {
  chmodSync(folder, 0o711)
  server = createServer((_request, response) => {
    asked += 1
    response.writeHead(status).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const user = process.getuid?.() === 0 ? findUser('nobody') : undefined
  state = await openStateStore({ folder: join(folder, 'pg'), log: silentLogger, ...user })
  indicators = new IndicatorDesk({ state, clock, log: silentLogger })
  await indicators.ready(tenant)
})
afterAll(async () => {
  await indicators[Symbol.asyncDispose]()
  await state[Symbol.asyncDispose]()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  status = 200
  asked = 0
})

function openDesk(config: object = {}): FeedDesk {
  return new FeedDesk({
    state,
    indicators,
    config: threatIntelligenceSchema.parse(config),
    clock,
    log: silentLogger,
  })
}

function settings(name: string, more: object = {}) {
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/${name}`
  return feedSettingsSchema.parse({ name, url, allow_private: true, allow_http: true, ...more })
}

/** `n` domains that a feed tells. */
function domains(n: number, word = 'evil'): string {
  return Array.from({ length: n }, (_, i) => `${word}-${i}.test\n`).join('')
}

async function inForce(name: string): Promise<string[]> {
  const listed = await state.of(tenant).indicators.list({ source: `feed:${name}` }, { limit: 1000 })
  return listed.map(({ value }) => value).sort()
}

test('a feed adds, takes away and keeps its documents; nothing happens where nothing is new', async () => {
  await using desk = openDesk()
  await desk.add(tenant, settings('turn', { defaults: { severity: 'high', confidence: 80 } }))
  body = 'a.test\nb.test\n8.8.8.8\n10.0.0.1\nnonsense\n'
  const first = await desk.refresh(tenant, 'turn')
  expect(first.state).toMatchObject({
    indicators: 2,
    malformed: 1,
    leftOut: 2,
    failures: 0,
    checkedAt: nowMs,
    changedAt: nowMs,
  })
  expect(await inForce('turn')).toEqual(['a.test', 'b.test'])
  const again = await desk.refresh(tenant, 'turn')
  expect(again.state.version).toBe(first.state.version)
  body = 'b.test\nc.test\n'
  const second = await desk.refresh(tenant, 'turn')
  expect(await inForce('turn')).toEqual(['b.test', 'c.test'])
  expect(second.state.version).toBeGreaterThan(first.state.version ?? 0)
  expect((await desk.versions(tenant, 'turn')).map(({ indicators: count }) => count)).toEqual([2, 2])
})

test('what is not good changes nothing, is told, and may be forced', async () => {
  await using desk = openDesk()
  await desk.add(tenant, settings('shrunk'))
  body = domains(40)
  await desk.refresh(tenant, 'shrunk')
  for (const [bad, code] of [
    ['evil-0.test\n', 'feed-shrunk'],
    ['', 'feed-shrunk'],
    ['<html>\n'.repeat(50), 'feed-malformed'],
    ['{"x": 1}', 'not-json'],
  ] as const) {
    body = bad
    const { state: now } = await desk.refresh(tenant, 'shrunk')
    expect({ bad, code: now.error?.code, indicators: now.indicators }).toEqual({ bad, code, indicators: 40 })
  }
  status = 500
  const { state: failed } = await desk.refresh(tenant, 'shrunk')
  expect(failed).toMatchObject({ error: { code: 'feed-status' }, failures: 5 })
  expect(await inForce('shrunk')).toHaveLength(40)
  status = 200
  body = 'evil-0.test\n'
  const forced = await desk.refresh(tenant, 'shrunk', true)
  expect(forced.state).toMatchObject({ indicators: 1, failures: 0 })
  expect(forced.state.error).toBeUndefined()
  expect(await inForce('shrunk')).toEqual(['evil-0.test'])
})

test('a rollback puts the last good one in force, and what it replaces is not taken again', async () => {
  await using desk = openDesk()
  await desk.add(tenant, settings('back'))
  body = domains(30, 'good')
  await desk.refresh(tenant, 'back')
  await expect(desk.rollback(tenant, 'back')).rejects.toMatchObject({ code: 'no-version' })
  body = domains(30, 'poison')
  await desk.refresh(tenant, 'back')
  expect((await inForce('back'))[0]).toMatch(/^poison/)
  const { state: rolled } = await desk.rollback(tenant, 'back')
  expect((await inForce('back'))[0]).toMatch(/^good/)
  const { state: refused } = await desk.refresh(tenant, 'back')
  expect(refused).toMatchObject({ error: { code: 'feed-refused' }, version: rolled.version })
  expect((await inForce('back'))[0]).toMatch(/^good/)
  body = domains(30, 'better')
  const { state: healed } = await desk.refresh(tenant, 'back')
  expect(healed.refused).toBeUndefined()
  expect((await inForce('back'))[0]).toMatch(/^better/)
})

test('a feed that appends leaves what it told before', async () => {
  await using desk = openDesk()
  await desk.add(tenant, settings('append', { append: true }))
  body = 'a1.test\n'
  await desk.refresh(tenant, 'append')
  body = 'a2.test\n'
  await desk.refresh(tenant, 'append')
  expect(await inForce('append')).toEqual(['a1.test', 'a2.test'])
})

test('asked twice at a time, a feed is asked once', async () => {
  await using desk = openDesk()
  await desk.add(tenant, settings('once'))
  body = 'once.test\n'
  const [a, b] = await Promise.all([desk.refresh(tenant, 'once'), desk.refresh(tenant, 'once')])
  expect(asked).toBe(1)
  expect(a).toEqual(b)
  await expect(desk.refresh(tenant, 'none')).rejects.toMatchObject({ code: 'no-feed' })
})

/** Waits until a feed is as a test wants it. */
async function until(
  desk: FeedDesk,
  name: string,
  meant: (feed: Feed | undefined) => boolean,
): Promise<void> {
  for (;;) {
    if (meant((await desk.list(tenant)).find((feed) => feed.settings.name === name))) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('the schedule asks what is due, and feeds of the configuration come and go with it', async () => {
  body = 'scheduled.test\n'
  {
    await using desk = openDesk({ feeds: [{ ...settings('written'), interval_minutes: 5 }] })
    await desk.start()
    await until(desk, 'written', (feed) => feed?.state.indicators === 1)
    await expect(desk.remove(tenant, 'written')).rejects.toMatchObject({ code: 'feed-configured' })
    await expect(desk.add(tenant, settings('written'))).rejects.toMatchObject({ code: 'feed-configured' })
  }
  {
    // Not yet due: nobody asks.
    asked = 0
    await using desk = openDesk({ feeds: [{ ...settings('written'), interval_minutes: 5 }] })
    await desk.start()
  }
  expect(asked).toBe(0)
  nowMs += 6 * 60_000
  {
    await using desk = openDesk({ feeds: [{ ...settings('written'), interval_minutes: 5 }] })
    await desk.start()
    await until(desk, 'written', (feed) => feed?.state.checkedAt === nowMs)
  }
  await using desk = openDesk()
  await desk.start()
  await until(desk, 'written', (feed) => feed === undefined)
  expect(await inForce('written')).toEqual([])
})

test('every file of the folder is a source, and goes with its file', async () => {
  const files = join(folder, 'iocs')
  mkdirSync(files)
  writeFileSync(
    join(files, 'ours.json'),
    JSON.stringify({ ip_addresses: ['192.168.1.100'], process_names: ['xmrig'] }),
  )
  writeFileSync(join(files, 'notes.md'), 'file.test')
  {
    await using desk = openDesk({ ioc_feed_dir: files })
    await desk.start()
    await until(desk, 'dir-ours.json', (feed) => feed?.state.indicators === 2)
    expect(await inForce('dir-ours.json')).toEqual(['192.168.1.100', 'xmrig'])
  }
  rmSync(join(files, 'ours.json'))
  await using desk = openDesk({ ioc_feed_dir: files })
  await desk.start()
  await until(desk, 'dir-ours.json', (feed) => feed === undefined)
  expect(await inForce('dir-ours.json')).toEqual([])
})
