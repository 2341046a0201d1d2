import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger } from '@vedette/base'
import type { AlertId, IncidentId, TenantId } from '@vedette/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleAlert } from '../testing/sample-alert.ts'
import { launch, NOON } from '../testing/sample-events.ts'
import { startTcpPostgres, type TcpPostgres } from '../testing/tcp-postgres.ts'
import { newHome, unprivileged } from '../testing/unprivileged.ts'
import { openStateAdministration } from './administration.ts'
import { migrationNames } from './migrate.ts'
import { openStateStore } from './open-state-store.ts'
import type { StateStoreOptions } from './options.ts'

const home = newHome('vedette-admin-')
const [ours, theirs] = ['ours' as TenantId, 'theirs' as TenantId]
const last = migrationNames.at(-1) ?? ''
const odd = sampleAlert('odd', {
  tenant: ours,
  time: NOON + 0.125,
  aggregate: { 'src_endpoint.ip': '203.0.113.7', count: 50 },
  events: [launch(1, { cmdLine: 'nul \u0000, half \ud800, "quote\\\' \n {a,b} NULL' })],
})
let tcp: TcpPostgres

beforeAll(async () => {
  tcp = await startTcpPostgres(join(home, 'tcp'))
})
afterAll(async () => {
  await tcp[Symbol.asyncDispose]()
  rmSync(home, { recursive: true })
})

const embedded = (name: string): StateStoreOptions => ({
  folder: join(home, name),
  log: silentLogger,
  ...unprivileged(),
})

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all
}

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}

/** Two tenants' alerts and an incident. */
async function fill(options: StateStoreOptions): Promise<void> {
  await using store = await openStateStore(options)
  for (const [tenant, alert] of [
    [ours, odd],
    [theirs, sampleAlert('their-own', { tenant: theirs })],
  ] as const) {
    await store.of(tenant).correlation((ledger) => ledger.insertAlerts([{ alert, counted: {} }], 0))
  }
  const incident = { id: 'i1' as IncidentId, title: 't', description: '', severity: 'low' } as const
  await store.of(ours).incidents.create(incident, 'ann', NOON)
  await store.of(ours).incidents.note(incident.id, { time: NOON, actor: 'ann', action: 'noted', text: 'one' })
}

describe.each([
  ['a PostgreSQL of our own', () => embedded('own'), () => embedded('own-2')],
  [
    'a PostgreSQL server',
    (): StateStoreOptions => ({ url: tcp.url, log: silentLogger }),
    () => embedded('server-2'),
  ],
])('the administration of %s', (_, first, second) => {
  let dumped: string[] = []

  test('a dump of a store that is in use comes back as it was, elsewhere', async () => {
    await fill(first())
    {
      await using store = await openStateStore(first())
      await store.ping()
      await using administration = await openStateAdministration(first())
      expect(administration.isInUse).toBe(true)
      dumped = await collect(administration.dump())
      // The policies hold again, for the owner too.
      expect(await store.of(theirs).alerts.get('odd' as AlertId)).toBeUndefined()
      expect(await store.of(ours).alerts.get('odd' as AlertId)).toEqual(odd)
    }
    {
      await using administration = await openStateAdministration(second())
      const counts = await administration.load(each(dumped))
      expect(counts.get('alerts')).toBe(2)
      expect(await collect(administration.dump())).toEqual(dumped)
      await expect(administration.load(each(dumped))).rejects.toMatchObject({ code: 'not-empty' })
    }
    await using store = await openStateStore(second())
    expect(await store.of(ours).alerts.get('odd' as AlertId)).toEqual(odd)
    expect(await store.of(theirs).alerts.list({})).toHaveLength(1)
    // What numbers itself goes on.
    const note = { time: NOON, actor: 'bob', action: 'noted', text: 'two' } as const
    await store.of(ours).incidents.note('i1' as IncidentId, note)
    const timeline = await store.of(ours).incidents.timeline('i1' as IncidentId)
    expect(timeline.map(({ text }) => text).slice(-2)).toEqual(['one', 'two'])
  })

  test('a rehearsal goes up and down on a copy, and changes nothing', async () => {
    await using administration = await openStateAdministration(first())
    const { steps, problems } = await administration.rehearse()
    expect(problems).toEqual([])
    expect(steps[0]).toMatchObject({ name: 'copy', rows: { alerts: 2, incidents: 1 } })
    expect(steps.map(({ name }) => name)).toContain('down to none')
    expect(await collect(administration.dump())).toEqual(dumped)
  })

  test('goes down to a version and up again, and says where it is', async () => {
    await using administration = await openStateAdministration(second())
    await administration.migrate('0002-indicators')
    const applied = async () =>
      (await administration.status()).migrations.flatMap((one) => (one.isApplied ? [one.name] : []))
    expect(await applied()).toEqual(['0001-state', '0002-indicators'])
    const { steps, problems } = await administration.rehearse()
    expect(problems).toEqual([])
    expect(steps.map(({ name }) => name)).toContain('down to 0002-indicators')
    await administration.migrate(last)
    expect(await applied()).toEqual(migrationNames)
    await expect(administration.migrate('0000-nothing')).rejects.toMatchObject({ code: 'no-such-migration' })
  })

  test('a dump that was cut within a row leaves nothing behind', async () => {
    await using administration = await openStateAdministration(second())
    await administration.migrate('none')
    const cut = [...dumped.slice(0, 3), dumped[3]?.slice(0, 20) ?? '']
    await expect(administration.load(each(cut))).rejects.toMatchObject({ code: 'dump-broken' })
    await administration.load(each(dumped))
    expect(await collect(administration.dump())).toEqual(dumped)
  })
})

test('the state of a newer Vedette is refused, and left as it is', async () => {
  const newer = "INSERT INTO vedette_migrations.kysely_migration VALUES ('9999-future', '2027-01-01')"
  await tcp.asSuperuser('grown', newer)
  const refused = { code: 'state-newer', message: expect.stringContaining('9999-future') as string }
  await expect(openStateStore({ url: tcp.url, log: silentLogger })).rejects.toMatchObject(refused)
  await using administration = await openStateAdministration({ url: tcp.url, log: silentLogger })
  expect((await administration.status()).newer).toEqual(['9999-future'])
  const rows = await tcp.asSuperuser('grown', 'SELECT count(*)::int AS n FROM alerts')
  expect(rows).toEqual([{ n: 2 }])
})
