import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { silentLogger, systemClock } from '@vedette/base'
import type { Event, EventId, ProcessUid } from '@vedette/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agentA, batch, launch, NOON, tenantA, tenantB } from '../testing/sample-events.ts'
import { connectEmbedded } from './connection.ts'
import type { EventFilter, EventStore } from './event-store.ts'
import { openEventWriter } from './event-writer.ts'
import { migrateEvents, versionOf } from './migrate.ts'
import { eventMigrations } from './migrations.ts'
import { openEventStore } from './open-event-store.ts'

// One folder a process: the engine allows no second one, so the tests share it, each with a run or a tenant of its own.
const folder = mkdtempSync(join(tmpdir(), 'vedette-events-'))
const options = { folder, log: silentLogger, clock: systemClock }
let store: EventStore

beforeAll(async () => {
  store = await openEventStore(options)
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

async function reopen(clock = systemClock): Promise<void> {
  await store[Symbol.asyncDispose]()
  store = await openEventStore({ ...options, clock })
}

function one(run: string, events: readonly Event[], tenant = tenantA) {
  return store.append([{ tenant, agent: agentA, batch: { run, sequence: 0, events } }])
}

describe('append()', () => {
  test('what goes in comes out, letter by letter, whatever an attacker wrote', async () => {
    const run = 'a000000000000001'
    const odd = [
      'a\u0000b',
      '\ud800 half',
      '"\\\n\t',
      "'; DROP TABLE events; --",
      '\u202e\u001b[2J',
      '{"a":1}',
    ]
    const events = odd.map((cmdLine, index) => launch(index, { run, cmdLine }))
    await one(run, events)
    for (const event of events) expect(await store.of(tenantA).get(event.id)).toEqual(event)
  })

  test('a batch that comes again is not stored twice, also within one append', async () => {
    const run = 'a000000000000002'
    const owned = { tenant: tenantA, agent: agentA, batch: batch(0, 3, run) }
    expect(await store.append([owned, owned])).toEqual({ stored: 3, repeated: 3 })
    expect(await store.append([owned])).toEqual({ stored: 0, repeated: 3 })
  })

  test('after a restart it still knows what is stored, whatever the groups were', async () => {
    const run = 'a000000000000003'
    const owned = (sequence: number) => ({ tenant: tenantA, agent: agentA, batch: batch(sequence, 3, run) })
    await store.append([owned(0), owned(1)])
    await reopen()
    expect(await store.append([owned(1), owned(2)])).toEqual({ stored: 3, repeated: 3 })
    expect(await store.append([owned(0), owned(1), owned(2), owned(3)])).toEqual({ stored: 3, repeated: 9 })
  })

  test('what is not there any more is stored when it is sent again', async () => {
    const run = 'a000000000000008'
    const owned = { tenant: tenantA, agent: agentA, batch: batch(0, 3, run) }
    const [event] = owned.batch.events
    if (event === undefined) throw new Error('an empty batch')
    const parts = () => globSync(join(folder, 'engine/store/*/*/[0-9]*_*_*_*'))
    const before = new Set(parts())
    await store.append([owned])
    const made = parts().filter((part) => !before.has(part))
    expect(made.length).toBeGreaterThan(0)
    await store[Symbol.asyncDispose]()
    // As an engine does that was killed after it noted an insert and before the part had its name, or whose disk lost it.
    for (const part of made) rmSync(part, { recursive: true })
    store = await openEventStore(options)
    expect(await store.of(tenantA).get(event.id)).toBeUndefined()
    expect(await store.append([owned])).toEqual({ stored: 3, repeated: 0 })
    expect(await store.of(tenantA).get(event.id)).toEqual(event)
  })

  test('after a restart everything that is sent again is known, one append after the other', async () => {
    const run = 'a000000000000007'
    const owned = (sequence: number) => ({ tenant: tenantA, agent: agentA, batch: batch(sequence, 3, run) })
    await store.append([0, 1, 2, 3].map(owned))
    await reopen()
    for (const sequence of [0, 1, 2, 3]) {
      expect(await store.append([owned(sequence)])).toEqual({ stored: 0, repeated: 3 })
    }
    expect(await store.append([owned(4)])).toEqual({ stored: 3, repeated: 0 })
  })

  test('of a batch that is stored in part only the rest is stored', async () => {
    const run = 'a000000000000004'
    const whole = batch(5, 4, run)
    const owned = { tenant: tenantA, agent: agentA }
    await store.append([{ ...owned, batch: { ...whole, events: whole.events.slice(1, 3) } }])
    expect(await store.append([{ ...owned, batch: whole }])).toEqual({ stored: 2, repeated: 2 })
  })

  test('the same names under another tenant are another batch', async () => {
    const run = 'a000000000000005'
    expect(await one(run, [launch(0, { run })])).toEqual({ stored: 1, repeated: 0 })
    expect(await one(run, [launch(0, { run })], tenantB)).toEqual({ stored: 1, repeated: 0 })
  })

  test('one insert makes one part, however far apart its events are', async () => {
    const run = 'a000000000000006'
    const times = [0, 1, NOON, NOON + 86_400_000, 1e15, Number.MAX_VALUE]
    await one(
      run,
      times.map((time, index) => launch(index, { run, time })),
    )
    const ids = await Promise.all(
      times.map((_, i) => store.of(tenantA).get(`agent-a-${run}-${i}` as EventId)),
    )
    expect(ids.map((event) => event?.time)).toEqual(times)
  })

  test('a folder is opened once', async () => {
    await expect(openEventStore(options)).rejects.toMatchObject({ code: 'folder-in-use' })
  })
})

const numbers = (found: readonly Event[]) => found.map(({ id }) => Number(id.split('-').at(-1)))

describe('queries', () => {
  const run = 'b000000000000001'
  const tenant = '00000000-0000-4000-8000-00000000000c' as typeof tenantA
  const network: Event = {
    ...(launch(50, { run }) as object),
    kind: 'network',
    class_uid: 4001,
    activity: 'open',
    protocol: 'tcp',
    direction: 'outbound',
    dst_endpoint: { ip: '203.0.113.7', port: 443 },
    time: NOON + 90_000,
  } as Event
  const events = [
    launch(1, { run, uid: 'p1', parent: 'p0', time: NOON + 1000.125 }),
    launch(2, { run, uid: 'p2', parent: 'p1', time: NOON + 2000, cmdLine: 'Cat "/etc/Shadow"' }),
    launch(3, { run, uid: 'p3', parent: 'p2', time: NOON + 61_000 }),
    network,
  ]

  beforeAll(() => one(run, events, tenant))

  test('list() gives the newest first, page by page', async () => {
    const of = store.of(tenant)
    expect(numbers(await of.list({}))).toEqual([50, 3, 2, 1])
    expect(numbers(await of.list({}, { limit: 2, offset: 1 }))).toEqual([3, 2])
  })

  test('list() holds every condition', async () => {
    const of = store.of(tenant)
    expect(numbers(await of.list({ kind: 'network' }))).toEqual([50])
    expect(numbers(await of.list({ processUid: 'p2' as ProcessUid }))).toEqual([2])
    expect(numbers(await of.list({ since: NOON + 1000.125, until: NOON + 61_000 }))).toEqual([2, 1])
    expect(numbers(await of.list({ since: NOON + 1000.126, until: NOON + 61_000 }))).toEqual([2])
    expect(numbers(await of.list({ host: 'other' as typeof agentA }))).toEqual([])
    expect(numbers(await of.list({ search: '"/ETC/shadow"' }))).toEqual([2])
    expect(numbers(await of.list({ search: '203.0.113' }))).toEqual([50])
    expect(numbers(await of.list({ search: "' OR 1=1 --" }))).toEqual([])
    expect(await of.count({ kind: 'process' })).toBe(3)
  })

  test('limits outside of their range are refused', async () => {
    await expect(store.of(tenant).list({}, { limit: 1001 })).rejects.toThrow('limit must be')
    await expect(store.of(tenant).list({}, { offset: -1 })).rejects.toThrow('offset must be')
    await expect(store.of(tenant).list({ search: 'x'.repeat(1001) })).rejects.toThrow('search must be')
  })

  test('perMinute() and around() have a slot for every moment', async () => {
    const of = store.of(tenant)
    expect(await of.perMinute(NOON, NOON + 180_000)).toEqual([
      { time: NOON, events: 2 },
      { time: NOON + 60_000, events: 2 },
      { time: NOON + 120_000, events: 0 },
    ])
    const around = await of.around(agentA, NOON + 60_000, 120_000, 4)
    expect(around.map((slot) => slot.events)).toEqual([2, 0, 1, 1])
  })

  test('ofProcesses() gives what they did and what they started, oldest first', async () => {
    const found = await store.of(tenant).ofProcesses(['p1', 'p2'] as ProcessUid[], NOON, NOON + 86_400_000)
    expect(numbers(found)).toEqual([1, 2, 3])
  })

  test('countByHost() counts each agent', async () => {
    expect(await store.of(tenant).countByHost(NOON, NOON + 86_400_000)).toEqual(new Map([[agentA, 4]]))
  })

  test('another tenant sees nothing', async () => {
    const other = store.of('00000000-0000-4000-8000-00000000000d' as typeof tenantA)
    expect(await other.list({})).toEqual([])
    expect(await other.get(events[0]?.id as EventId)).toBeUndefined()
    expect(await other.count({})).toBe(0)
    expect(await other.ofProcesses(['p1'] as ProcessUid[], 0, 1e15)).toEqual([])
    expect((await other.perMinute(NOON, NOON + 60_000)).every((slot) => slot.events === 0)).toBe(true)
  })
})

describe('what was seen of the network and of files', () => {
  const run = 'b000000000000002'
  const tenant = '00000000-0000-4000-8000-000000000010' as typeof tenantA
  const about = (number: number, facts: object) => {
    const { activity: _, ...rest } = launch(number, { run }) as Extract<Event, { kind: 'process' }>
    return { ...rest, time: NOON + number, ...facts } as Event
  }
  const flow = { uid: 'f1', community_id: '1:x', start_time: NOON, duration_ms: 1, state: 'closed' }
  const network = { kind: 'network', class_uid: 4001, direction: 'outbound' }
  const [near, far] = [
    { ip: '10.0.0.1', port: 40_001 },
    { ip: '203.0.113.7', port: 443 },
  ]
  const ends = { src_endpoint: near, dst_endpoint: far }
  const v6 = { src_endpoint: { ip: '2001:db8::1', port: 1 }, dst_endpoint: { ip: '2001:db8::7', port: 53 } }
  const protocol = { kind: 'protocol', class_uid: 4001 }
  const integrity = { change: 'changed', changed: [], seen: 'watched' }
  const file = { kind: 'file', class_uid: 1001, activity: 'differ', file: { path: '/etc/a', name: 'a' } }
  const events = [
    about(1, { ...network, ...ends, activity: 'traffic', protocol: 'tcp', flow }),
    about(2, {
      ...protocol,
      ...ends,
      protocol_name: 'tls',
      transport: 'tcp',
      flow_uid: 'f1',
      tls: { sni: 'Shop.example', ja4: 't13d1516h2_8daaf6152771_02713d6af862', established: true },
    }),
    about(3, {
      ...protocol,
      ...v6,
      protocol_name: 'dns',
      transport: 'udp',
      dns: { hostname: 'a"b.example' },
    }),
    about(4, { ...network, activity: 'listen', protocol: 'tcp', dst_endpoint: { ip: '', port: 443 } }),
    about(5, { ...file, integrity: { ...integrity, by_package_manager: true } }),
    about(6, { ...file, integrity: { ...integrity, by_package_manager: false } }),
  ]
  const found = async (filter: EventFilter) =>
    numbers(await store.of(tenant).list(filter)).toSorted((a, b) => a - b)

  beforeAll(() => one(run, events, tenant))

  test.each<[EventFilter, number[]]>([
    [{ kinds: ['network', 'protocol'] }, [1, 2, 3, 4]],
    [{ activity: 'dns' }, [3]],
    [{ kind: 'network', otherThan: 'traffic' }, [4]],
    [{ port: 443 }, [1, 2, 4]],
    [{ addresses: { first: '203.0.113.0', last: '203.0.113.255' } }, [1, 2]],
    [{ addresses: { first: '10.0.0.1', last: '10.0.0.1' } }, [1, 2]],
    [{ addresses: { first: '2001:db8::', last: '2001:db8::ff' } }, [3]],
    [{ processName: 'UR' }, [1, 2, 3, 4, 5, 6]],
    [{ processName: 'bash' }, []],
    [{ transport: 'udp' }, [3]],
    [{ transport: 'tcp' }, [1, 2, 4]],
    [{ flow: 'f1' }, [1, 2]],
    [{ anywhere: 'T13D1516h2' }, [2]],
    [{ anywhere: 'a"b.example' }, [3]],
    [{ anywhere: "' OR 1=1 --" }, []],
    [{ activity: 'differ', byPackageManager: false }, [6]],
    [{ activity: 'differ', byPackageManager: true }, [5]],
  ])('%j', async (filter, numbers) => {
    expect(await found(filter)).toEqual(numbers)
  })

  test('countByActivity() counts what is alike, of this tenant alone', async () => {
    const filter: EventFilter = { kinds: ['network', 'protocol', 'file'] }
    expect(await store.of(tenant).countByActivity(filter)).toEqual([
      { kind: 'file', activity: 'differ', events: 2 },
      { kind: 'network', activity: 'listen', events: 1 },
      { kind: 'network', activity: 'traffic', events: 1 },
      { kind: 'protocol', activity: 'dns', events: 1 },
      { kind: 'protocol', activity: 'tls', events: 1 },
    ])
    const other = store.of('00000000-0000-4000-8000-00000000000d' as typeof tenantA)
    expect(await other.countByActivity(filter)).toEqual([])
  })

  test('texts that are too long are refused', async () => {
    const long = 'x'.repeat(1001)
    await expect(store.of(tenant).list({ anywhere: long })).rejects.toThrow('anywhere must be')
    await expect(store.of(tenant).list({ processName: long })).rejects.toThrow('processName must be')
  })
})

test('many queries and inserts at the same time do not mix up their parameters', async () => {
  const writer = openEventWriter(store, { maxDelayMs: 2 })
  const runs = Array.from({ length: 20 }, (_, index) => `c${index.toString(16).padStart(15, '0')}`)
  await Promise.all(
    runs.map((run) => writer.write({ tenant: tenantA, agent: agentA, batch: batch(0, 5, run) })),
  )
  const found = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      store.of(tenantA).get(`agent-a-${runs[n % 20]}-${n % 5}` as EventId),
    ),
  )
  expect(found.map((event) => event?.id)).toEqual(
    Array.from({ length: 100 }, (_, n) => `agent-a-${runs[n % 20]}-${n % 5}`),
  )
  await writer[Symbol.asyncDispose]()
  expect(writer.counters()).toEqual({ emitted: 100, delivered: 100, lost: 0 })
})

