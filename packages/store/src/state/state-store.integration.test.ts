import { closeSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger } from '@vedette/base'
import type { Alert, AlertId, IncidentId, ResponseId, TenantId } from '@vedette/model'
import { type Kysely, sql } from 'kysely'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleAlert } from '../testing/sample-alert.ts'
import { agentA, launch, NOON, tenantA, tenantB } from '../testing/sample-events.ts'
import { startTcpPostgres } from '../testing/tcp-postgres.ts'
import { newHome, unprivileged } from '../testing/unprivileged.ts'
import type { Database } from './database.ts'
import { migrateState } from './migrate.ts'
import { openStateStore } from './open-state-store.ts'
import { openPool } from './pool.ts'
import type { StateStore } from './state-store.ts'

/** A store, and ways around it. */
interface Opened extends AsyncDisposable {
  readonly store: StateStore
  /** As the superuser, to whom no policy applies. */
  readonly admin: Kysely<Database>
  /** How the owner of the tables reaches them. */
  readonly owner: pg.PoolConfig
}

/** In a folder, by a PostgreSQL of our own. */
async function openFolder(home: string): Promise<Opened> {
  const store = await openStateStore({ folder: join(home, 'pg'), log: silentLogger, ...unprivileged() })
  // The store has it; who may enter its folder may connect.
  const fd = openSync(join(home, 'pg', 'run'), 'r')
  const at = { host: `/proc/self/fd/${fd}`, port: 5432, database: 'vedette' }
  const admin = openPool({ config: { ...at, user: 'postgres' }, log: silentLogger })
  return {
    store,
    admin,
    owner: { ...at, user: 'vedette_owner' },
    async [Symbol.asyncDispose]() {
      await admin.destroy()
      await store[Symbol.asyncDispose]()
      closeSync(fd)
    },
  }
}

/** On a server of somebody else's, of which we have no more than a URL with a password. */
async function openUrl(home: string): Promise<Opened> {
  const postgres = await startTcpPostgres(join(home, 'tcp'))
  const store = await openStateStore({ url: postgres.url, log: silentLogger })
  const admin = openPool({
    config: { connectionString: postgres.superuserUrl.reveal() },
    log: silentLogger,
  })
  return {
    store,
    admin,
    owner: { connectionString: postgres.url.reveal() },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      await admin.destroy()
      await postgres[Symbol.asyncDispose]()
    },
  }
}

