import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT_TENANT } from '@vedette/model'
import { MovedClock } from '../../testing/test-clock.ts'
import { openTestServer, PASSWORD, type TestServer } from '../../testing/test-server.ts'

let server: TestServer
const clock = new MovedClock()

beforeAll(async () => {
  server = await openTestServer({ clock })
})
afterAll(() => server[Symbol.asyncDispose]())

// Each test has its own minute, so that only the last one meets the limits.
beforeEach(() => clock.forward(600_000))

interface Sent {
  readonly cookie?: string
  readonly headers?: Record<string, string>
}

async function post(path: string, body: unknown, { cookie, headers }: Sent = {}) {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(cookie !== undefined && { cookie, origin: server.url }),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, never>,
  }
}

async function get(path: string, { cookie, headers }: Sent = {}) {
  const response = await fetch(`${server.url}${path}`, {
    headers: { ...(cookie !== undefined && { cookie }), ...headers },
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const cookieOf = (headers: Headers) => headers.getSetCookie()[0]?.split(';')[0] ?? ''
const lastRecords = async (count: number) => {
  const records = []
  for await (const { actor, action, outcome } of server.running.services.auditLog.records()) {
    records.push(`${actor} ${action} ${outcome}`)
  }
  return records.slice(-count)
}

describe('the first account', () => {
  test('is asked for', async () => {
    expect(server.running.setupNeeded).toBe(true)
    expect((await get('/auth/state')).body).toEqual({ setupNeeded: true })
  })

  test.each([
    ['a wrong token', { token: 'x'.repeat(43) }, 403, 'setup-refused'],
    ['a short password', { password: 'short' }, 422, 'password-refused'],
    ['a name of the house', { name: 'cli' }, 422, 'name-refused'],
    ['a name with a line break', { name: 'a\nb' }, 422, 'name-refused'],
    ['another key', { role: 'admin' }, 400, 'bad-input'],
    ['a password that is a number', { password: 123456789012 }, 400, 'bad-input'],
  ])('is refused to %s', async (_name, change, status, code) => {
    const input = { token: server.setupToken, name: 'anna', password: PASSWORD, ...change }
    expect(await post('/auth/setup', input)).toMatchObject({ status, body: { error: { code } } })
    expect((await get('/auth/state')).body).toEqual({ setupNeeded: true })
  })

  test('is made once with the token, which is of no use from then on', async () => {
    const made = await post('/auth/setup', { token: server.setupToken, name: 'anna', password: PASSWORD })
    expect(made.body).toEqual({
      setupNeeded: false,
      user: { id: expect.any(String), name: 'anna', role: 'admin', may: expect.any(Array) },
    })
    expect(await lastRecords(2)).toEqual(['anna set-up intended', 'anna set-up done'])
    const again = await post('/auth/setup', { token: server.setupToken, name: 'eve', password: PASSWORD })
    expect(again).toMatchObject({ status: 403, body: { error: { code: 'setup-refused' } } })
    expect((await get('/auth/state')).body).toEqual({ setupNeeded: false })
  })
})

describe('signing in', () => {
  const signIn = (change: object = {}, sent: Sent = {}) =>
    post('/auth/sign-in', { name: 'anna', password: PASSWORD, ...change }, sent)

  test('gives a cookie that no script reads and no other site sends', async () => {
    const { status, headers } = await signIn()
    expect(status).toBe(200)
    expect(headers.getSetCookie()[0]).toMatch(
      /^vedette=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    )
    expect(await lastRecords(1)).toEqual(['anna sign-in done'])
    const state = await get('/auth/state', { cookie: cookieOf(headers) })
    expect(state.body).toMatchObject({ user: { name: 'anna' } })
  })

  test('keeps only a hash of the session, and of the password one that says how it was made', async () => {
    const { headers } = await signIn()
    const token = cookieOf(headers).slice('vedette='.length)
    const { credentials } = server.running.services.state
    expect(await credentials.session(token, Date.now())).toBeUndefined()
    const account = await server.running.services.state.of(DEFAULT_TENANT).accounts.byName('ANNA')
    expect(account?.passwordHash).toMatch(/^\$argon2id\$/)
  })

  test.each([
    ['a wrong password', { password: 'a quiet morning by the lake' }],
    ['an unknown name', { name: 'eve' }],
  ])('says the same to %s', async (_name, change) => {
    const refused = await signIn(change)
    expect(refused).toMatchObject({
      status: 401,
      body: { error: { code: 'sign-in-refused', message: 'Name or password is wrong' } },
    })
    expect((await lastRecords(1))[0]).toMatch(/ sign-in refused$/)
  })

  test('signing out ends the session at once', async () => {
    const cookie = cookieOf((await signIn()).headers)
    const out = await post('/auth/sign-out', {}, { cookie })
    expect(out.status).toBe(200)
    expect(out.headers.getSetCookie()[0]).toContain('Max-Age=0')
    expect((await get('/auth/state', { cookie })).body).toEqual({ setupNeeded: false })
    expect((await post('/graphql', { query: '{ me { name } }' }, { cookie })).status).toBe(401)
  })

  test('a page of another origin cannot use a visitor’s cookie', async () => {
    const cookie = cookieOf((await signIn()).headers)
    for (const origin of ['http://evil.example', 'null', server.url.replace('127.0.0.1', 'localhost')]) {
      const refused = await post('/graphql', { query: '{ me { name } }' }, { cookie, headers: { origin } })
      expect(refused).toMatchObject({
        status: 403,
        body: { errors: [{ extensions: { code: 'foreign-origin' } }] },
      })
    }
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const refused = await post('/auth/sign-out', '{}', { cookie, headers: { 'content-type': type } })
      expect(refused.status).toBe(415)
    }
    expect((await get('/auth/state', { cookie })).body).toMatchObject({ user: { name: 'anna' } })
  })

  test('a page of another origin cannot sign its visitor in', async () => {
    expect((await signIn({}, { headers: { origin: 'http://evil.example' } })).status).toBe(403)
  })

  test.each([
    ['too large', JSON.stringify({ name: 'anna', password: 'x'.repeat(100_000) }), 413],
    ['no JSON', '{"name":', 400],
    ['no object', '[]', 400],
    ['empty', '', 400],
    ['__proto__', '{"__proto__":{"name":"anna"}}', 400],
  ])('a body that is %s is refused', async (_name, body, status) => {
    expect(await post('/auth/sign-in', body)).toMatchObject({
      status,
      body: { error: { code: expect.any(String) } },
    })
  })
})

describe('a request by a wrong road', () => {
  test('a host name that was made to lead here is refused', async () => {
    const { request } = await import('node:http')
    const status = await new Promise((resolve, reject) => {
      const { port } = new URL(server.url)
      const sent = request({
        port,
        host: '127.0.0.1',
        path: '/metrics',
        headers: { host: `evil.example:${port}` },
      })
      sent.on('response', (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.on('error', reject)
      sent.end()
    })
    expect(status).toBe(421)
  })

  test('figures and health are for this machine, and through a proxy for who is signed in', async () => {
    expect((await get('/health')).body).toMatchObject({ checks: expect.any(Array) })
    expect((await get('/health', { headers: { 'x-forwarded-for': '203.0.113.9' } })).status).toBe(401)
    const authorization = `Bearer ${await server.token('viewer')}`
    expect(
      (await get('/health', { headers: { 'x-forwarded-for': '203.0.113.9', authorization } })).status,
    ).not.toBe(401)
  })
})

test('guessing is slowed down: tries by address and by account', async () => {
  const statuses = []
  for (let i = 0; i < 30; i += 1)
    statuses.push((await post('/auth/sign-in', { name: 'mallory', password: 'x' })).status)
  expect(statuses).toContain(429)
  expect(statuses.filter((status) => status === 401).length).toBeLessThan(15)
})