test('days that are over are dropped, by when events arrived', async () => {
  const tenant = '00000000-0000-4000-8000-00000000000e' as typeof tenantA
  const daysAgo = (days: number) => ({ ...systemClock, now: () => Date.now() - days * 86_400_000 })
  for (const [index, days] of [40, 33, 29, 0].entries()) {
    await reopen(daysAgo(days))
    const run = `e00000000000000${index}`
    await one(run, [launch(index, { run, time: NOON })], tenant)
  }
  await reopen()
  // Closing waits for what opening began to drop.
  await reopen()
  const left = await store.of(tenant).list({})
  expect(new Set(left.map(({ id }) => id.split('-').at(-1)))).toEqual(new Set(['2', '3']))
})

test('what a line of the wire format is made of is text like any other', async () => {
  const run = 'f00000000000000f'
  const odd = ['a\tb', 'a\nb', 'a\rb\r', 'a\\b\\', '\\N', '\\t', '\0', '\'"', 'ü 漢 😀', 'half \ud83d']
  const events = odd.map((cmdLine, n) => launch(n, { run, cmdLine }))
  const owned = { tenant: tenantA, agent: agentA, batch: { run, sequence: 0, events } }
  expect(await store.append([owned])).toEqual({ stored: odd.length, repeated: 0 })
  for (const [n, event] of events.entries()) {
    expect(await store.of(tenantA).get(event.id)).toEqual(event)
    const text = odd[n]?.toWellFormed() ?? ''
    const found = await store.of(tenantA).list({ search: text }, { limit: 1000 })
    expect(found.map(({ id }) => id)).toContain(event.id)
  }
  const more = { ...owned, batch: { run, sequence: 0, events: [...events, launch(odd.length, { run })] } }
  expect(await store.append([more])).toEqual({ stored: 1, repeated: odd.length })
  expect(await store.of(tenantA).ofRun(agentA, run, 0, 10)).toEqual([
    { sequence: 0, rows: odd.length + 1, events: odd.length + 1, first: 0, last: odd.length },
  ])
})

