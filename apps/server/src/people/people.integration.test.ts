import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { systemClock } from '@vedette/base'
import { Keyring, masterKeySource, readSealedFile } from '@vedette/store/keys'
import { SignJWT } from 'jose'
import { TOTP } from 'otpauth'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { tokenHash } from '../access/token.ts'
import { type Answer, codesOf } from '../testing/caller.ts'
import { MovedClock } from '../testing/test-clock.ts'
import { openTestServer, PASSWORD, type TestServer } from '../testing/test-server.ts'

const OTHER_PASSWORD = 'a loud evening in the hills'

let server: TestServer
const clock = new MovedClock()

beforeAll(async () => {
  server = await openTestServer({ clock })
  await post('/auth/setup', { token: server.setupToken, name: 'anna', password: PASSWORD })
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => clock.forward(600_000))

interface Reply {
  readonly status: number
  readonly cookie: string
  readonly body: Record<string, never> & { error?: { code: string } }
}

async function post(path: string, body: object, headers: Record<string, string> = {}): Promise<Reply> {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url, ...headers },
    body: JSON.stringify(body),
  })
  return {
    status: response.status,
    cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '',
    body: (await response.json()) as Reply['body'],
  }
}

async function get(path: string, headers: Record<string, string>): Promise<Reply['body']> {
  return (await (await fetch(server.url + path, { headers })).json()) as Reply['body']
}

async function ask(query: string, headers?: Record<string, string>): Promise<Answer> {
  const as = headers ?? { authorization: `Bearer ${server.cliToken}` }
  return (await post('/graphql', { query }, as)).body as Answer
}

async function data<T>(query: string, headers?: Record<string, string>): Promise<T> {
  const answer = await ask(query, headers)
  if (answer.errors) throw new Error(JSON.stringify(answer.errors))
  return answer.data as T
}

const signIn = (name: string, password: string, more: object = {}) =>
  post('/auth/sign-in', { name, password, ...more })

/** Makes somebody with a password of their own. */
async function someone(name: string, role: string): Promise<string> {
  const made = await data<{ addUser: { password: string } }>(
    `mutation { addUser(name: "${name}", role: "${role}") { password } }`,
  )
  const { cookie } = await signIn(name, made.addUser.password, { new_password: OTHER_PASSWORD })
  return cookie
}

const lastRecords = async (count: number) => {
  const records = []
  for await (const { action, outcome } of server.running.services.auditLog.records()) {
    records.push(`${action} ${outcome}`)
  }
  return records.slice(-count)
}

describe('users', () => {
  test('get a password that is told once and replaced at the first sign-in', async () => {
    const { addUser: made } = await data<{ addUser: { password: string; account: object } }>(
      'mutation { addUser(name: "bea", role: "analyst") { password account { name must_change roles { role } } } }',
    )
    expect(made.account).toEqual({ name: 'bea', must_change: true, roles: [{ role: 'analyst' }] })
    expect(await lastRecords(2)).toEqual(['user.add intended', 'user.add done'])
    expect(await signIn('bea', made.password)).toMatchObject({
      status: 403,
      body: { error: { code: 'password-expired' } },
    })
    expect((await signIn('bea', made.password, { new_password: 'short' })).status).toBe(422)
    expect((await signIn('bea', made.password, { new_password: made.password })).status).toBe(422)
    expect((await signIn('bea', made.password, { new_password: OTHER_PASSWORD })).status).toBe(200)
    expect((await signIn('bea', made.password)).status).toBe(401)
    expect((await signIn('bea', OTHER_PASSWORD)).status).toBe(200)
  })

  test('have the role that they have now, and none once they are shut out', async () => {
    const cookie = await someone('carl', 'viewer')
    const acknowledge = 'mutation { acknowledgeAlert(id: "x") { id } }'
    expect(codesOf(await ask(acknowledge, { cookie }))).toEqual(['forbidden'])
    await data('mutation { setUserRole(name: "carl", role: "analyst") { id } }')
    expect(codesOf(await ask(acknowledge, { cookie }))).toEqual(['not-found'])
    await data('mutation { disableUser(name: "carl") { disabled } }')
    expect(codesOf(await ask(acknowledge, { cookie }))).toEqual(['unauthenticated'])
    expect((await signIn('carl', OTHER_PASSWORD)).body.error?.code).toBe('sign-in-refused')
    await data('mutation { enableUser(name: "carl") { disabled } }')
    expect((await signIn('carl', OTHER_PASSWORD)).status).toBe(200)
    await data('mutation { removeUser(name: "carl") { id } }')
    expect((await signIn('carl', OTHER_PASSWORD)).status).toBe(401)
  })

  test.each([
    'removeUser(name: "anna") { id }',
    'disableUser(name: "anna") { id }',
    'setUserRole(name: "anna", role: "viewer") { id }',
    'setUserRole(name: "anna") { id }',
  ])('the last admin stays: %s', async (mutation) => {
    expect(codesOf(await ask(`mutation { ${mutation} }`))).toEqual(['last-admin'])
    expect((await signIn('anna', PASSWORD)).status).toBe(200)
  })

  test.each([
    ['addUser(name: "ANNA", role: "viewer") { password }', 'name-taken'],
    ['addUser(name: "cli", role: "viewer") { password }', 'name-refused'],
    ['addUser(name: "a\\nb", role: "viewer") { password }', 'name-refused'],
    ['addUser(name: "dora", role: "root") { password }', 'bad-input'],
    ['addUser(name: "dora", role: "viewer", tenant: "nowhere") { password }', 'not-found'],
    ['resetUser(name: "nobody") { password }', 'not-found'],
  ])('%s is refused: %s', async (mutation, code) => {
    expect(codesOf(await ask(`mutation { ${mutation} }`))).toEqual([code])
  })

  test('without an audit record nothing is done', async () => {
    const { auditLog } = server.running.services
    const append = auditLog.append.bind(auditLog)
    auditLog.append = () => Promise.reject(new Error('the disk is full'))
    try {
      expect(codesOf(await ask('mutation { addUser(name: "eva", role: "viewer") { password } }'))).toEqual([
        'audit-failed',
      ])
    } finally {
      auditLog.append = append
    }
    expect(JSON.stringify(await data('{ accounts { name } }'))).not.toContain('eva')
  })
})

