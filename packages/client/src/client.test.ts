import { expect, test } from 'vitest'
import { ApiError } from './api-error.ts'
import { createClient } from './client.ts'
import { graphql } from './graphql.ts'
import { createSignIn } from './sign-in.ts'

const me = graphql(`
  {
    me {
      name
    }
  }
`)

/** A server that gives one answer; what it was asked is kept. */
function answering(status: number, body: string) {
  const requests: { url: string; init: RequestInit }[] = []
  const send = async (url: string | URL | Request, init: RequestInit = {}) => {
    requests.push({ url: url instanceof Request ? url.url : String(url), init })
    return new Response(body, { status, headers: { 'content-type': 'application/json' } })
  }
  return { requests, fetch: send }
}

test('a query goes as JSON to /graphql with the token', async () => {
  const { requests, fetch } = answering(200, '{"data":{"me":{"name":"anna"}}}')
  using client = createClient({ url: 'http://127.0.0.1:1/somewhere', token: 't', fetch })
  expect(await client.query(me)).toEqual({ me: { name: 'anna' } })
  expect(requests[0]?.url).toBe('http://127.0.0.1:1/graphql')
  expect(requests[0]?.init.headers).toMatchObject({
    authorization: 'Bearer t',
    'content-type': 'application/json',
  })
})

test.each([
  [200, '{"data":null,"errors":[{"message":"No","extensions":{"code":"forbidden"}}]}', 'forbidden', 'No'],
  [
    401,
    '{"errors":[{"message":"Sign in first","extensions":{"code":"unauthenticated"}}]}',
    'unauthenticated',
    'Sign in first',
  ],
  [421, '{"error":{"code":"wrong-host","message":"Not known"}}', 'wrong-host', 'Not known'],
  [502, '<html>', 'no-answer', 'answered 502'],
  [200, '{"data":null}', 'no-answer', 'no answer'],
  [200, 'null', 'no-answer', 'no answer'],
  [200, '{"errors":[{}]}', 'internal', 'no reason'],
])('an answer %d %s is %s', async (status, body, code, message) => {
  using client = createClient({ url: 'http://127.0.0.1:1', fetch: answering(status, body).fetch })
  const error: unknown = await client.query(me).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({ code, status, message: expect.stringContaining(message) })
})

test('a fault of signing in has the server’s code', async () => {
  const { fetch } = answering(
    401,
    '{"error":{"code":"sign-in-refused","message":"Name or password is wrong"}}',
  )
  const signIn = createSignIn('http://127.0.0.1:1', fetch)
  await expect(signIn.signIn({ name: 'a', password: 'b' })).rejects.toMatchObject({
    code: 'sign-in-refused',
    status: 401,
  })
})

test('a subscription whose signal is aborted already ends quietly', async () => {
  using client = createClient({ url: 'http://127.0.0.1:9' })
  const live = client.subscribe(
    graphql(`
      subscription {
        newAlerts {
          id
        }
      }
    `),
    {},
    AbortSignal.abort(),
  )
  expect(await live[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined })
})

test('a server that is away is told when no more tries are left', async () => {
  using client = createClient({ url: 'http://127.0.0.1:9', retryAttempts: 1 })
  const live = client.subscribe(
    graphql(`
      subscription {
        newAlerts {
          id
        }
      }
    `),
    {},
    new AbortController().signal,
  )
  await expect(live[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'unreachable' })
})
