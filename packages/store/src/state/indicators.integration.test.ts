import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger } from '@vedette/base'
import { feedSettingsSchema, type IndicatorFacts } from '@vedette/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tenantA, tenantB } from '../testing/sample-events.ts'
import { newHome, unprivileged } from '../testing/unprivileged.ts'
import { openStateStore } from './open-state-store.ts'
import type { StateStore } from './state-store.ts'

const home = newHome('vedette-indicators-')
const NOW = Date.UTC(2026, 10, 20)
let store: StateStore

beforeAll(async () => {
  store = await openStateStore({ folder: join(home, 'pg'), log: silentLogger, ...unprivileged() })
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(home, { recursive: true })
})

function facts(value: string, rest: Partial<IndicatorFacts> = {}): IndicatorFacts {
  return {
    type: 'domain',
    value,
    confidence: 60,
    severity: 'high',
    tlp: 'amber',
    validFrom: NOW,
    tags: ['x'],
    techniques: [],
    ...rest,
  }
}

describe('indicators', () => {
  test('an import adds, changes, leaves and takes away, and says so before', async () => {
    const { indicators } = store.of(tenantA)
    const first = [facts('a.test'), facts('b.test'), facts('c.test', { description: "it's" })]
    expect(await indicators.plan('feed:x', first, 'replace')).toMatchObject({ added: 3, removed: 0 })
    expect(await indicators.count({})).toBe(0)
    const put = await indicators.put('feed:x', first, 'replace', NOW)
    expect(put.put.map(({ value }) => value)).toEqual(['a.test', 'b.test', 'c.test'])
    const second = [
      facts('b.test', { confidence: 90 }),
      facts('c.test', { description: "it's" }),
      facts('d.test'),
    ]
    const plan = await indicators.plan('feed:x', second, 'replace')
    expect(plan).toEqual({
      added: 1,
      changed: 1,
      unchanged: 1,
      removed: 1,
      examples: {
        added: [{ type: 'domain', value: 'd.test' }],
        removed: [{ type: 'domain', value: 'a.test' }],
      },
    })
    const change = await indicators.put('feed:x', second, 'replace', NOW + 1000)
    expect(change).toMatchObject({ added: 1, changed: 1, unchanged: 1, removed: 1 })
    expect(change.taken.map(({ value }) => value)).toEqual(['a.test'])
    expect(change.put.find(({ value }) => value === 'b.test')?.number).toBe(put.put[1]?.number)
    expect(
      (await indicators.list({ source: 'feed:x' })).map(({ value, confidence }) => [value, confidence]),
    ).toEqual([
      ['d.test', 60],
      ['c.test', 60],
      ['b.test', 90],
    ])
    expect(await indicators.put('feed:x', [facts('e.test')], 'add', NOW)).toMatchObject({
      added: 1,
      removed: 0,
    })
    expect(await indicators.sources()).toMatchObject([{ source: 'feed:x', indicators: 4, sighted: 0 }])
  })

  test('what is told again keeps its first beginning and its sightings', async () => {
    const { indicators } = store.of(tenantA)
    const { put } = await indicators.put('again', [facts('again.test')], 'add', NOW)
    const number = put[0]?.number ?? 0
    await indicators.sighted([{ number, count: 3, first: NOW - 5000, last: NOW }])
    await indicators.sighted([
      { number, count: 2, first: NOW - 1000, last: NOW + 1000 },
      { number: 999_999_999, count: 1, first: NOW, last: NOW },
    ])
    expect(
      await indicators.put('again', [facts('again.test', { validFrom: NOW + 60_000 })], 'add', NOW),
    ).toMatchObject({
      unchanged: 1,
      put: [],
    })
    expect(await indicators.get(number)).toMatchObject({
      validFrom: NOW,
      sightings: { count: 5, first: NOW - 5000, last: NOW + 1000 },
    })
    expect(await indicators.count({ sighted: true })).toBe(1)
  })

  test('every column keeps what it was given, and can be asked for', async () => {
    const { indicators } = store.of(tenantA)
    const given = facts('100%_of.test', {
      type: 'path',
      value: '/tmp/100%_of "x\\',
      tlp: 'amber+strict',
      validUntil: NOW + 1000,
      description: 'a {NULL}, "b"',
      tags: ['NULL', '{a,b}', "it's"],
      techniques: ['T1105'],
    })
    await indicators.put('odd', [given], 'add', NOW)
    const [kept] = await indicators.list({
      type: 'path',
      tlp: 'amber+strict',
      severity: 'high',
      search: '100%_OF',
    })
    expect(kept).toEqual({
      ...given,
      number: kept?.number,
      source: 'odd',
      addedAt: NOW,
      sightings: { count: 0 },
    })
    expect(await indicators.count({ search: '100x_of' })).toBe(0)
    expect(await indicators.count({ search: '{A,B}' })).toBe(1)
  })

  test('twelve thousand come and go, and are read in batches', async () => {
    const { indicators } = store.of(tenantA)
    const many = Array.from({ length: 12_000 }, (_, i) => facts(`h${i}.test`))
    const { put } = await indicators.put('many', many, 'replace', NOW)
    expect(new Set(put.map(({ number }) => number)).size).toBe(12_000)
    let read = 0
    for await (const batch of indicators.each({ source: 'many' })) read += batch.length
    expect(read).toBe(12_000)
    expect(await indicators.put('many', many.slice(0, 100), 'replace', NOW)).toMatchObject({
      removed: 11_900,
      unchanged: 100,
    })
    const left = await indicators.list({ source: 'many' }, { limit: 1000 })
    expect(await indicators.remove(left.map(({ number }) => number))).toHaveLength(100)
  })

  test('two imports of a source at a time come after one another', async () => {
    const { indicators } = store.of(tenantA)
    const given = Array.from({ length: 500 }, (_, i) => facts(`p${i}.test`))
    const both = await Promise.all([
      indicators.put('both', given, 'replace', NOW),
      indicators.put('both', given, 'replace', NOW),
    ])
    expect(both.map(({ added }) => added).sort((a, b) => a - b)).toEqual([0, 500])
  })

  test('a tenant sees its own', async () => {
    await store.of(tenantA).indicators.put('mine', [facts('mine.test')], 'add', NOW)
    const theirs = store.of(tenantB).indicators
    expect(await theirs.count({})).toBe(0)
    const [mine] = await store.of(tenantA).indicators.list({ source: 'mine' })
    expect(await theirs.get(mine?.number ?? 0)).toBeUndefined()
    expect(await theirs.remove([mine?.number ?? 0])).toEqual([])
    await theirs.sighted([{ number: mine?.number ?? 0, count: 1, first: NOW, last: NOW }])
    expect((await store.of(tenantA).indicators.get(mine?.number ?? 0))?.sightings.count).toBe(0)
  })
})

