import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import { DEFAULT_TENANT, feedSettingsSchema, type TenantId } from '@vedette/model'
import type { Role } from '@vedette/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newToken, tokenHash } from '../access/token.ts'
import { type ServerSettingsLine, serverSettingsSchema } from '../settings.ts'
import { type RunningServer, startServer } from '../start.ts'
import { newFolder, newSecrets, nobody, settingsLine } from '../testing/test-server.ts'

const folder = newFolder()
const secrets = newSecrets()
const base = settingsLine(folder, secrets)
const home = base.home
const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const other = 'other' as TenantId
let server: RunningServer

const start = (masterKey?: ServerSettingsLine['secrets']['masterKey']) => {
  const line = { ...base, secrets: { ...base.secrets, ...(masterKey && { masterKey }) } }
  const stateUser = nobody()
  return startServer(serverSettingsSchema.parse(line), {
    clock: systemClock,
    log: silentLogger,
    ...(stateUser && { stateUser }),
  })
}

beforeAll(async () => {
  // As an older Vedette left it.
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'service-key.pem'), pem, { mode: 0o600 })
  server = await start()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function call(path: string, token: string, body?: object) {
  const response = await fetch(`${server.url}${path}`, {
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, never> }
}

async function tokenOf(role: Role, organisation: TenantId = DEFAULT_TENANT): Promise<string> {
  const token = newToken()
  const named = { id: `${role}-${organisation}`, name: `${role}-${organisation}`, role, organisation }
  await server.services.state.of(organisation).apiTokens.put(tokenHash(token), named, Date.now())
  return token
}

/** Every file of the home, with the hash of what is in it. */
function hashes(): Record<string, string> {
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path, createHash('sha256').update(readFileSync(path)).digest('hex')]
    }),
  )
}

const feed = (n: number) =>
  feedSettingsSchema.parse({ name: `f${n}`, url: 'https://feeds.example.org', authorization: `Bearer ${n}` })

test('the key that lay in the clear is sealed by the first start, and stays the same', () => {
  expect(readFileSync(join(home, 'service-key.pem'), 'utf8')).toMatch(/^sealed:1:[0-9a-f]{16}:/)
  expect(statSync(join(home, 'service-key.pem')).mode & 0o777).toBe(0o600)
  expect(statSync(join(home, 'keys')).mode & 0o777).toBe(0o700)
  for (const [path] of Object.entries(hashes())) {
    expect(readFileSync(path).includes(pem.split('\n')[1] ?? '')).toBe(false)
  }
})

test('new keys are made and put to use while everything goes on, and it is written down', async () => {
  const { state, keys, auditLog } = server.services
  for (const tenant of [DEFAULT_TENANT, other]) {
    for (let n = 0; n < 120; n += 1) await state.of(tenant).feeds.put(feed(n), false, Date.now())
  }
  await state.of(DEFAULT_TENANT).tenants.create({ id: other, name: 'other' }, Date.now())
  const before = await call('/api/keys', secrets.cliToken)
  expect(before).toMatchObject({ status: 200, body: { master: { from: 'generated' }, pending: 0 } })
  const service = readFileSync(join(home, 'service-key.pem'), 'utf8')

  const made = await call('/api/keys/rotate', secrets.cliToken, { what: 'data' })
  expect(made).toEqual({ status: 200, body: { made: 3, kept: null } })
  await keys.settled()
  const after = await call('/api/keys', secrets.cliToken)
  expect(after.body).toMatchObject({ pending: 0, master: before.body['master'] })
  const ids = (body: Record<string, unknown>) => (body['keys'] as { id: string }[]).map(({ id }) => id)
  expect(ids(after.body).filter((id) => ids(before.body).includes(id))).toEqual([])
  expect(readFileSync(join(home, 'service-key.pem'), 'utf8')).not.toBe(service)
  for (const tenant of [DEFAULT_TENANT, other]) {
    const read = await state.of(tenant).feeds.list()
    expect(new Set(read.map(({ settings }) => settings.authorization))).toEqual(
      new Set(Array.from({ length: 120 }, (_, n) => `Bearer ${n}`)),
    )
  }

  const master = await call('/api/keys/rotate', secrets.cliToken, { what: 'master' })
  expect(master.body['kept']).toMatch(/keys\/master-[0-9a-f]{16}\.key$/)
  expect(ids((await call('/api/keys', secrets.cliToken)).body)).toEqual(ids(after.body))
  const records: string[] = []
  for await (const { actor, action, target, outcome } of auditLog.records()) {
    if (action === 'keys.rotate') records.push(`${actor} ${target} ${outcome}`)
  }
  expect(records).toEqual(
    ['data', 'master'].flatMap((what) => [`cli ${what} keys intended`, `cli ${what} keys done`]),
  )
})

test.each([
  ['an engineer', 'engineer', DEFAULT_TENANT, 403, 403],
  ['an auditor', 'auditor', DEFAULT_TENANT, 200, 403],
  ['an admin of another organisation', 'admin', other, 403, 403],
] as const)('%s is let do what is theirs', async (_, role, organisation, reads, rotates) => {
  const token = await tokenOf(role, organisation)
  expect((await call('/api/keys', token)).status).toBe(reads)
  expect((await call('/api/keys/rotate', token, {})).status).toBe(rotates)
})

test('a wrong master key starts nothing and changes nothing, byte for byte; the right one goes on', async () => {
  await server[Symbol.asyncDispose]()
  const before = hashes()
  expect(Object.keys(before).length).toBeGreaterThan(100)
  for (const wrong of [
    { from: 'key', key: 'ab'.repeat(32) },
    { from: 'passphrase', passphrase: 'a quiet morning by the sea' },
  ] as const) {
    await expect(start(wrong)).rejects.toMatchObject({ code: 'master-key-wrong' })
  }
  const file = join(home, 'keys', 'master.key')
  const right = readFileSync(file)
  rmSync(file)
  await expect(start()).rejects.toMatchObject({ code: 'master-key-missing' })
  writeFileSync(file, `${'ab'.repeat(32)}\n`, { mode: 0o600 })
  await expect(start()).rejects.toMatchObject({ code: 'master-key-wrong' })
  writeFileSync(file, right, { mode: 0o600 })
  expect(hashes()).toEqual(before)
  server = await start()
  const { settings } = (await server.services.state.of(other).feeds.get('f7')) ?? {}
  expect(settings?.authorization).toBe('Bearer 7')
})