describe('tenants', () => {
  test('have their own, and people a role in each', async () => {
    const { addTenant } = await data<{ addTenant: { id: string } }>(
      'mutation { addTenant(name: "Harbour") { id } }',
    )
    expect(codesOf(await ask('mutation { addTenant(name: "harbour") { id } }'))).toEqual(['name-taken'])
    const cookie = await someone('fred', 'viewer')
    await data('mutation { setUserRole(name: "fred", role: "admin", tenant: "harbour") { id } }')
    const account = await get('/auth/account', { cookie })
    expect(account['tenants']).toMatchObject([
      { name: 'first', role: 'viewer', current: true },
      { name: 'Harbour', role: 'admin', current: false },
    ])
    expect(
      (await post('/auth/tenant', { tenant: '00000000-0000-4000-8000-00000000beef' }, { cookie })).status,
    ).toBe(404)
    expect((await post('/auth/tenant', { tenant: addTenant.id }, { cookie })).status).toBe(200)
    const create = 'mutation { createIncident(title: "t", description: "d", severity: "low") { id } }'
    const { createIncident } = await data<{ createIncident: { id: string } }>(create, { cookie })
    const seen = (await ask(`{ incident(id: "${createIncident.id}") { id } }`)).data
    expect(seen).toEqual({ incident: null })
    // An admin of one tenant is none of the organisation.
    for (const act of ['{ accounts { name } }', 'mutation { addTenant(name: "x1") { id } }']) {
      expect(codesOf(await ask(act, { cookie }))).toEqual(['forbidden'])
    }
  })
})

describe('keys', () => {
  const make = async (more: string, name = 'ci') =>
    (
      await data<{ createApiKey: { token: string; key: { id: string } } }>(
        `mutation { createApiKey(name: "${name}", ${more}) { token key { id } } }`,
      )
    ).createApiKey

  test('do what they are for, are kept as a hash, note their use, and end', async () => {
    const soon = new Date(clock.now() + 3_600_000).toISOString()
    const { token } = await make(`role: "analyst", operations: ["Query.me"], expires_at: "${soon}"`)
    expect(token).toMatch(/^vdt_[\w-]{43}$/)
    const as = { authorization: `Bearer ${token}` }
    expect(await data('{ me { name role } }', as)).toEqual({ me: { name: 'cli/ci', role: 'analyst' } })
    expect(codesOf(await ask('{ accounts { name } }', as))).toEqual(['forbidden'])
    expect(codesOf(await ask('{ hosts { id } }', as))).toEqual(['forbidden'])
    const listed = async () =>
      (
        await data<{ api_keys: { name: string; last_used_at: string | null }[] }>(
          '{ api_keys { name last_used_at } }',
        )
      ).api_keys
    await expect.poll(listed).toEqual([{ name: 'ci', last_used_at: expect.any(String) }])
    expect(await server.running.services.state.credentials.apiToken(token, clock.now())).toBeUndefined()
    clock.forward(3_600_000)
    expect(codesOf(await ask('{ me { name } }', as))).toEqual(['unauthenticated'])
  })

  test('are taken back at once', async () => {
    const { token } = await make('role: "viewer"', 'gone')
    await data('mutation { revokeApiKey(key: "gone") { id } }')
    expect(codesOf(await ask('{ me { name } }', { authorization: `Bearer ${token}` }))).toEqual([
      'unauthenticated',
    ])
  })

  test.each([
    ['operations: ["Query.nothing"]', 'bad-input'],
    ['expires_at: "2020-01-01T00:00:00.000Z"', 'bad-input'],
    ['expires_at: "2040-01-01T00:00:00.000Z"', 'bad-input'],
    ['tenant: "nowhere"', 'not-found'],
  ])('with %s are refused', async (more, code) => {
    expect(
      codesOf(await ask(`mutation { createApiKey(name: "k", role: "viewer", ${more}) { token } }`)),
    ).toEqual([code])
  })
})