describe('the allow list', () => {
  test('an entry is kept, counted, replaced and removed', async () => {
    const { allowList } = store.of(tenantA)
    const entry = { type: 'cidr', value: '198.51.100.0/24', owner: 'ana', reason: 'our scanner' } as const
    const kept = await allowList.put(entry, NOW)
    await allowList.hit([{ number: kept.number, count: 4, first: NOW, last: NOW + 5 }])
    const replaced = await allowList.put({ ...entry, owner: 'ben', expiresAt: NOW + 1000 }, NOW + 1)
    expect(replaced).toEqual({
      ...entry,
      number: kept.number,
      owner: 'ben',
      addedAt: NOW + 1,
      expiresAt: NOW + 1000,
      hits: { count: 4, first: NOW, last: NOW + 5 },
    })
    expect(await store.of(tenantB).allowList.list()).toEqual([])
    expect(await store.of(tenantB).allowList.remove(kept.number)).toBeUndefined()
    expect(await allowList.list()).toEqual([replaced])
    expect(await allowList.remove(kept.number)).toEqual(replaced)
    expect(await allowList.list()).toEqual([])
  })
})

describe('feeds', () => {
  const settings = feedSettingsSchema.parse({ name: 'urlhaus', url: 'https://feed.test/list.csv' })

  test('settings change, the state stays', async () => {
    const { feeds } = store.of(tenantA)
    await feeds.put(settings, false, NOW)
    await feeds.setState('urlhaus', { indicators: 7, malformed: 0, leftOut: 1, failures: 0, etag: '"a"' })
    const feed = await feeds.put({ ...settings, interval_minutes: 5 }, true, NOW + 1)
    expect(feed).toMatchObject({
      settings: { interval_minutes: 5 },
      state: { indicators: 7, etag: '"a"' },
      configured: true,
      addedAt: NOW,
    })
    expect(await store.of(tenantB).feeds.list()).toEqual([])
    expect(await feeds.list()).toEqual([feed])
  })

  test('the last few documents are kept, and go with the feed', async () => {
    const { feeds } = store.of(tenantA)
    const version = (n: number) => ({
      fetchedAt: NOW + n,
      sha256: String(n).repeat(64),
      sizeBytes: 3,
      indicators: n,
    })
    const numbers: number[] = []
    for (let n = 1; n <= 5; n += 1) {
      numbers.push(await feeds.addVersion('urlhaus', version(n), new Uint8Array([n, 0, 255]), 3))
    }
    expect((await feeds.versions('urlhaus')).map(({ indicators }) => indicators)).toEqual([5, 4, 3])
    expect([...((await feeds.content('urlhaus', numbers[4] ?? 0)) ?? [])]).toEqual([5, 0, 255])
    expect(await feeds.content('urlhaus', numbers[0] ?? 0)).toBeUndefined()
    expect(await store.of(tenantB).feeds.content('urlhaus', numbers[4] ?? 0)).toBeUndefined()
    await feeds.remove('urlhaus')
    expect(await feeds.versions('urlhaus')).toEqual([])
  })
})
