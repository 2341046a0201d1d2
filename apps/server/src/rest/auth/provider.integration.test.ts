import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTestProvider, type Proves, type TestProvider } from '../../testing/identity-provider.ts'
import { MovedClock } from '../../testing/test-clock.ts'
import { openTestServer, PASSWORD, type TestServer } from '../../testing/test-server.ts'

let server: TestServer
let provider: TestProvider
const clock = new MovedClock()

beforeAll(async () => {
  provider = await openTestProvider()
  server = await openTestServer({ clock })
  await post('/auth/setup', { token: server.setupToken, name: 'anna', password: PASSWORD })
  await ask('mutation { addTenant(name: "Harbour") { id } }')
  const set = await ask(`mutation { setIdentityProvider(name: "corp", issuer: "${provider.issuer}",
    client_id: "${provider.clientId}", client_secret: "${provider.clientSecret}", role_claim: "groups", roles: [
      { value: "soc-lead", role: "admin", tenant: "Harbour" }, { value: "soc-lead", role: "responder" },
      { value: "soc", role: "analyst" }, { value: "all", role: "viewer", tenant: "Harbour" }]) { has_secret } }`)
  expect(set).toEqual({ setIdentityProvider: { has_secret: true } })
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await provider?.[Symbol.asyncDispose]()
})
beforeEach(() => clock.forward(600_000))

async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url, ...headers },
    body: JSON.stringify(body),
  })
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  return { status: response.status, cookie, body: (await response.json()) as Record<string, never> }
}

async function ask(query: string): Promise<unknown> {
  const { body } = await post('/graphql', { query }, { authorization: `Bearer ${server.cliToken}` })
  return (body as { data?: unknown; errors?: unknown }).errors ?? body['data']
}

/** Where a browser lands that comes back from the provider, and the session that it has then. */
async function land(back: string, cookie: string) {
  const response = await fetch(back, { redirect: 'manual', headers: { cookie } })
  const session = response.headers
    .getSetCookie()
    .map((text) => text.split(';')[0] ?? '')
    .find((text) => /^vedette=.{43}$/.test(text))
  const location = decodeURIComponent(response.headers.get('location') ?? '')
  return { status: response.status, location, session }
}

async function goThere() {
  clock.forward(10_000)
  const { body, cookie } = await post('/auth/provider/begin', { provider: 'corp' })
  return { back: await provider.visit(String(body['url'])), cookie }
}

async function signIn(who: Proves | Proves['claims']) {
  provider.proves('claims' in who ? (who as Proves) : { claims: who })
  const { back, cookie } = await goThere()
  return land(back, cookie)
}

async function account(session: string | undefined) {
  const response = await fetch(`${server.url}/auth/account`, { headers: { cookie: session ?? '' } })
  return (await response.json()) as {
    has_password: boolean
    tenants: readonly { name: string; role: string }[]
  }
}

async function me(session: string | undefined): Promise<{ name: string; role: string } | undefined> {
  const response = await fetch(`${server.url}/auth/state`, { headers: { cookie: session ?? '' } })
  return ((await response.json()) as { user?: { name: string; role: string } }).user
}

describe('who comes from an identity provider', () => {
  test('has the roles of the claim, in each tenant the first that matches, and no password', async () => {
    expect((await (await fetch(`${server.url}/auth/state`)).json()) as object).toEqual({
      setupNeeded: false,
      providers: [{ name: 'corp' }],
    })
    const { status, location, session } = await signIn({
      sub: '1001',
      preferred_username: 'bea@corp.example',
      groups: ['all', 'soc', 'soc-lead'],
    })
    expect({ status, location }).toEqual({ status: 303, location: '/' })
    expect(await me(session)).toMatchObject({
      name: expect.stringMatching(/^bea-[0-9a-f]{6}@corp$/),
      role: 'responder',
    })
    expect(await account(session)).toMatchObject({
      has_password: false,
      tenants: [
        { name: 'first', role: 'responder' },
        { name: 'Harbour', role: 'admin' },
      ],
    })
    const { name } = (await me(session)) ?? { name: '' }
    expect((await post('/auth/sign-in', { name, password: 'elsewhere' })).status).toBe(401)
  })

  test('is the same one by the subject alone, with what the claim says now', async () => {
    const before = await me(
      (await signIn({ sub: '1002', preferred_username: 'carl', groups: ['soc'] })).session,
    )
    const { session } = await signIn({ sub: '1002', preferred_username: 'another name', groups: 'all' })
    expect(await account(session)).toMatchObject({ tenants: [{ name: 'Harbour', role: 'viewer' }] })
    expect(await me(session)).toMatchObject({ name: before?.name, id: (before as { id?: string }).id })
  })

  test('is not let in without a role, and loses the one that was', async () => {
    for (const groups of [undefined, [], ['strangers'], 'soc,soc-lead', { 0: 'soc' }]) {
      const refused = await signIn({ sub: '1003', ...(groups !== undefined && { groups }) })
      expect(refused).toMatchObject({ location: expect.stringContaining('no role here'), session: undefined })
    }
    const { session } = await signIn({ sub: '1004', groups: ['soc'] })
    expect(await me(session)).toMatchObject({ role: 'analyst' })
    expect(await signIn({ sub: '1004', groups: [] })).toMatchObject({ session: undefined })
    expect(await me(session)).toBeUndefined()
  })

  test('never becomes somebody who is here already, whatever they are called', async () => {
    const claims = {
      preferred_username: 'anna',
      name: 'anna',
      email: 'anna@example.org',
      email_verified: true,
    }
    const { session } = await signIn({ ...claims, sub: 'anna', groups: ['soc'] })
    expect(await me(session)).toMatchObject({
      name: expect.stringMatching(/^anna-[0-9a-f]{6}@corp$/),
      role: 'analyst',
    })
  })

  test('stays out once shut out here', async () => {
    const { session } = await signIn({ sub: '1005', groups: ['soc'] })
    const { name } = (await me(session)) ?? { name: '' }
    await ask(`mutation { disableUser(name: "${name}") { id } }`)
    expect(await signIn({ sub: '1005', groups: ['soc-lead'] })).toMatchObject({ session: undefined })
  })
})

