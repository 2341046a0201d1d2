import { connect } from 'node:net'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestServer, type TestServer } from '../testing/test-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await openTestServer({ api: { cors_origins: ['https://console.example.org'] } })
})
afterAll(() => server[Symbol.asyncDispose]())

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, { headers: { accept: 'text/html', ...headers } })

/** A request as it stands here, past every client that would tidy it up. */
async function raw(text: string): Promise<string> {
  const { port } = new URL(server.url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(text.replaceAll('\n', '\r\n'))
  socket.setTimeout(5000, () => socket.destroy())
  let answer = ''
  socket.on('data', (chunk) => (answer += String(chunk)))
  // Cut off in the middle of what it sent, a client may see a reset in place of the answer.
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('close', resolve))
  return answer
}

describe('the console', () => {
  test.each(['/', '/index.html', '/alerts', '/alerts/abc?tab=tree', '/hosts/web-1'])(
    'is at %s',
    async (path) => {
      const response = await get(path)
      expect(response.status).toBe(200)
      expect(await response.text()).toContain('The console')
      expect(response.headers.get('cache-control')).toBe('no-cache')
    },
  )

  test('runs scripts of its own origin alone, in no frame', async () => {
    const { headers } = await get('/')
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toMatch(/script-src 'self'(?:;|$)/)
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/script-src[^;]*unsafe/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('strict-transport-security')).toBeNull()
  })

  test('has its built files kept for good', async () => {
    const response = await get('/assets/app-1234.js')
    expect(response.headers.get('cache-control')).toContain('immutable')
    expect(response.headers.get('content-type')).toContain('javascript')
  })

  test.each([
    '/assets/none.js',
    '/favicon.ico',
    '/auth/none',
    '/graphql/none',
    '/agent/v1/none',
    '/health/none',
  ])('%s is nothing, and not its page', async (path) => {
    const response = await get(path)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { code: 'not-found' } })
  })

  test.each([
    '/../home/audit',
    '/../../../../../../etc/passwd',
    '/..%2f..%2f..%2f..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
    '/assets/..%5c..%5c..%5cetc%5cpasswd',
    '//etc/passwd',
    '/assets/%00/etc/passwd',
    '/.%2e/rules/attack.yml',
    '/console/../../rules/attack.yml',
  ])('nothing beside it can be read by %s', async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 (?:200|4\d\d) /)
    expect(answer).not.toMatch(/root:|attack-of-the-tests/)
  })
})

describe('pages of other origins', () => {
  test('may not read answers', async () => {
    const { headers } = await get('/auth/state', { origin: 'https://evil.example' })
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  test('may where the configuration names them', async () => {
    const origin = 'https://console.example.org'
    const { headers } = await get('/auth/state', { origin })
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('vary')).toBe('Origin')
    const preflight = await fetch(`${server.url}/graphql`, { method: 'OPTIONS', headers: { origin } })
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'GET, POST, PUT, DELETE',
    ])
  })
})

describe('GraphiQL', () => {
  test('is for who may read the schema', async () => {
    expect((await get('/graphql')).status).toBe(401)
    const viewer = await get('/graphql', { authorization: `Bearer ${await server.token('viewer')}` })
    expect(viewer.status).toBe(403)
  })

  test('brings its scripts along, each named by its hash', async () => {
    const response = await get('/graphql', { authorization: `Bearer ${server.cliToken}` })
    expect(response.status).toBe(200)
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/script-src (?:'sha256-[\w+/]{43}=' ?)+;/)
    expect(policy).not.toMatch(/script-src[^;]*(?:unsafe|https?:)/)
    expect(await response.text()).not.toMatch(/<script[^>]+src=/)
  })

  test('works in a browser under its policy, and asks no other host', async () => {
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
    })
    try {
      const page = await (
        await browser.newContext({ extraHTTPHeaders: { authorization: `Bearer ${server.cliToken}` } })
      ).newPage()
      const foreign: string[] = []
      const faults: string[] = []
      page.on('request', (request) => {
        if (!/^(?:blob|data):/.test(request.url()) && !request.url().startsWith(server.url))
          foreign.push(request.url())
      })
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(message.text())
      })
      await page.goto(`${server.url}/graphql`)
      await page.getByRole('button', { name: /execute query/i }).click()
      await page.getByText('no host has reported yet').first().waitFor()
      expect(foreign).toEqual([])
      expect(faults).toEqual([])
    } finally {
      await browser.close()
    }
  })
})

describe('figures', () => {
  test('are in Prometheus’ format, and tell of nobody', async () => {
    const response = await get('/metrics')
    expect(response.headers.get('content-type')).toContain('text/plain')
    const text = await response.text()
    for (const name of [
      'vedette_events_total{outcome="stored"} 0',
      'vedette_alert_latency_seconds_bucket{le="0.05"}',
      'vedette_rules{state="loaded"} 2',
      'vedette_agents_connected 0',
      'process_resident_memory_bytes',
    ]) {
      expect(text).toContain(name)
    }
  })

  test('one check is 404 where there is none of that name', async () => {
    expect((await get('/health/event_store')).status).toBe(200)
    for (const name of ['none', '__proto__', 'toString', 'x'.repeat(500)]) {
      expect((await get(`/health/${name}`)).status).toBeGreaterThanOrEqual(400)
    }
  })
})

test.each([
  ['a head that never ends', `GET / HTTP/1.1\nHost: 127.0.0.1\nX: ${'x'.repeat(100_000)}\n\n`],
  [
    'two lengths',
    'POST /auth/sign-in HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 5\nContent-Length: 6\n\nhello!',
  ],
  [
    'length and chunks',
    'POST /auth/sign-in HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n',
  ],
  ['no host', 'GET / HTTP/1.1\nConnection: close\n\n'],
  ['no HTTP', '\u0016\u0003\u0001\u0002\u0000'],
  [
    'an upgrade to nowhere',
    'GET /none HTTP/1.1\nHost: 127.0.0.1\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\nSec-WebSocket-Version: 13\n\n',
  ],
])('%s is refused and the server goes on', async (_name, text) => {
  expect(await raw(text)).toMatch(/^(?:HTTP\/1\.1 4\d\d |$)/)
  expect((await get('/health/state_store')).status).toBe(200)
})
