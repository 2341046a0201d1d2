import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { systemClock } from '@vedette/base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { homePaths } from '../../apps/cli/src/home.ts'
import { runProgram } from '../../apps/cli/src/program.ts'
import { openTestServer, PASSWORD, type TestServer } from '../../apps/server/src/testing/test-server.ts'

const home = mkdtempSync(join(tmpdir(), 'vedette-people-'))
let server: TestServer

beforeAll(async () => {
  server = await openTestServer()
  const paths = homePaths(home)
  const files = {
    [paths.endpoint]: JSON.stringify({ url: server.url, pid: process.pid }),
    [paths.cliToken]: server.cliToken,
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(home, { recursive: true })
})

async function vedette(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = ''
  let err = ''
  const terminal = {
    out: (text: string | Buffer) => void (out += text.toString()),
    err: (text: string) => void (err += text),
    colour: false,
    interactive: false,
    columns: 100,
    env: {},
    uid: process.getuid?.() ?? 0,
  }
  const code = await runProgram(
    [...args, '--home', home],
    terminal,
    systemClock,
    new AbortController().signal,
  )
  return { code, out, err }
}

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

describe('vedette users', () => {
  test('says how the first account is made, then who there is', async () => {
    expect((await vedette('users', 'list')).out).toMatch(/^Nobody has an account yet/)
    await post('/auth/setup', { token: server.setupToken, name: 'anna', password: PASSWORD })
    expect((await vedette('users', 'list')).out).toMatch(/^anna +admin +active +no /m)
  })

  test('adds, changes, shuts out, resets and removes', async () => {
    const added = await vedette('users', 'add', 'bea', '--role', 'analyst')
    const password = /sign-in: (\S+)$/m.exec(added.out)?.[1] ?? ''
    const own = { name: 'bea', password, new_password: 'a loud evening in the hills' }
    expect((await post('/auth/sign-in', own)).status).toBe(200)
    const sessions = await vedette('users', 'sessions', 'bea', '--json')
    expect(JSON.parse(sessions.out)).toMatchObject([{ address: '127.0.0.1' }])
    expect((await vedette('users', 'sessions', 'bea', '--end')).out).toBe('One session has ended.\n')
    expect((await vedette('users', 'sessions', 'bea')).out).toBe('bea is signed in nowhere.\n')
    expect((await vedette('users', 'role', 'bea', 'responder')).out).toBe('bea is responder now.\n')
    expect((await vedette('users', 'role', 'bea', 'king')).code).toBe(2)
    expect((await vedette('users', 'disable', 'bea')).code).toBe(0)
    expect((await vedette('users', 'list')).out).toMatch(/^bea +responder +disabled/m)
    expect((await vedette('users', 'enable', 'bea')).code).toBe(0)
    expect((await vedette('users', 'reset', 'bea', '--second-factor')).out).toContain(
      'It is not shown again.',
    )
    expect((await vedette('users', 'remove', 'bea')).code).toBe(0)
    expect(await vedette('users', 'remove', 'bea')).toMatchObject({
      code: 5,
      err: expect.stringContaining('Nobody'),
    })
  })

  test('keeps the last admin, and says so', async () => {
    expect(await vedette('users', 'remove', 'anna')).toMatchObject({
      code: 4,
      err: expect.stringContaining('no admin would be left'),
    })
    const told = await vedette('users', 'disable', 'anna', '--json')
    expect(JSON.parse(told.err)).toMatchObject({ error: { code: 'last-admin' } })
  })
})

test('vedette tenants lists, adds and renames; people have a role in each', async () => {
  expect((await vedette('tenants', 'list')).out).toMatch(/^first +from the start/m)
  expect((await vedette('tenants', 'add', 'harbour')).code).toBe(0)
  expect((await vedette('tenants', 'add', 'Harbour')).code).toBe(1)
  expect((await vedette('tenants', 'rename', 'harbour', 'port')).out).toBe('harbour is called port now.\n')
  expect((await vedette('users', 'role', 'anna', 'viewer', '--tenant', 'port')).code).toBe(0)
  expect((await vedette('users', 'list')).out).toMatch(/^anna +admin in first, viewer in port/m)
  expect((await vedette('users', 'role', 'anna', 'viewer', '--tenant', 'nowhere')).code).toBe(5)
})

test('vedette roles makes a role of policies, tests it, gives it and takes it back', async () => {
  const file = join(home, 'night-watch.cedar')
  writeFileSync(file, 'permit(principal, action in Action::"analyst", resource);\n')
  expect((await vedette('roles', 'list')).out).toMatch(/^auditor +all +reads, also the audit log/m)
  expect((await vedette('roles', 'set', 'night-watch', file, '--description', 'at night')).out).toBe(
    'night-watch is in force.\n',
  )
  expect((await vedette('roles', 'list')).out).toMatch(/^night-watch +first +at night +just now by cli/m)
  expect((await vedette('roles', 'show', 'night-watch')).out).toContain('Action::"analyst"')
  const allowed = await vedette('roles', 'test', 'night-watch', 'Query.alert')
  expect(allowed).toMatchObject({ code: 0, out: expect.stringMatching(/^Query.alert +allowed +policy 1/m) })
  const denied = await vedette('roles', 'test', 'night-watch', 'Query.alert', 'Mutation.addUser', '--json')
  expect(denied.code).toBe(4)
  expect(JSON.parse(denied.out)).toMatchObject([{ allowed: true }, { allowed: false, policies: [] }])
  expect((await vedette('users', 'add', 'nils', '--role', 'night-watch')).code).toBe(0)
  expect(await vedette('roles', 'remove', 'night-watch')).toMatchObject({
    err: expect.stringContaining('nils has this role'),
  })
  expect((await vedette('users', 'remove', 'nils')).code).toBe(0)
  expect((await vedette('roles', 'remove', 'night-watch')).out).toBe('night-watch is gone.\n')
  writeFileSync(file, 'permit(principal, action == Action::"Query.alrt", resource);\n')
  expect(await vedette('roles', 'set', 'night-watch', file)).toMatchObject({
    err: expect.stringContaining('line 1, column 29'),
  })
  expect((await vedette('roles', 'set', 'night-watch', join(home, 'nothing'))).code).toBe(2)
})

test('vedette providers and organisations', async () => {
  expect((await vedette('providers', 'list')).out).toMatch(/^There are no identity providers/)
  const set = ['providers', 'set', 'corp', '--issuer', 'https://idp.example', '--client-id', 'vedette']
  expect((await vedette(...set, '--role', 'soc=analyst', 'lead=admin')).code).toBe(0)
  expect((await vedette('providers', 'list')).out).toMatch(/^corp .*groups soc: analyst.*groups lead: admin/m)
  expect((await vedette(...set, '--role', 'soc')).code).toBe(2)
  expect((await vedette(...set, '--role', 'soc=king')).code).toBe(2)
  expect((await vedette('providers', 'remove', 'corp')).out).toBe('corp proves nobody any more.\n')
  expect((await vedette('organisations', 'list')).out).toBe('There is the first organisation alone.\n')
  expect((await vedette('organisations', 'add', 'fisher', '--admin', 'anna')).out).toContain('fisher/anna')
  expect((await vedette('organisations', 'list')).out).toMatch(/^fisher +\d{4}-/m)
})

test('vedette tokens makes a key that works, once told, and takes it back', async () => {
  expect((await vedette('tokens', 'list')).out).toBe('There are no API keys.\n')
  const made = await vedette(
    'tokens',
    'create',
    'ci',
    '--role',
    'viewer',
    '--only',
    'Query.me',
    '--until',
    '30d',
  )
  const [token = ''] = made.out.split('\n')
  expect(token).toMatch(/^vdt_/)
  const me = () => post('/graphql', { query: '{ me { role } }' }, { authorization: `Bearer ${token}` })
  expect(await (await me()).json()).toEqual({ data: { me: { role: 'viewer' } } })
  const listed = await vedette('tokens', 'list')
  expect(listed.out).toMatch(/^ci +viewer +first +Query\.me +cli /m)
  expect(listed.out).not.toContain(token)
  expect((await vedette('tokens', 'create', 'ci', '--role', 'viewer')).err).toContain('is taken')
  expect((await vedette('tokens', 'create', 'x', '--role', 'viewer', '--only', 'Query.no')).code).toBe(2)
  expect((await vedette('tokens', 'revoke', 'ci')).code).toBe(0)
  expect((await me()).status).toBe(401)
  expect((await vedette('tokens', 'revoke', 'ci')).code).toBe(5)
})