describe('what is refused', () => {
  const claims = { sub: '2001', groups: ['soc'] }
  test.each<[string, Proves]>([
    ['a token of another nonce', { claims, nonce: 'another' }],
    ['a token that somebody else signed', { claims, forged: true }],
    ['a token for another client', { claims, audience: 'another' }],
    ['a token of another issuer', { claims, issuer: 'http://127.0.0.1:1' }],
    ['a token that is over', { claims, lifetimeMs: -3_600_000 }],
  ])('%s', async (_name, who) => {
    expect(await signIn(who)).toMatchObject({
      location: expect.stringContaining('corp did not prove'),
      session: undefined,
    })
  })

  test('an address that comes back twice, in another browser, too late, or that nobody began', async () => {
    provider.proves({ claims })
    const once = await goThere()
    expect((await land(once.back, once.cookie)).session).toBeDefined()
    expect(await land(once.back, once.cookie)).toMatchObject({ session: undefined })

    const stolen = await goThere()
    const mine = await goThere()
    expect(await land(stolen.back, mine.cookie)).toMatchObject({
      location: expect.stringContaining('not begun in this browser'),
      session: undefined,
    })
    expect(await land(mine.back, '')).toMatchObject({ session: undefined })

    const late = await goThere()
    clock.forward(600_000)
    expect(await land(late.back, late.cookie)).toMatchObject({ session: undefined })

    const forged = `${server.url}/auth/provider/callback?code=x&state=${'x'.repeat(43)}`
    expect(await land(forged, mine.cookie)).toMatchObject({ session: undefined })
  })

  test('a code of another sign-in, which PKCE binds to its own', async () => {
    provider.proves({ claims })
    const hers = await goThere()
    const mine = await goThere()
    const mixed = new URL(mine.back)
    mixed.searchParams.set('code', new URL(hers.back).searchParams.get('code') ?? '')
    expect(await land(mixed.href, mine.cookie)).toMatchObject({ session: undefined })
  })

  test('a page of another origin that begins, a provider that nobody named, and an issuer without TLS elsewhere', async () => {
    const foreign = await post(
      '/auth/provider/begin',
      { provider: 'corp' },
      { origin: 'http://evil.example' },
    )
    expect(foreign.status).toBe(403)
    expect((await post('/auth/provider/begin', { provider: 'nobody' })).status).toBe(404)
    for (const issuer of ['http://idp.example', 'ftp://idp.example', 'https://a:b@idp.example', 'x']) {
      expect(
        await ask(`mutation { setIdentityProvider(name: "p", issuer: "${issuer}", client_id: "c",
          roles: [{ value: "v", role: "viewer" }]) { id } }`),
      ).toMatchObject([{ extensions: { code: 'bad-input' } }])
    }
    expect(
      await ask(`mutation { setIdentityProvider(name: "p", issuer: "https://idp.example", client_id: "c",
        roles: []) { id } }`),
    ).toMatchObject([{ extensions: { code: 'bad-input' } }])
  })

  test('tries without end', async () => {
    const statuses = []
    for (let i = 0; i < 15; i += 1) {
      statuses.push((await post('/auth/provider/begin', { provider: 'nobody' })).status)
    }
    expect(statuses).toContain(429)
  })

  test('all of it, once the provider is taken away', async () => {
    provider.proves({ claims })
    clock.forward(600_000)
    const begun = await goThere()
    await ask('mutation { removeIdentityProvider(name: "corp") { id } }')
    expect(await land(begun.back, begun.cookie)).toMatchObject({ session: undefined })
  })
})
