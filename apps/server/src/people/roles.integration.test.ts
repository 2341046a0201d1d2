import { DEFAULT_TENANT } from '@vedette/model'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, codesOf as maybeCodes } from '../testing/caller.ts'
import { MovedClock } from '../testing/test-clock.ts'
import { openTestServer, PASSWORD, type TestServer } from '../testing/test-server.ts'

const OWN_PASSWORD = 'a loud evening in the hills'
const NIGHT_WATCH = `// Works alerts, but closes nothing.
permit(principal, action in Action::"analyst", resource);
forbid(principal, action in [Action::"Mutation.closeIncident", Action::"Mutation.resolveAlert"], resource);
forbid(principal is Program, action == Action::"Query.alert", resource);
`

const codesOf = (answer: Answer) => maybeCodes(answer) ?? []
let server: TestServer
const clock = new MovedClock()

beforeAll(async () => {
  server = await openTestServer({ clock })
  await post('/auth/setup', { token: server.setupToken, name: 'anna', password: PASSWORD })
})
afterAll(() => server?.[Symbol.asyncDispose]())
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

async function ask(query: string, headers?: Record<string, string>, variables: object = {}): Promise<Answer> {
  const as = headers ?? { authorization: `Bearer ${server.cliToken}` }
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url, ...as },
    body: JSON.stringify({ query, variables }),
  })
  return (await response.json()) as Answer
}

const setRole = (policies: string, name = 'night-watch', tenant?: string) =>
  ask(
    'mutation ($name: String!, $policies: String!, $tenant: String) { setCustomRole(name: $name, policies: $policies, tenant: $tenant) { name } }',
    undefined,
    { name, policies, tenant },
  )

/** Somebody with a role and a password of their own, signed in. */
async function someone(name: string, role: string, how = ''): Promise<{ cookie: string }> {
  const made = await ask(`mutation { addUser(name: "${name}", role: "${role}" ${how}) { password } }`)
  const { password } = (made.data as unknown as { addUser: { password: string } }).addUser
  const { cookie } = await post('/auth/sign-in', { name, password, new_password: OWN_PASSWORD })
  return { cookie }
}

describe("a role of a tenant's own", () => {
  test('allows what a policy permits and none forbids, from the next request on', async () => {
    expect(codesOf(await setRole(NIGHT_WATCH))).toEqual([])
    const nils = await someone('nils', 'night-watch')
    const state = await (await fetch(`${server.url}/auth/state`, { headers: nils })).json()
    expect(state).toMatchObject({ user: { role: 'night-watch', may: expect.arrayContaining(['Query.me']) } })
    const close = 'mutation { closeIncident(id: "x", resolution: "y") { id } }'
    expect(codesOf(await ask('{ overview { hosts } me { name } }', nils))).toEqual([])
    expect(codesOf(await ask('mutation { acknowledgeAlert(id: "x") { id } }', nils))).toEqual(['not-found'])
    expect(codesOf(await ask(close, nils))).toEqual(['forbidden'])
    expect(codesOf(await ask('mutation { refreshFeed(name: "x") { name } }', nils))).toEqual(['forbidden'])
    expect(codesOf(await ask('{ accounts { name } }', nils))).toEqual(['forbidden'])
    // What is one's own needs no policy.
    expect((await post('/auth/sessions/end', {}, nils)).status).toBe(200)

    expect(
      codesOf(await setRole('permit(principal, action == Action::"Query.overview", resource);')),
    ).toEqual([])
    expect(codesOf(await ask('{ overview { hosts } }', nils))).toEqual([])
    expect(codesOf(await ask('{ hosts { id } }', nils))).toEqual(['forbidden'])
    expect(codesOf(await setRole(NIGHT_WATCH))).toEqual([])
  })

  test('tells people from programs', async () => {
    const made = await ask('mutation { createApiKey(name: "bot", role: "night-watch") { token } }')
    const { token } = (made.data as unknown as { createApiKey: { token: string } }).createApiKey
    const bot = { authorization: `Bearer ${token}` }
    expect(codesOf(await ask('{ hosts { id } }', bot))).toEqual([])
    expect(codesOf(await ask('{ alert(id: "x") { id } }', bot))).toEqual(['forbidden'])
    expect(codesOf(await ask('mutation { revokeApiKey(key: "bot") { id } }'))).toEqual([])
  })

  test('is tested before anybody has it', async () => {
    const test = (operation: string, role = 'night-watch') =>
      ask(`{ test_role(role: "${role}", operation: "${operation}") { allowed policies } }`)
    expect((await test('Mutation.acknowledgeAlert')).data).toEqual({
      test_role: { allowed: true, policies: [1] },
    })
    expect((await test('Mutation.closeIncident')).data).toEqual({
      test_role: { allowed: false, policies: [2] },
    })
    expect((await test('Mutation.addUser')).data).toEqual({ test_role: { allowed: false, policies: [] } })
    expect((await test('Mutation.addUser', 'admin')).data).toEqual({
      test_role: { allowed: true, policies: [] },
    })
    expect(codesOf(await test('Mutation.nothing'))).toEqual(['not-found'])
  })

  test.each([
    [
      'permit(principal, action == Action::"Query.alrt", resource);',
      /line 1, column 29: unrecognized action/,
    ],
    ['permit(principal, action, resource)', /line 1, column \d+: .*parse/],
    ['// é\npermit(principal, action, resource) when { context.ip == "x" };', /line 2, column 44: /],
    ['permit(principal is Robot, action, resource);', /line 1, column 21: unrecognized entity type/],
    ['forbid(principal, action, resource);', /at least one permit/],
    ['', /at least one permit/],
  ])('policies are refused with the place: %s', async (policies, message) => {
    const answer = await setRole(policies, 'broken')
    expect(codesOf(answer)).toEqual(['role-refused'])
    expect(answer.errors?.[0]?.message).toMatch(message)
    expect(JSON.stringify(await ask('{ custom_roles { name } }'))).not.toContain('broken')
  })

  test('policies as long as a book are refused', async () => {
    expect(
      codesOf(await setRole(`permit(principal, action, resource);${' '.repeat(60_000)}`, 'long')),
    ).toEqual([])
    const { customRoles } = server.running.services
    await expect(customRoles.check(' '.repeat(70_000))).rejects.toThrow('at most 65536 bytes')
  })

  test.each(['admin', 'Night', 'a b', '', 'x'.repeat(65)])('the name "%s" is refused', async (name) => {
    expect(codesOf(await setRole(NIGHT_WATCH, name))).toEqual(['name-refused'])
  })

  test('holds in its tenant alone, and stays while somebody has it', async () => {
    await ask('mutation { addTenant(name: "Harbour") { id } }')
    expect(
      codesOf(
        await ask('mutation { setUserRole(name: "nils", role: "night-watch", tenant: "Harbour") { id } }'),
      ),
    ).toEqual(['bad-input'])
    expect(codesOf(await ask('mutation { removeCustomRole(name: "night-watch") { name } }'))).toEqual([
      'role-in-use',
    ])
    expect(
      codesOf(await ask('mutation { removeCustomRole(name: "night-watch", tenant: "Harbour") { name } }')),
    ).toEqual(['not-found'])
    // One that is gone all the same opens nothing.
    const { cookie } = await post('/auth/sign-in', { name: 'nils', password: OWN_PASSWORD })
    await server.running.services.state.of(DEFAULT_TENANT).customRoles.remove('night-watch')
    expect(codesOf(await ask('{ hosts { id } }', { cookie }))).toEqual(['forbidden'])
    expect(codesOf(await ask('mutation { setUserRole(name: "nils", role: "viewer") { id } }'))).toEqual([])
  })
})

