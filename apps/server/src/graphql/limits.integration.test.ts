import { WebSocket } from 'ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, Caller, codesOf } from '../testing/caller.ts'
import { TestAgent } from '../testing/test-agent.ts'
import { openTestServer, type TestServer } from '../testing/test-server.ts'

let server: TestServer
let agent: TestAgent
let caller: Caller

beforeAll(async () => {
  server = await openTestServer()
  agent = await TestAgent.connect(server.url, server.agentCredential)
  caller = new Caller(server, agent)
})
afterAll(async () => {
  agent[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
})

describe('what is refused before any resolver', () => {
  const nest = (depth: number) =>
    `{ incidents { ${'alerts { incident { '.repeat(depth)} id ${'} } '.repeat(depth)} } }`

  test.each([
    ['too deep', nest(6), 'bad-input'],
    [
      'too many aliases',
      `{ ${Array.from({ length: 51 }, (_, i) => `a${i}: me { id }`).join(' ')} }`,
      'bad-input',
    ],
    ['too costly', '{ analytics_alerts(limit: 1000) { process_tree { depth } } }', 'too-expensive'],
    ['too long', `{ ${'me { id } '.repeat(1000)} }`, 'bad-input'],
    [
      'fragments in a circle',
      'query { me { ...a } } fragment a on User { ...b } fragment b on User { ...a }',
      'bad-input',
    ],
  ])('%s', async (_name, query, code) => {
    const answer = await caller.ask(query)
    expect(codesOf(answer)).toContain(code)
    expect(answer.data ?? undefined).toBeUndefined()
  })

  test('a batch of more than ten, while ten are answered', async () => {
    const ten = Array.from({ length: 10 }, () => ({ query: '{ me { name } }' }))
    expect(await caller.ask(ten)).toHaveLength(10)
    expect(codesOf(await caller.ask([...ten, ...ten]))).toEqual(['bad-input'])
  })

  test('reading the schema is for admins', async () => {
    const query = '{ __schema { types { name } } }'
    expect((await caller.ask(query)).errors).toBeUndefined()
    for (const role of ['analyst', 'viewer'] as const) {
      expect(codesOf(await caller.ask(query, {}, await server.token(role)))).toContain('bad-input')
    }
    // One’s permission does not serve another: the same text again.
    expect((await caller.ask(query)).errors).toBeUndefined()
  })

  test.each([
    ['too deep', nest(6), 'bad-input'],
    ['too costly', '{ analytics_alerts(limit: 1000) { process_tree { depth } } }', 'too-expensive'],
    ['reading the schema', '{ __schema { types { name } } }', 'bad-input'],
    ['acting without the right', 'mutation { acknowledgeAlert(id: "x") { id } }', 'forbidden'],
    ['what is no GraphQL', 'subscription {', 'bad-input'],
  ])('over a socket too: %s', async (_name, query, code) => {
    const token = await server.token('viewer')
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    const codes = await new Promise((resolve) => {
      socket.on('message', (data) => {
        const { type, payload } = JSON.parse((data as Buffer).toString()) as { type: string; payload: never }
        if (type === 'connection_ack')
          socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query } }))
        if (type === 'error') resolve(codesOf({ errors: payload }))
        if (type === 'next') resolve(codesOf(payload))
      })
      socket.on('close', (code) => resolve(code))
      socket.on('open', () =>
        socket.send(
          JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }),
        ),
      )
    })
    socket.terminate()
    expect(codes).toContain(code)
  })

  test.each(['text/event-stream', 'multipart/mixed'])('a subscription over HTTP as %s', async (accept) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${server.cliToken}` },
      body: JSON.stringify({ query: 'subscription { newAlerts { id } }' }),
    })
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(codesOf((await response.json()) as Answer)).toEqual(['bad-input'])
  })

  test('what fails inside is not told, but can be found in the log', async () => {
    const { events } = server.running.services
    const of = events.of.bind(events)
    events.of = () => {
      throw new Error('password=hunter2 at /var/lib/secret')
    }
    const answer = await caller.ask('{ me { name } }').finally(() => {
      events.of = of
    })
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|secret/)
    expect(codesOf(answer)).toEqual(['internal'])
  })
})