describe('sessions', () => {
  const socketOf = async (cookie: string) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers: { cookie, origin: server.url },
    })
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(JSON.stringify({ type: 'connection_init' }))
    await new Promise((resolve) => socket.once('message', resolve))
    return { socket, closed }
  }

  test('are listed, and ended one by one, for HTTP and open sockets within a second', async () => {
    const first = await someone('gina', 'viewer')
    const second = (await signIn('gina', OTHER_PASSWORD)).cookie
    const { sessions } = (await get('/auth/account', { cookie: first })) as unknown as {
      sessions: { id: string; current: boolean; address: string }[]
    }
    expect(sessions.filter(({ current }) => current)).toHaveLength(1)
    expect(sessions).toHaveLength(2)
    const other = sessions.find(({ current }) => !current)
    const { closed } = await socketOf(second)
    const start = performance.now()
    await data(`mutation { endSessions(name: "gina", session: "${other?.id}") }`)
    expect(await closed).toBe(4401)
    expect(codesOf(await ask('{ me { name } }', { cookie: second }))).toEqual(['unauthenticated'])
    expect(performance.now() - start).toBeLessThan(1000)
    expect((await ask('{ me { name } }', { cookie: first })).data).toEqual({ me: { name: 'gina' } })
  })

  test('a new password ends all others', async () => {
    const first = await someone('hugo', 'viewer')
    const { cookie } = await signIn('hugo', OTHER_PASSWORD)
    const { closed } = await socketOf(first)
    const change = { password: OTHER_PASSWORD, new_password: PASSWORD }
    expect((await post('/auth/password', { ...change, password: 'wrong' }, { cookie })).status).toBe(401)
    expect((await post('/auth/password', change, { cookie })).body).toEqual({ sessions_ended: 1 })
    expect(await closed).toBe(4401)
    expect(codesOf(await ask('{ me { name } }', { cookie: first }))).toEqual(['unauthenticated'])
  })
})

describe('a second factor', () => {
  const code = (secret: string) => new TOTP({ secret }).generate({ timestamp: clock.now() })

  test('is asked for once it was confirmed, counts once, and has codes for when it is lost', async () => {
    const cookie = await someone('ines', 'viewer')
    const own = { password: OTHER_PASSWORD }
    expect((await post('/auth/second-factor/begin', { password: 'wrong' }, { cookie })).status).toBe(401)
    const { secret } = (await post('/auth/second-factor/begin', own, { cookie })).body as unknown as {
      secret: string
    }
    expect((await signIn('ines', OTHER_PASSWORD)).status).toBe(200)
    expect((await post('/auth/second-factor/confirm', { code: '000000' }, { cookie })).status).toBe(401)
    const { recovery_codes: codes } = (
      await post('/auth/second-factor/confirm', { code: code(secret) }, { cookie })
    ).body as unknown as { recovery_codes: string[] }

    expect((await signIn('ines', OTHER_PASSWORD)).body.error?.code).toBe('second-factor-needed')
    expect((await signIn('ines', 'wrong')).body.error?.code).toBe('sign-in-refused')
    // The code with which it was confirmed was used by that.
    expect((await signIn('ines', OTHER_PASSWORD, { code: code(secret) })).status).toBe(401)
    clock.forward(60_000)
    const now = code(secret)
    const both = await Promise.all([1, 2].map(() => signIn('ines', OTHER_PASSWORD, { code: now })))
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401])

    expect((await signIn('ines', OTHER_PASSWORD, { code: codes[0] })).status).toBe(200)
    expect((await signIn('ines', OTHER_PASSWORD, { code: codes[0] })).body.error?.code).toBe(
      'second-factor-refused',
    )
    clock.forward(600_000)
    expect((await post('/auth/second-factor/begin', own, { cookie })).status).toBe(400)
    const remove = { ...own, code: codes[1] }
    expect((await post('/auth/second-factor/remove', remove, { cookie })).status).toBe(200)
    expect((await signIn('ines', OTHER_PASSWORD)).status).toBe(200)
  })

  test('cannot be guessed: tries are slowed down by account', async () => {
    const cookie = await someone('jan', 'viewer')
    const { body } = await post('/auth/second-factor/begin', { password: OTHER_PASSWORD }, { cookie })
    await post('/auth/second-factor/confirm', { code: code(body['secret'] ?? '') }, { cookie })
    const codes = []
    for (let guess = 0; guess < 50; guess += 1) {
      clock.forward(6000)
      codes.push((await signIn('jan', OTHER_PASSWORD, { code: '123456' })).body.error?.code)
    }
    expect(codes).toContain('rate-limited')
  })
})

