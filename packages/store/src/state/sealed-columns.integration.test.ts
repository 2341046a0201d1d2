import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Secret, silentLogger, systemClock } from '@vedette/base'
import { feedSettingsSchema, type TenantId } from '@vedette/model'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Keyring } from '../keys/keyring.ts'
import type { MasterKeySource } from '../keys/master-key.ts'
import { NOON } from '../testing/sample-events.ts'
import { newHome, unprivileged } from '../testing/unprivileged.ts'
import { openStateAdministration } from './administration.ts'
import { openStateStore } from './open-state-store.ts'
import { DATABASE } from './owner.ts'
import { openPool } from './pool.ts'
import type { StateStore } from './state-store.ts'

const home = newHome('vedette-sealed-')
const folder = join(home, 'pg')
const [ours, theirs] = ['ours' as TenantId, 'theirs' as TenantId]
const ONE_TIME = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const BEARER = 'Bearer a-feed-that-costs-money'
const CLIENT = 'a-client-secret-of-a-provider'
const feed = feedSettingsSchema.parse({
  name: 'paid',
  url: 'https://feeds.example.org/list?token=in-the-address',
  authorization: BEARER,
})

const given = (digit: string): MasterKeySource => ({ from: 'key', key: new Secret(digit.repeat(64)) })
const keyring = (master = given('a'), name = 'keys') =>
  Keyring.open({ folder: join(home, name), master, clock: systemClock })
const open = (keys = keyring()) => openStateStore({ folder, log: silentLogger, keys, ...unprivileged() })
const administer = (keys = keyring()) =>
  openStateAdministration({ folder, log: silentLogger, keys, ...unprivileged() })

/** What stands in a database that is in use, past all policies. */
async function asSuperuser(statement: string): Promise<Record<string, unknown>[]> {
  const config = { host: join(folder, 'run'), user: 'postgres', database: DATABASE, max: 1 }
  const db = openPool({ config, log: silentLogger })
  try {
    return (await sql.raw<Record<string, unknown>>(statement).execute(db)).rows
  } finally {
    await db.destroy()
  }
}

async function fill(store: StateStore): Promise<void> {
  for (const tenant of [ours, theirs]) {
    const state = store.of(tenant)
    for (const id of ['ann', 'bob']) {
      await state.accounts.create({ id, name: id, passwordHash: 'x', role: 'admin' }, NOON)
      expect(await state.secondFactors.begin(id, ONE_TIME, NOON)).toBe(true)
    }
    await state.feeds.put(feed, false, NOON)
    const provider = { id: 'p', name: 'P', issuer: 'https://p.example.org', clientId: 'c', roleClaim: 'r' }
    await state.identityProviders.put({ ...provider, clientSecret: CLIENT, roleMap: [] }, NOON)
  }
}

async function expectAll(store: StateStore, tenant: TenantId): Promise<void> {
  const state = store.of(tenant)
  expect((await state.secondFactors.get('ann'))?.secret).toBe(ONE_TIME)
  expect((await state.feeds.get('paid'))?.settings).toEqual(feed)
  expect((await state.feeds.list()).map(({ settings }) => settings)).toEqual([feed])
  expect((await state.identityProviders.list()).map(({ clientSecret }) => clientSecret)).toEqual([CLIENT])
}

async function text(lines: AsyncIterable<string>): Promise<string> {
  let all = ''
  for await (const line of lines) all += `${line}\n`
  return all
}

/** Every file below a folder and the hash of what is in it. */
function hashes(of: string): Record<string, string> {
  const files = readdirSync(of, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path, createHash('sha256').update(readFileSync(path)).digest('hex')]
    }),
  )
}

beforeAll(async () => {
  await using store = await open()
  await fill(store)
})
afterAll(() => rmSync(home, { recursive: true }))