describe.each([
  ['in a folder', openFolder],
  ['by DATABASE_URL', openUrl],
])('the state store %s', (_place, open) => {
  const home = newHome('vedette-state-')
  let opened: Opened
  let admin: Kysely<Database>
  let store: StateStore

  beforeAll(async () => {
    opened = await open(home)
    ;({ store, admin } = opened)
  })
  afterAll(async () => {
    await opened[Symbol.asyncDispose]()
    rmSync(home, { recursive: true })
  })

  /** Puts alerts in as correlation does. */
  async function keep(alerts: readonly Alert[], tenant = tenantA): Promise<void> {
    await store.of(tenant).correlation((ledger) =>
      ledger.insertAlerts(
        alerts.map((alert) => ({ alert, counted: {} })),
        0,
      ),
    )
  }

  describe('row-level security', () => {
    test('is forced on every table that the service can reach, with a policy', async () => {
      const { rows } = await sql<{ name: string; enabled: boolean; forced: boolean; policies: number }>`
      SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
        (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) AS policies
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND (has_table_privilege('vedette_service', c.oid, 'SELECT, INSERT, UPDATE, DELETE')
        OR n.nspname = 'public')`.execute(admin)
      expect(rows.length).toBeGreaterThan(10)
      expect(rows.filter((row) => !row.enabled || !row.forced || row.policies === 0)).toEqual([])
    })

    test('the service owns nothing and cannot get around it', async () => {
      const { rows } = await sql`
      SELECT rolsuper, rolbypassrls, (SELECT count(*) FROM pg_class WHERE relowner = pg_roles.oid) AS owned,
        has_schema_privilege('vedette_service', 'vedette_migrations', 'USAGE') AS migrations
      FROM pg_roles WHERE rolname = 'vedette_service'`.execute(admin)
      expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, owned: 0, migrations: false }])
    })

    test('without a tenant there are no rows to read and none can be written, for the owner neither', async () => {
      await keep([sampleAlert('rls-1')])
      for (const role of [undefined, ...(open === openUrl ? ['vedette_service'] : [])]) {
        const db = openPool({ config: opened.owner, log: silentLogger, ...(role && { role }) })
        expect(await db.selectFrom('alerts').selectAll().execute()).toEqual([])
        await expect(
          db.insertInto('incident_keys').values({ tenant: tenantA, key: 'k', incident: 'i' }).execute(),
        ).rejects.toThrow('row-level security')
        await db.destroy()
      }
    })

    test('a second tenant sees nothing of the first, whatever it asks', async () => {
      const mine = store.of(tenantA)
      await keep([sampleAlert('rls-2', { incident: 'rls-i' as IncidentId })])
      await mine.incidents.create(
        { id: 'rls-i' as IncidentId, title: 't', description: 'd', severity: 'low' },
        'ann',
        NOON,
      )
      const other = store.of(tenantB)
      expect(await other.alerts.list({})).toEqual([])
      expect(await other.alerts.get('rls-2' as AlertId)).toBeUndefined()
      expect(await other.alerts.similar('rls-2' as AlertId)).toEqual([])
      expect(await other.alerts.resolve('rls-2' as AlertId, 'benign', 'eve', NOON)).toBeUndefined()
      expect(await other.alerts.acknowledge('rls-2' as AlertId, 'eve', NOON)).toBeUndefined()
      expect(await other.incidents.close('rls-i' as IncidentId, 'mine now', 'eve', NOON)).toBeUndefined()
      expect(await other.incidents.timeline('rls-i' as IncidentId)).toEqual([])
      expect((await mine.alerts.get('rls-2' as AlertId))?.status).toBe('open')
      // The same id is free for the other tenant.
      await other.incidents.create(
        { id: 'rls-i' as IncidentId, title: 'o', description: '', severity: 'low' },
        'eve',
        NOON,
      )
      expect((await mine.incidents.get('rls-i' as IncidentId))?.title).toBe('t')
    })

    test('2,000 interleaved requests on pooled connections: none mixed up', async () => {
      const tenants = Array.from({ length: 20 }, (_, index) => `tenant-${index}` as TenantId)
      await Promise.all(tenants.map((tenant) => keep([sampleAlert(`of-${tenant}`, { tenant })], tenant)))
      const answer = async (index: number) => {
        const tenant = tenants[(index * 7) % 20] as TenantId
        const found = await store.of(tenant).alerts.list({})
        return found.map((alert) => alert.id).join() === `of-${tenant}` && found[0]?.tenant === tenant
      }
      const answers: boolean[] = []
      // Many times as many as there are connections; all at once, a busy machine would let the last wait too long for one.
      for (let from = 0; from < 2000; from += 250) {
        answers.push(...(await Promise.all(Array.from({ length: 250 }, (_, index) => answer(from + index)))))
      }
      expect(answers.every(Boolean)).toBe(true)
    })
  })

  describe('alerts', () => {
    const tenant = 'alerts' as TenantId
    const severe = ['critical', 'high', 'high', 'low'] as const
    const all = severe.map((severity, index) =>
      sampleAlert(`a${index}`, {
        tenant,
        severity,
        time: NOON + index * 60_000,
        lastSeen: NOON + index * 60_000,
      }),
    )
    const of = () => store.of(tenant).alerts
    const ids = (found: readonly Alert[]) => found.map(({ id }) => id)

    test("come back as they were, an attacker's odd text too", async () => {
      const odd = sampleAlert('odd', {
        tenant: 'odd' as TenantId,
        time: NOON + 0.125,
        aggregate: { 'src_endpoint.ip': '203.0.113.7', count: 50 },
        events: [launch(1, { cmdLine: 'nul \u0000, half \ud800, "quote\\' })],
        incident: 'i1' as IncidentId,
      })
      await keep([odd], odd.tenant)
      expect(await store.of(odd.tenant).alerts.get(odd.id)).toEqual(odd)
      const titled = sampleAlert('nul', { tenant: odd.tenant, title: 'a\u0000b' })
      await keep([titled], odd.tenant)
      expect((await store.of(odd.tenant).alerts.get(titled.id))?.title).toBe('a\ufffdb')
    })

    test('an alert whose id exists stays as it is', async () => {
      await keep(all, tenant)
      await keep([{ ...(all[0] as Alert), title: 'other', count: 99 }], tenant)
      expect(await of().get('a0' as AlertId)).toEqual(all[0])
      expect(await of().count({})).toBe(4)
    })

    test('list() gives the newest first, filtered, page by page', async () => {
      expect(ids(await of().list({}))).toEqual(['a3', 'a2', 'a1', 'a0'])
      expect(ids(await of().list({}, { limit: 2, offset: 1 }))).toEqual(['a2', 'a1'])
      expect(ids(await of().list({ severity: 'high' }))).toEqual(['a2', 'a1'])
      expect(ids(await of().list({ since: NOON + 60_000, until: NOON + 180_000 }))).toEqual(['a2', 'a1'])
      expect(ids(await of().list({ search: 'PIPED INTO' }))).toHaveLength(4)
      expect(ids(await of().list({ search: '%' }))).toEqual([])
      expect(ids(await of().list({ search: "' OR true --" }))).toEqual([])
      expect(ids(await of().list({ host: agentA, rule: 'download-to-shell', status: 'open' }))).toHaveLength(
        4,
      )
      expect(ids(await of().list({ incident: 'none' as IncidentId }))).toEqual([])
    })

    test('are counted by severity, status, host and minute', async () => {
      expect(await of().openBySeverity()).toEqual({
        informational: 0,
        low: 1,
        medium: 0,
        high: 2,
        critical: 1,
      })
      expect(await of().countByStatus()).toEqual({ open: 4, acknowledged: 0, resolved: 0 })
      expect(await of().openByHost()).toEqual(new Map([[agentA, 4]]))
      expect((await of().perMinute(NOON - 60_000, NOON + 120_000)).map((slot) => slot.alerts)).toEqual([
        0, 1, 1,
      ])
    })

    test('similar() puts those of the same rule and entity first', async () => {
      const other = sampleAlert('a9', { tenant, entity: 'account:root', time: NOON + 1e6 })
      await keep([other], tenant)
      expect(ids(await of().similar('a0' as AlertId))).toEqual(['a3', 'a2', 'a1', 'a9'])
      expect(ids(await of().similar('a0' as AlertId, 1))).toEqual(['a3'])
    })

    test('are acknowledged and resolved with a verdict', async () => {
      expect(await of().acknowledge('a1' as AlertId, 'ann', NOON)).toMatchObject({
        status: 'acknowledged',
        assignee: 'ann',
      })
      expect(await of().resolve('a1' as AlertId, 'benign', 'bob', NOON)).toMatchObject({
        status: 'resolved',
        verdict: 'benign',
        assignee: 'ann',
      })
      expect(await of().acknowledge('a1' as AlertId, 'eve', NOON)).toMatchObject({ status: 'resolved' })
      expect(await of().resolve('missing' as AlertId, 'benign', 'bob', NOON)).toBeUndefined()
      expect((await of().openBySeverity()).high).toBe(2 - 1 + 1)
    })

    test('the events of a huge one are cut to the newest', async () => {
      const long = 'x'.repeat(10_000)
      const huge = sampleAlert('huge', {
        tenant,
        events: Array.from({ length: 100 }, (_, number) => launch(number, { cmdLine: long })),
        eventCount: 5000,
      })
      await keep([huge], tenant)
      const kept = await of().get(huge.id)
      expect(kept?.eventCount).toBe(5000)
      expect(kept?.events.at(-1)).toEqual(huge.events.at(-1))
      expect(JSON.stringify(kept?.events).length).toBeLessThan(300_000)
      expect(kept?.events.length).toBeGreaterThan(20)
    })
  })

  describe('incidents', () => {
    const of = () => store.of('incidents' as TenantId).incidents
    const id = 'i1' as IncidentId

    test('keep their history', async () => {
      const made = await of().create(
        { id, title: 'Odd login', description: '', severity: 'medium' },
        'ann',
        NOON,
      )
      expect(made).toMatchObject({ status: 'open', alertCount: 0, createdAt: NOON })
      expect(await of().assign(id, 'bob', 'ann', NOON + 1)).toMatchObject({
        status: 'investigating',
        assignee: 'bob',
      })
      await of().note(id, { time: NOON + 2, actor: 'bob', action: 'noted', text: 'called the owner' })
      expect(await of().countOpen()).toBe(1)
      expect(await of().close(id, 'was the owner', 'bob', NOON + 3)).toMatchObject({
        status: 'closed',
        resolution: 'was the owner',
        closedAt: NOON + 3,
        updatedAt: NOON + 3,
      })
      expect((await of().timeline(id)).map(({ actor, action }) => `${actor} ${action}`)).toEqual([
        'ann created',
        'ann assigned',
        'bob noted',
        'bob closed',
      ])
      expect(await of().countOpen()).toBe(0)
      expect(await of().count({ status: 'closed', severity: 'medium' })).toBe(1)
      expect(await of().list({ status: 'open' })).toEqual([])
      expect(await of().assign('missing' as IncidentId, 'x', 'y', NOON)).toBeUndefined()
    })
  })

  describe('fleet', () => {
    const of = () => store.of('fleet' as TenantId)
    const report = {
      hostname: 'web-1',
      kernel: '6.1',
      version: '0.1.0',
      bootId: 'b',
      parts: [],
      blindSpots: [],
      spooled: 0,
      memoryBytes: 1,
    }

    test('a host keeps its newest report and its first time', async () => {
      await of().hosts.report(agentA, report, NOON)
      await of().hosts.report(agentA, { ...report, spooled: 7 }, NOON + 5)
      expect(await of().hosts.list()).toEqual([
        { id: agentA, report: { ...report, spooled: 7 }, firstSeen: NOON, lastSeen: NOON + 5 },
      ])
    })

    test('a response is settled by the agent that it was for, and by no other', async () => {
      const response = {
        id: 'r1' as ResponseId,
        agent: agentA,
        action: 'freeze',
        outcome: 'preview',
        summary: 'would freeze curl',
        affected: [],
        actor: 'ann',
        reason: 'looks bad',
        alert: 'a1' as AlertId,
        time: NOON,
      } as const
      await of().responses.put(response)
      const { actor: _actor, reason: _reason, alert: _alert, ...result } = response
      const done = {
        ...result,
        outcome: 'done',
        undo: 'thaw',
        leaseEnds: NOON + 60_000,
        time: NOON + 1,
      } as const
      expect(await of().responses.settle({ ...done, agent: 'other' as typeof agentA })).toBeUndefined()
      expect(await of().responses.settle(done)).toEqual({ ...response, ...done })
      expect(await of().responses.list({ alert: response.alert })).toEqual([{ ...response, ...done }])
      expect(await of().responses.list({ host: 'other' as typeof agentA })).toEqual([])
    })
  })

  describe('credentials', () => {
    const tenant = 'credentials' as TenantId
    const of = () => store.of(tenant)
    const hash = (letter: string) => letter.repeat(64)
    const ann = { id: 'u1', name: 'Ann', passwordHash: '$argon2id$x', role: 'admin' } as const

    test('the setup token makes one account, once', async () => {
      expect(await of().setup.state()).toBe('none')
      expect(await of().setup.put(hash('0'), NOON)).toBe(true)
      expect(await of().setup.put(hash('1'), NOON)).toBe(true)
      expect(await of().setup.use(hash('0'), ann, NOON)).toBeUndefined()
      const uses = await Promise.all(
        Array.from({ length: 5 }, (_, n) =>
          of().setup.use(hash('1'), { ...ann, id: `u${n}`, name: `Ann${n}` }, NOON),
        ),
      )
      expect(uses.filter((account) => account !== undefined)).toHaveLength(1)
      expect(await of().setup.state()).toBe('used')
      expect(await of().setup.put(hash('2'), NOON)).toBe(false)
      expect(await of().accounts.list()).toHaveLength(1)
    })

    test('a name is taken once, upper and lower case alike', async () => {
      await of().accounts.create({ ...ann, id: 'x', name: 'Grace' }, NOON)
      expect(await of().accounts.byName('GRACE')).toMatchObject({
        id: 'x',
        roles: [{ tenant, role: 'admin' }],
        tenant,
      })
      await expect(of().accounts.create({ ...ann, id: 'y', name: 'gracE' }, NOON)).rejects.toMatchObject({
        code: 'name-taken',
      })
    })

    test('a hash opens its own row and no other; an expired session none', async () => {
      await of().accounts.create({ ...ann, id: 's', name: 'Sam' }, NOON)
      await of().sessions.create(hash('a'), 's', NOON, NOON + 1000)
      await of().apiTokens.put(hash('b'), { id: 't', name: 'cli', role: 'viewer' }, NOON)
      await of().agents.put(hash('c'), agentA, NOON)
      const door = store.credentials
      expect(await door.session(hash('a'), NOON + 999)).toMatchObject({ tenant, account: { name: 'Sam' } })
      expect(await door.session(hash('a'), NOON + 1000)).toBeUndefined()
      expect(await door.session(hash('b'), NOON)).toBeUndefined()
      expect(await door.apiToken(hash('b'), NOON)).toMatchObject({ tenant, name: 'cli', role: 'viewer' })
      expect(await door.agent(hash('c'))).toEqual({ tenant, agent: agentA })
      expect(await door.agent(hash('a'))).toBeUndefined()
      await of().agents.put(hash('d'), agentA, NOON)
      expect(await door.agent(hash('c'))).toBeUndefined()
      expect(await store.of(tenantB).sessions.revoke(hash('a'))).toBe(false)
      expect(await of().sessions.revoke(hash('a'))).toBe(true)
      expect(await door.session(hash('a'), NOON)).toBeUndefined()
    })

    test('sessions are swept and ended by account', async () => {
      for (const letter of ['e', 'f']) await of().sessions.create(hash(letter), 's', NOON, NOON + 10)
      await of().sessions.create(hash('9'), 's', NOON, NOON + 1000)
      expect(await of().sessions.sweep(NOON + 10)).toBe(2)
      expect(await of().sessions.revokeAll('s')).toEqual([hash('9')])
    })
  })

  test('correlations of a tenant go one at a time: what one writes the next one sees', async () => {
    const of = store.of('turns' as TenantId)
    const span = { fingerprint: 'same', since: 0, until: 1e15 }
    await Promise.all(
      Array.from({ length: 12 }, (_, number) =>
        of.correlation(async (ledger) => {
          const like = await ledger.alertsLike([span])
          const alert = sampleAlert(`turn-${number}`, { fingerprint: 'same' })
          if (like.length === 0) await ledger.insertAlerts([{ alert, counted: {} }], 0)
        }),
      ),
    )
    expect(await of.alerts.count({})).toBe(1)
  })

  test('what a correlation throws undoes everything', async () => {
    const of = store.of('undone' as TenantId)
    const failing = of.correlation(async (ledger) => {
      await ledger.insertAlerts([{ alert: sampleAlert('gone'), counted: {} }], 0)
      throw new RangeError('judged badly')
    })
    await expect(failing).rejects.toThrow(RangeError)
    expect(await of.alerts.count({})).toBe(0)
  })

  test('the schema goes down and up again', async () => {
    await migrateState(admin as unknown as Kysely<unknown>, undefined, 'none')
    const count = sql<{
      n: number
    }>`SELECT count(*) AS n FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind = 'r' AND nspname = 'public'`
    expect((await count.execute(admin)).rows).toEqual([{ n: 0 }])
    await migrateState(admin as unknown as Kysely<unknown>, undefined)
    expect((await count.execute(admin)).rows[0]?.n).toBeGreaterThan(10)
    expect(await store.of(tenantA).alerts.count({})).toBe(0)
  })
})