test('the schema goes down and up again', async () => {
  await store[Symbol.asyncDispose]()
  const connection = await connectEmbedded(folder)
  expect(await versionOf(connection)).toBe(eventMigrations.length)
  await migrateEvents(connection, 0)
  expect(await versionOf(connection)).toBe(0)
  const tables = `SELECT name FROM system.tables WHERE database = 'vedette' AND name = 'events'`
  expect(await connection.select(tables)).toEqual([])
  await migrateEvents(connection)
  await migrateEvents(connection)
  expect(await versionOf(connection)).toBe(eventMigrations.length)
  await connection[Symbol.asyncDispose]()
  store = await openEventStore(options)
  expect(await store.of(tenantA).count({})).toBe(0)
})

test('kill -9 in the middle: nothing acknowledged is missing, nothing is there twice', async () => {
  const crashed = mkdtempSync(join(tmpdir(), 'vedette-events-crash-'))
  const child = fileURLToPath(new URL('../testing/event-store-child.ts', import.meta.url))
  const run = 'd000000000000001'
  let acknowledged = -1
  for (let round = 0; round < 12; round += 1) {
    const writing = spawn(process.execPath, [child, crashed, String(Math.max(0, acknowledged - 3)), run], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const goal = acknowledged + 1 + ((round * 7) % 11)
    for await (const line of createInterface({ input: writing.stdout })) {
      if (line.startsWith('stored ')) acknowledged = Math.max(acknowledged, Number(line.slice(7)))
      if (acknowledged >= goal) writing.kill('SIGKILL')
    }
  }
  // Looked at by a process of its own: this one has its folder already.
  const look = `
    import { openEventStore } from ${JSON.stringify(new URL('./open-event-store.ts', import.meta.url).href)}
    import { connectEmbedded } from ${JSON.stringify(new URL('./connection.ts', import.meta.url).href)}
    const connection = await connectEmbedded(${JSON.stringify(crashed)})
    const rows = await connection.select('SELECT sequence, count() AS n, uniqExact(id) AS ids FROM vedette.events GROUP BY sequence ORDER BY sequence')
    process.stdout.write(JSON.stringify(rows.map((r) => [Number(r.sequence), Number(r.n), Number(r.ids)])))
    await connection[Symbol.asyncDispose]()`
  const looking = spawn(process.execPath, ['--input-type=module', '--eval', look], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  for await (const chunk of looking.stdout) text += String(chunk)
  const rows = JSON.parse(text) as [number, number, number][]
  expect(rows.length).toBeGreaterThan(acknowledged)
  expect(rows.map(([sequence]) => sequence)).toEqual(rows.map((_, index) => index))
  expect(rows.filter(([, count, ids]) => count !== 20 || ids !== 20)).toEqual([])
  rmSync(crashed, { recursive: true })
})
