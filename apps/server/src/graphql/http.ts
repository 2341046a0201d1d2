import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import { createHash } from 'node:crypto'
import { type Route, signedIn } from '../http/route.ts'
import type { Engine } from './engine.ts'

const RESPONSE_TYPE = 'application/graphql-response+json'
const MAX_OPERATION_BYTES = 256 * 1024

/** Queries and mutations: JSON in, JSON out. Subscriptions go over a socket of the same path. */
export function operationRoute({ yoga }: Engine): Route {
  return {
    method: 'POST',
    url: '/graphql',
    limit: ({ limits }) => limits.graphql,
    bodyLimit: MAX_OPERATION_BYTES,
    async handle(passed) {
      const { request, reply } = passed
      const answer = await yoga.fetch(
        'http://vedette/graphql',
        {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: wantsPlainJson(request.headers.accept) ? 'application/json' : RESPONSE_TYPE,
          },
          body: JSON.stringify(request.body),
        },
        { viewer: signedIn(passed), overSocket: false },
      )
      return reply
        .code(answer.status)
        .header('content-type', answer.headers.get('content-type') ?? 'application/json')
        .header('cache-control', 'no-store')
        .send(await answer.text())
    },
  }
}

/** GraphQL over HTTP, section 6: who does not name the type of its answers gets plain JSON. */
function wantsPlainJson(accept: string | undefined): boolean {
  return accept !== undefined && !accept.includes(RESPONSE_TYPE)
}

/** GraphiQL, for whoever may read the schema. Nothing of it comes from another host. */
export function playgroundRoute(): Route {
  let page: { readonly html: string; readonly policy: string } | undefined
  return {
    method: 'GET',
    url: '/graphql',
    async handle({ reply }) {
      page ??= playground()
      return reply
        .header('content-type', 'text/html; charset=utf-8')
        .header('content-security-policy', page.policy)
        .header('cache-control', 'no-store')
        .send(page.html)
    },
  }
}

/** The page, and a policy that lets run the very scripts that stand in it and no other. */
function playground(): { html: string; policy: string } {
  const html = renderGraphiQL({
    title: 'Vedette API',
    endpoint: '/graphql',
    subscriptionsProtocol: 'WS',
    credentials: 'same-origin',
    defaultQuery: '{\n  overview {\n    sentence\n  }\n}\n',
  })
  const hashes = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  )
  const policy = [
    "default-src 'none'",
    `script-src ${hashes.join(' ')}`,
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    'font-src data:',
    "connect-src 'self'",
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return { html, policy }
}