describe('a second organisation', () => {
  test('has people, tenants and roles of its own, and sees nothing of ours', async () => {
    const founded = await ask(
      'mutation { addOrganisation(name: "Fisher", admin: "anna") { organisation { name } sign_in_name password } }',
    )
    const { addOrganisation: made } = founded.data as unknown as {
      addOrganisation: { sign_in_name: string; password: string }
    }
    expect(made.sign_in_name).toBe('Fisher/anna')
    expect(
      codesOf(await ask('mutation { addOrganisation(name: "fisher", admin: "x1") { password } }')),
    ).toEqual(['name-taken'])
    // Ours has the same name: two people.
    expect((await post('/auth/sign-in', { name: 'anna', password: made.password })).status).toBe(401)
    expect((await post('/auth/sign-in', { name: 'nowhere/anna', password: made.password })).status).toBe(401)
    const { cookie } = await post('/auth/sign-in', {
      name: 'fisher/anna',
      password: made.password,
      new_password: OWN_PASSWORD,
    })
    const theirs = { cookie }
    expect((await ask('{ me { name role } }', theirs)).data).toEqual({
      me: { name: 'Fisher/anna', role: 'admin' },
    })
    expect(
      (
        await ask(
          '{ accounts { name } tenants { name } api_keys { name } custom_roles { name } identity_providers { name } account_sessions { id } }',
          theirs,
        )
      ).data,
    ).toMatchObject({
      accounts: [{ name: 'anna' }],
      tenants: [{ name: 'first' }],
      api_keys: [],
      custom_roles: [],
      identity_providers: [],
      account_sessions: [{}],
    })
    for (const act of [
      '{ organisations { name } }',
      'mutation { addOrganisation(name: "Third", admin: "x1") { password } }',
    ]) {
      expect(codesOf(await ask(act, theirs))).toEqual(['forbidden'])
    }
    for (const act of [
      'mutation { setUserRole(name: "nils", role: "admin") { id } }',
      'mutation { endSessions(name: "nils") }',
      'mutation { addUser(name: "x1", role: "viewer", tenant: "Harbour") { password } }',
    ]) {
      expect(codesOf(await ask(act, theirs))).toEqual(['not-found'])
    }
    expect(codesOf(await ask('mutation { addTenant(name: "Harbour") { id } }', theirs))).toEqual([])
    expect((await ask('{ tenants { name } }')).data).toMatchObject({
      tenants: [{ name: 'first' }, { name: 'Harbour' }],
    })
    expect(
      JSON.stringify(await ask('{ accounts { name roles { tenant } } organisations { name } }')),
    ).toContain('"Fisher"')
    // Each keeps an admin of its own.
    expect(codesOf(await ask('mutation { removeUser(name: "anna") { id } }', theirs))).toEqual(['last-admin'])

    const records = []
    for await (const { actor, action } of server.running.services.auditLog.records())
      records.push(`${actor} ${action}`)
    expect(records).toContain('Fisher/anna tenant.add')
    expect(records).toContain('Fisher/anna sign-in')
  })
})