describe('columns with secrets', () => {
  test('show nothing of them to who reads the database, or the disk below it', async () => {
    {
      await using store = await open()
      await expectAll(store, ours)
      const rows = [
        ...(await asSuperuser('SELECT secret AS value FROM second_factors')),
        ...(await asSuperuser('SELECT settings AS value FROM feeds')),
        ...(await asSuperuser('SELECT client_secret AS value FROM identity_providers')),
      ]
      expect(rows).toHaveLength(8)
      for (const { value } of rows) expect(value).toMatch(/^sealed:1:[0-9a-f]{16}:[\w-]+$/)
    }
    const files = Object.keys(hashes(folder))
    expect(files.length).toBeGreaterThan(100)
    const found = [ONE_TIME, BEARER, CLIENT, 'in-the-address'].filter((secret) =>
      files.some((file) => readFileSync(file).includes(secret)),
    )
    expect(found).toEqual([])
  })

  test('take nothing that is not sealed', async () => {
    await using _ = await open()
    const refused = [
      `UPDATE second_factors SET secret = 'plain'`,
      `UPDATE feeds SET settings = '{"name": "paid"}'`,
      `UPDATE identity_providers SET client_secret = 'plain'`,
    ]
    for (const statement of refused) await expect(asSuperuser(statement)).rejects.toThrow(/_sealed/)
  })

  test('give a value to its own row and tenant alone', async () => {
    await using store = await open()
    const exchange = (from: string, to: string) =>
      asSuperuser(
        `UPDATE second_factors t SET secret = f.secret FROM second_factors f WHERE ${from} AND ${to}`,
      )
    const before = await asSuperuser('SELECT tenant, account, secret FROM second_factors')
    const ann = `t.tenant = 'ours' AND t.account = 'ann'`
    await exchange(`f.tenant = 'ours' AND f.account = 'bob'`, ann)
    await expect(store.of(ours).secondFactors.get('ann')).rejects.toMatchObject({ code: 'sealed-altered' })
    await exchange(`f.tenant = 'theirs' AND f.account = 'ann'`, ann)
    await expect(store.of(ours).secondFactors.get('ann')).rejects.toMatchObject({ code: 'key-lost' })
    const own = before.find(({ tenant, account }) => tenant === 'ours' && account === 'ann')
    await asSuperuser(`UPDATE second_factors t SET secret = '${String(own?.['secret'])}' WHERE ${ann}`)
    await expectAll(store, ours)
  })

  test('are sealed anew while others write, and nothing is lost', async () => {
    const keys = keyring()
    await using store = await open(keys)
    const state = store.of(ours)
    for (let n = 0; n < 60; n += 1) await state.feeds.put({ ...feed, name: `f${n}` }, false, NOON)
    const old = keys.idOf('state', 'ours') ?? ''
    keys.rotate()
    expect(await state.secrets.pending()).toBe(64)
    // What each writer said last of its feed.
    const said = new Map<string, string>()
    const stop = new AbortController()
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let turn = 0; !stop.signal.aborted; turn += 1) {
        const name = `f${writer * 15 + (turn % 15)}`
        const authorization = `Bearer ${writer}-${turn}`
        await state.feeds.put({ ...feed, name, authorization }, false, NOON)
        said.set(name, authorization)
      }
    })
    let resealed = 0
    for await (const batch of state.secrets.reseal(7)) {
      expect(batch.resealed).toBeLessThanOrEqual(7)
      expect(batch.broken).toEqual([])
      resealed += batch.resealed
      // So that there are writes between two batches.
      const before = said.size
      await expect.poll(() => said.size > before || said.size === 60).toBe(true)
    }
    stop.abort()
    await Promise.all(writers)
    expect(resealed).toBeGreaterThan(0)
    expect(await state.secrets.pending()).toBe(0)
    for (const { settings } of await state.feeds.list()) {
      expect(settings.authorization).toBe(said.get(settings.name) ?? BEARER)
    }
    const rows = await asSuperuser(`SELECT settings AS value FROM feeds WHERE tenant = 'ours'`)
    expect(rows.filter(({ value }) => String(value).includes(old))).toEqual([])
    await expectAllBut(store)
    // The other tenant's have a new key too, and are read with the old one until then.
    await expectAll(store, theirs)
  })

  async function expectAllBut(store: StateStore): Promise<void> {
    expect((await store.of(ours).secondFactors.get('ann'))?.secret).toBe(ONE_TIME)
    for (let n = 0; n < 60; n += 1) await store.of(ours).feeds.remove(`f${n}`)
    await expectAll(store, ours)
  }

  test('that were altered are told by a rotation, and stay as they are', async () => {
    const keys = keyring()
    await using store = await open(keys)
    const where = `WHERE tenant = 'ours' AND account = 'bob'`
    const [own] = await asSuperuser(`SELECT secret FROM second_factors ${where}`)
    const altered = String(own?.['secret']).replace(/.{9}$/, 'AAAAAAAAA')
    await asSuperuser(`UPDATE second_factors SET secret = '${altered}' ${where}`)
    keys.rotate()
    const broken: string[] = []
    for await (const batch of store.of(ours).secrets.reseal(1)) broken.push(...batch.broken)
    expect(broken).toEqual(['second_factors.secret of bob'])
    expect(await store.of(ours).secrets.pending()).toBe(1)
    expect(await asSuperuser(`SELECT secret FROM second_factors ${where}`)).toEqual([{ secret: altered }])
    await asSuperuser(`UPDATE second_factors SET secret = '${String(own?.['secret'])}' ${where}`)
    for await (const batch of store.of(ours).secrets.reseal(1)) expect(batch.broken).toEqual([])
    await expectAll(store, ours)
  })
})

