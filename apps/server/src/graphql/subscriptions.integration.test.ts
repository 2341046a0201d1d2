import { createClient, graphql } from '@vedette/client'
import { createSignIn } from '@vedette/client/rest'
import { DEFAULT_TENANT, type TenantId } from '@vedette/model'
import { WebSocket } from 'ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, Caller } from '../testing/caller.ts'
import { TestAgent } from '../testing/test-agent.ts'
import { MovedClock } from '../testing/test-clock.ts'
import { openTestServer, PASSWORD, type TestServer } from '../testing/test-server.ts'

let server: TestServer
let agent: TestAgent
let caller: Caller
const clock = new MovedClock()

beforeAll(async () => {
  server = await openTestServer({ clock })
  agent = await TestAgent.connect(server.url, server.agentCredential)
  caller = new Caller(server, agent)
})
afterAll(async () => {
  agent[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
})

const client = (token = server.cliToken) => createClient({ url: server.url, token })

describe('subscriptions', () => {
  const newAlerts = graphql(`
    subscription {
      newAlerts {
        id
        title
        severity
      }
    }
  `)

  test('tell a new alert once it is stored', async () => {
    using api = client()
    const stop = new AbortController()
    const seen = api.subscribe(newAlerts, {}, stop.signal)[Symbol.asyncIterator]()
    const first = seen.next()
    await expect.poll(() => server.running.services.openSockets.size).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await caller.attack('attack-of-the-tests-live')
    const { value } = await first
    expect(value).toMatchObject({ newAlerts: { severity: 'high' } })
    stop.abort()
    expect(await seen.next()).toEqual({ done: true, value: undefined })
  })

  test('tell the changes of one incident and not of others', async () => {
    const created = await client().mutate(
      graphql(`
        mutation ($title: String!) {
          createIncident(title: $title, severity: "low") {
            id
          }
        }
      `),
      { title: 'one' },
    )
    using api = client()
    const stop = new AbortController()
    const incidentUpdates = graphql(`
      subscription ($id: ID) {
        incidentUpdates(incident_id: $id) {
          title
          status
        }
      }
    `)
    const live = api.subscribe(incidentUpdates, { id: created.createIncident.id }, stop.signal)
    const updates = live[Symbol.asyncIterator]()
    const first = updates.next()
    await new Promise((resolve) => setTimeout(resolve, 200))
    await caller.ask('mutation { createIncident(title: "two", severity: "low") { id } }')
    await caller.ask(
      `mutation { closeIncident(id: "${created.createIncident.id}", resolution: "done") { id } }`,
    )
    expect((await first).value).toEqual({ incidentUpdates: { title: 'one', status: 'closed' } })
    stop.abort()
  })

  test('a tenant hears of its own alone', async () => {
    const other = '00000000-0000-4000-8000-000000000002' as TenantId
    using stranger = client(await server.token('admin', other))
    const stop = new AbortController()
    const seen = stranger.subscribe(newAlerts, {}, stop.signal)[Symbol.asyncIterator]()
    const first = seen.next()
    await expect.poll(() => server.running.services.openSockets.size).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await caller.attack('attack-of-the-tests-secret')
    stop.abort()
    expect(await first).toEqual({ done: true, value: undefined })
  })

  test('leave nothing behind when they end, though nothing happens', async () => {
    const { bus } = server.running.services
    const subscribe = bus.subscribe.bind(bus)
    let ended: AbortSignal | undefined
    bus.subscribe = (topic, options, signal) => {
      ended = signal
      return subscribe(topic, options, signal)
    }
    using api = client()
    const stop = new AbortController()
    const seen = api.subscribe(newAlerts, {}, stop.signal)[Symbol.asyncIterator]()
    const first = seen.next()
    await expect.poll(() => ended?.aborted).toBe(false)
    stop.abort()
    await first
    await expect.poll(() => ended?.aborted).toBe(true)
    bus.subscribe = subscribe
  })

  test('one who is too slow is told what was lost', async () => {
    const { bus } = server.running.services
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    const messages: { type: string; payload?: Answer }[] = []
    socket.on('message', (data) => messages.push(JSON.parse((data as Buffer).toString()) as never))
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(
      JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${server.cliToken}` } }),
    )
    await expect.poll(() => messages.length).toBe(1)
    socket.send(
      JSON.stringify({ type: 'subscribe', id: '1', payload: { query: 'subscription { newAlerts { id } }' } }),
    )
    await new Promise((resolve) => setTimeout(resolve, 100))
    const [alert] = await server.running.services.state.of(DEFAULT_TENANT).alerts.list({})
    if (!alert) throw new TypeError('no alert')
    for (let i = 0; i < 3000; i += 1) bus.publish('alert', { ...alert, id: `flood-${i}` as never })
    await expect
      .poll(() => messages.find(({ payload }) => payload?.errors)?.payload?.errors?.[0]?.extensions)
      .toEqual({
        code: 'subscription-lagging',
        lost: expect.any(Number),
      })
    socket.terminate()
  })

  async function closeCode(init: object, headers: Record<string, string> = {}): Promise<number> {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers,
    })
    socket.on('error', () => undefined)
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: init })))
    return new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      socket.on('close', (code) => resolve(code))
    })
  }

  test('need somebody', async () => {
    expect(await closeCode({})).toBe(4401)
    expect(await closeCode({ authorization: 'Bearer nonsense-nonsense-nonsense' })).toBe(4401)
    expect(await closeCode({ authorization: { toString: 'x' } })).toBe(4401)
  })

  test('say to come again when it cannot be found out who it is', async () => {
    const { credentials } = server.running.services.state
    const apiToken = credentials.apiToken.bind(credentials)
    credentials.apiToken = async () => {
      throw new Error('password=hunter2')
    }
    const code = await closeCode({ authorization: `Bearer ${server.cliToken}` })
    credentials.apiToken = apiToken
    expect(code).toBe(1013)
  })

  test('are not for pages of other origins', async () => {
    expect(await closeCode({}, { origin: 'http://evil.example' })).toBe(403)
    expect(await closeCode({}, { cookie: 'vedette=x' })).toBe(403)
  })

  test('end when the session does: signed out here, revoked elsewhere, expired', async () => {
    const signIn = createSignIn(server.url)
    await signIn.setUp({ token: server.setupToken, name: 'anna', password: PASSWORD })
    const { sessions, state, openSockets } = server.running.services
    const account = await state.of(DEFAULT_TENANT).accounts.byName('anna')
    if (!account) throw new TypeError('no account')

    const openOne = async () => {
      const { viewer, cookie } = await sessions.open(account)
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
        headers: { cookie: cookie.split(';')[0] ?? '', origin: server.url },
      })
      const closed = new Promise<number>((resolve) => socket.once('close', resolve))
      await new Promise((resolve) => socket.once('open', resolve))
      socket.send(JSON.stringify({ type: 'connection_init' }))
      await new Promise((resolve) => socket.once('message', resolve))
      return { viewer, cookie: cookie.split(';')[0] ?? '', closed }
    }

    const here = await openOne()
    await fetch(`${server.url}/auth/sign-out`, {
      method: 'POST',
      headers: { cookie: here.cookie, origin: server.url, 'content-type': 'application/json' },
      body: '{}',
    })
    expect(await here.closed).toBe(4401)

    const elsewhere = await openOne()
    const start = Date.now()
    await state.of(DEFAULT_TENANT).sessions.revoke(elsewhere.viewer.credential.hash)
    expect(await elsewhere.closed).toBe(4401)
    expect(Date.now() - start).toBeLessThan(5000)

    const old = await openOne()
    clock.forward(13 * 3_600_000)
    await openSockets.check()
    expect(await old.closed).toBe(4401)
  })
})

test('a session that is used lives on', async () => {
  const { sessions, state } = server.running.services
  const account = await state.of(DEFAULT_TENANT).accounts.byName('anna')
  if (!account) throw new TypeError('no account')
  const { cookie } = await sessions.open(account)
  const use = () => fetch(`${server.url}/auth/state`, { headers: { cookie: cookie.split(';')[0] ?? '' } })
  expect((await use()).headers.getSetCookie()).toEqual([])
  clock.forward(7 * 3_600_000)
  expect((await use()).headers.getSetCookie()[0]).toContain('Max-Age=43200')
  clock.forward(7 * 3_600_000)
  expect(await (await use()).json()).toMatchObject({ user: { name: 'anna' } })
})