describe('service tokens', () => {
  let key: string
  let token: string
  let issuer: string

  beforeAll(async () => {
    key = (
      await data<{ createApiKey: { token: string } }>(
        'mutation { createApiKey(name: "service", role: "analyst") { token } }',
      )
    ).createApiKey.token
  })
  beforeEach(async () => {
    const { body } = await post('/auth/token', {}, { authorization: `Bearer ${key}` })
    token = body['access_token'] ?? ''
    issuer = (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { iss: string })
      .iss
  })

  const me = (text: string) => ask('{ me { role } }', { authorization: `Bearer ${text}` })
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = (more: object = {}) => {
    const now = Math.floor(clock.now() / 1000)
    return {
      iss: issuer,
      aud: 'vedette-api',
      sub: 'x',
      key: tokenHash(key),
      iat: now,
      exp: now + 600,
      ...more,
    }
  }
  const pem = () => {
    const ring = Keyring.open({
      folder: join(server.home, 'keys'),
      master: masterKeySource(server.home),
      clock: systemClock,
    })
    return readSealedFile(ring, join(server.home, 'service-key.pem')) ?? ''
  }
  const signed = async (payload: object, typ = 'at+jwt') => {
    const { createPrivateKey } = await import('node:crypto')
    return new SignJWT({ ...payload }).setProtectedHeader({ alg: 'EdDSA', typ }).sign(createPrivateKey(pem()))
  }

  test('stand for their key for a quarter of an hour, and end with it', async () => {
    expect((await me(token)).data).toEqual({ me: { role: 'analyst' } })
    expect((await me(await signed(claims()))).data).toEqual({ me: { role: 'analyst' } })
    const again = await post('/auth/token', {}, { authorization: `Bearer ${token}` })
    expect(again.body.error?.code).toBe('wrong-credential')
    clock.forward(15 * 60_000)
    expect(codesOf(await me(token))).toEqual(['unauthenticated'])
  })

  test.each([
    ['of another audience', { aud: 'other' }],
    ['of another issuer', { iss: 'urn:vedette:other' }],
    ['that is over', { exp: 1_000_000 }],
    ['without an end', { exp: undefined }],
    ['that lasts a year', { iat: 1_000_000_000 }],
    ['of no key', { key: 'f'.repeat(64) }],
    ['of a key that is none', { key: 7 }],
  ])('one %s is refused', async (_name, change) => {
    expect(codesOf(await me(await signed(claims(change))))).toEqual(['unauthenticated'])
  })

  test('no other algorithm, key or kind of token is taken', async () => {
    const payload = part(claims())
    const none = `${part({ alg: 'none', typ: 'at+jwt' })}.${payload}.`
    const head = part({ alg: 'HS256', typ: 'at+jwt' })
    const publicPem = createPublicKey(pem()).export({ type: 'spki', format: 'pem' })
    const confused = createHmac('sha256', publicPem).update(`${head}.${payload}`).digest('base64url')
    const { privateKey } = generateKeyPairSync('ed25519')
    const stranger = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
      .sign(privateKey)
    const changed = `${token.split('.')[0]}.${payload}.${token.split('.')[2]}`
    const wrong = [
      none,
      `${none}AAAA`,
      `${head}.${payload}.${confused}`,
      stranger,
      changed,
      await signed(claims(), 'JWT'),
    ]
    for (const text of wrong) expect(codesOf(await me(text)), text).toEqual(['unauthenticated'])
  })

  test('are of no use once their key was taken back', async () => {
    await data('mutation { revokeApiKey(key: "service") { id } }')
    expect(codesOf(await me(token))).toEqual(['unauthenticated'])
  })
})