describe('what stood there in the clear', () => {
  test('is sealed on the way up and as it was on the way down', async () => {
    await using administration = await administer()
    await administration.migrate('0011-suppressed')
    const plain = await text(administration.dump())
    for (const secret of [ONE_TIME, BEARER, CLIENT])
      expect(plain.split(secret)).toHaveLength(secret === ONE_TIME ? 5 : 3)
    await administration.migrate('0012-keys')
    const sealed = await text(administration.dump())
    for (const secret of [ONE_TIME, BEARER, CLIENT]) expect(sealed).not.toContain(secret)
    const { problems } = await administration.rehearse()
    expect(problems).toEqual([])
    await administration.migrate('0011-suppressed')
    expect((await text(administration.dump())).split(ONE_TIME)).toHaveLength(5)
  })

  test('is sealed by the first start', async () => {
    await using store = await open()
    await expectAll(store, ours)
    await expectAll(store, theirs)
  })
})

describe('keys that are not the right ones', () => {
  test('a wrong master key is refused, and the database stays as it is, byte for byte', async () => {
    const before = hashes(home)
    for (const wrong of [
      given('b'),
      { from: 'passphrase', passphrase: new Secret('a quiet morning') } as const,
    ]) {
      expect(() => keyring(wrong)).toThrow(expect.objectContaining({ code: 'master-key-wrong' }))
    }
    expect(hashes(home)).toEqual(before)
  })

  test('other keys are refused, and nothing is written to the state', async () => {
    const dump = async () => {
      await using administration = await administer()
      return await text(administration.dump())
    }
    const before = await dump()
    const refused = {
      code: 'key-lost',
      message: expect.stringMatching(/sealed with key [0-9a-f]{16}/) as string,
    }
    await expect(open(keyring(given('a'), 'other-keys'))).rejects.toMatchObject(refused)
    expect(readdirSync(home)).not.toContain('other-keys')
    renameSync(join(home, 'keys'), join(home, 'keys-away'))
    await expect(open()).rejects.toMatchObject(refused)
    renameSync(join(home, 'keys-away'), join(home, 'keys'))
    expect(await dump()).toBe(before)
    await using store = await open()
    await expectAll(store, ours)
  })

  test('without any, secrets are neither kept nor read', async () => {
    await using _ = await open()
    const url = new Secret(
      `postgres://postgres@localhost/${DATABASE}?host=${encodeURIComponent(join(folder, 'run'))}`,
    )
    await using store = await openStateStore({ url, log: silentLogger, connections: 2 })
    const none = { code: 'no-keys' }
    await expect(store.of(ours).secondFactors.get('ann')).rejects.toMatchObject(none)
    await expect(store.of(ours).feeds.put(feed, false, NOON)).rejects.toMatchObject(none)
    expect((await store.of(ours).accounts.get('ann'))?.name).toBe('ann')
  })
})
