import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type FeedSettings, feedSettingsSchema, type FeedState } from '@vedette/model'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sha256Of } from './check-document.ts'
import { checkedAddress } from './checked-address.ts'
import { readFeed, type ReadFeedOptions } from './read-feed.ts'

/** A server of feeds on loopback; each test says what it answers. */
let server: Server
let base: string
let answer: (request: IncomingMessage, response: ServerResponse) => void
let asked: IncomingMessage[]

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
beforeEach(() => {
  asked = []
})

const fresh: FeedState = { indicators: 0, malformed: 0, leftOut: 0, failures: 0 }
const never = new AbortController().signal

function feed(settings: Partial<FeedSettings> = {}): FeedSettings {
  return feedSettingsSchema.parse({
    name: 'test',
    url: `${base}/list.txt`,
    allow_private: true,
    allow_http: true,
    ...settings,
  })
}

function read(settings: Partial<FeedSettings> = {}, state = fresh, options: ReadFeedOptions = {}) {
  return readFeed(feed(settings), state, options, never)
}

function text(body: string | Buffer, headers: Record<string, string> = {}) {
  return (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, headers).end(body)
  }
}

describe('an HTTP feed', () => {
  test('gives its document, and is asked only for what is new', async () => {
    answer = (request, response) => {
      if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end()
      else
        response
          .writeHead(200, { etag: '"1"', 'last-modified': 'Thu, 19 Nov 2026 10:00:00 GMT' })
          .end('evil.test\n')
    }
    const first = await read({ authorization: 'Bearer t' })
    expect(first).toMatchObject({
      changed: true,
      text: 'evil.test\n',
      etag: '"1"',
      sha256: sha256Of(Buffer.from('evil.test\n')),
    })
    expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer t', host: base.slice(7) })
    expect(await read({}, { ...fresh, etag: '"1"' })).toEqual({ changed: false })
    await read({}, { ...fresh, lastModified: 'Thu, 19 Nov 2026 10:00:00 GMT' })
    expect(asked.at(-1)?.headers['if-modified-since']).toBe('Thu, 19 Nov 2026 10:00:00 GMT')
  })

  test('may be packed, on the way or itself', async () => {
    answer = text(gzipSync('evil.test\n'), { 'content-encoding': 'gzip' })
    expect(await read()).toMatchObject({ text: 'evil.test\n' })
    answer = text(gzipSync('evil.test\n'))
    expect(await read()).toMatchObject({ text: 'evil.test\n' })
  })

  test('is cut off where it is too large, also when it only unpacks to that', async () => {
    const budget = { maxBytes: 10_000, withinMs: 10_000 }
    answer = text('x'.repeat(10_001))
    await expect(read({}, fresh, { budget })).rejects.toMatchObject({ code: 'feed-too-large' })
    const bomb = gzipSync(Buffer.alloc(5_000_000))
    expect(bomb.length).toBeLessThan(10_000)
    answer = text(bomb, { 'content-encoding': 'gzip' })
    await expect(read({}, fresh, { budget })).rejects.toMatchObject({ code: 'feed-too-large' })
    answer = text(gzipSync(bomb), { 'content-encoding': 'gzip' })
    await expect(read({}, fresh, { budget })).rejects.toMatchObject({ code: 'feed-too-large' })
  })

  test('is given up where it is too slow: before the answer, and within it', async () => {
    const budget = { maxBytes: 10_000, withinMs: 150 }
    answer = () => undefined
    await expect(read({}, fresh, { budget })).rejects.toMatchObject({ code: 'feed-too-slow' })
    answer = (_request, response) => {
      response.writeHead(200).write('evil.test\n')
    }
    await expect(read({}, fresh, { budget })).rejects.toMatchObject({ code: 'feed-too-slow' })
  })

  test.each([404, 500, 204 + 200])('an answer of %i is an error', async (status) => {
    answer = (_request, response) => {
      response.writeHead(status).end('no')
    }
    await expect(read()).rejects.toMatchObject({ code: 'feed-status' })
  })

  test('what is broken off or is no HTTP is an error', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('evil')
      response.destroy()
    }
    await expect(read()).rejects.toMatchObject({ code: 'feed-unreachable' })
    answer = text('no gzip', { 'content-encoding': 'gzip' })
    await expect(read()).rejects.toMatchObject({ code: 'feed-unreachable' })
    await expect(read({ url: 'http://127.0.0.1:1/' })).rejects.toMatchObject({ code: 'feed-unreachable' })
  })

  test('ends when it is told to', async () => {
    answer = () => undefined
    const stop = new AbortController()
    const reading = readFeed(feed(), fresh, {}, stop.signal)
    setTimeout(() => stop.abort(), 20)
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('a feed leads nowhere else', () => {
  test('a redirection within its own origin is followed, three times', async () => {
    answer = (request, response) => {
      if (request.url === '/list.txt') response.writeHead(302, { location: '/other.txt' }).end()
      else response.writeHead(200).end('evil.test\n')
    }
    expect(await read()).toMatchObject({ text: 'evil.test\n' })
    answer = (_request, response) => {
      response.writeHead(302, { location: '/list.txt' }).end()
    }
    await expect(read()).rejects.toMatchObject({ code: 'feed-redirect' })
    expect(asked.length).toBe(2 + 4)
  })

  test.each([
    'http://127.0.0.2/',
    'http://localhost/',
    'https://127.0.0.1/',
    'file:///etc/passwd',
    '//evil.test/',
  ])('a redirection to %s is refused', async (location) => {
    answer = (_request, response) => {
      response.writeHead(302, { location }).end()
    }
    await expect(read()).rejects.toMatchObject({ code: 'feed-redirect' })
    expect(asked).toHaveLength(1)
  })

  test('an address that reaches inside is refused without allow_private, and nobody connects', async () => {
    answer = text('evil.test\n')
    await expect(read({ allow_private: false })).rejects.toMatchObject({ code: 'feed-private' })
    expect(asked).toEqual([])
  })

  test('the connection goes to the address that was looked at, whatever the name says later', async () => {
    answer = text('evil.test\n')
    const { port } = server.address() as AddressInfo
    let times = 0
    const resolve = () => {
      times += 1
      return Promise.resolve([{ address: times === 1 ? '127.0.0.1' : '203.0.113.1', family: 4 }])
    }
    expect(await read({ url: `http://feed.test:${port}/list.txt` }, fresh, { resolve })).toMatchObject({
      text: 'evil.test\n',
    })
    expect(times).toBe(1)
    expect(asked[0]?.headers.host).toBe(`feed.test:${port}`)
  })
})

describe('checkedAddress()', () => {
  const to =
    (...addresses: string[]) =>
    () =>
      Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })))
  const strict = { allow_private: false, allow_http: false }

  test.each([
    '10.0.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.3.4',
    '192.168.1.1',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::ffff:10.0.0.1',
    'fe80::1',
    'fd00:ec2::254',
    '64:ff9b::a00:1',
    '224.0.0.1',
  ])('refuses a name at %s', async (address) => {
    await expect(
      checkedAddress(new URL('https://feed.test/'), strict, to('93.184.216.34', address)),
    ).rejects.toMatchObject({
      code: 'feed-private',
    })
  })

  test.each([
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:7f00:1]/',
    'https://127.1/',
  ])('refuses %s, however it is written', async (url) => {
    await expect(checkedAddress(new URL(url), strict)).rejects.toMatchObject({ code: 'feed-private' })
  })

  test('refuses other schemes, credentials and names without an address', async () => {
    const check = (url: string) => checkedAddress(new URL(url), strict, to('93.184.216.34'))
    await expect(check('http://feed.test/')).rejects.toMatchObject({ code: 'feed-scheme' })
    await expect(check('ftp://feed.test/')).rejects.toMatchObject({ code: 'feed-scheme' })
    await expect(check('https://a:b@feed.test/')).rejects.toMatchObject({ code: 'feed-credentials' })
    await expect(checkedAddress(new URL('https://feed.test/'), strict, to())).rejects.toMatchObject({
      code: 'feed-name',
    })
    expect(await check('https://feed.test/')).toEqual({ address: '93.184.216.34', family: 4 })
  })
})

describe('what a document has to be', () => {
  test('a hash that was said', async () => {
    answer = text('evil.test\n')
    const sha256 = sha256Of(Buffer.from('evil.test\n'))
    expect(await read({ sha256 })).toMatchObject({ changed: true })
    await expect(read({ sha256: 'ab'.repeat(32) })).rejects.toMatchObject({ code: 'feed-hash' })
  })

  test('signed by the key of the feed', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const key = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64')
    const signature = sign(null, Buffer.from('evil.test\n'), privateKey)
    let sent: Buffer | string = signature
    answer = (request, response) => {
      response.writeHead(200).end(request.url === '/list.txt.sig' ? sent : 'evil.test\n')
    }
    expect(await read({ public_key: key })).toMatchObject({ changed: true })
    sent = `${signature.toString('base64')}\n`
    expect(
      await read({ public_key: publicKey.export({ format: 'pem', type: 'spki' }).toString() }),
    ).toMatchObject({ changed: true })
    sent = sign(null, Buffer.from('other.test\n'), privateKey)
    await expect(read({ public_key: key })).rejects.toMatchObject({ code: 'feed-signature' })
    sent = 'none'
    await expect(read({ public_key: key })).rejects.toMatchObject({ code: 'feed-signature' })
    await expect(read({ public_key: 'none' })).rejects.toMatchObject({ code: 'feed-key' })
    await expect(
      read({ public_key: key, signature_url: 'https://elsewhere.test/x', allow_private: false }),
    ).rejects.toThrow()
  })
})

describe('TAXII 2.1', () => {
  const indicator = (value: string) => ({ type: 'indicator', pattern: `[domain-name:value = '${value}']` })

  test('a collection is read page after page', async () => {
    answer = (request, response) => {
      const url = new URL(request.url ?? '', base)
      const last = url.searchParams.get('next') === '2'
      response.writeHead(200, {
        'content-type': 'application/taxii+json;version=2.1',
        'x-taxii-date-added-last': last ? '2026-11-19T10:00:01.000Z' : '2026-11-19T10:00:00.000Z',
      })
      response.end(
        JSON.stringify(
          last
            ? { objects: [indicator('b.test')] }
            : { more: true, next: '2', objects: [indicator('a.test')] },
        ),
      )
    }
    const settings = { kind: 'taxii', url: `${base}/api/collections/91a7/`, append: true } as const
    const got = await read(settings)
    expect(got).toMatchObject({ changed: true, format: 'stix', addedAfter: '2026-11-19T10:00:01.000Z' })
    expect(got.changed && JSON.parse(got.text)).toEqual({
      type: 'bundle',
      objects: [indicator('a.test'), indicator('b.test')],
    })
    expect(asked[0]?.url).toBe('/api/collections/91a7/objects/?limit=5000')
    expect(asked[0]?.headers.accept).toBe('application/taxii+json;version=2.1')
    await read(settings, { ...fresh, addedAfter: '2026-11-19T10:00:01.000Z' })
    expect(asked[2]?.url).toContain('added_after=2026-11-19T10%3A00%3A01.000Z')
  })

  test('a collection is found by its title', async () => {
    answer = (request, response) => {
      const documents: Record<string, unknown> = {
        '/taxii2/': {
          title: 't',
          default: `${base}/api/`,
          api_roots: [`${base}/api/`, 'https://elsewhere.test/'],
        },
        '/api/collections/': {
          collections: [
            { id: 'x', title: 'other' },
            { id: 'y z', title: 'Mine' },
          ],
        },
      }
      response.writeHead(200).end(JSON.stringify(documents[request.url ?? ''] ?? { objects: [] }))
    }
    expect(await read({ kind: 'taxii', url: `${base}/taxii2/`, collection: 'Mine' })).toMatchObject({
      changed: true,
    })
    expect(asked.map(({ url }) => url)).toEqual([
      '/taxii2/',
      '/api/collections/',
      '/api/collections/y%20z/objects/?limit=5000',
    ])
    await expect(read({ kind: 'taxii', url: `${base}/taxii2/`, collection: 'None' })).rejects.toMatchObject({
      code: 'feed-no-collection',
    })
    await expect(read({ kind: 'taxii', url: `${base}/taxii2/` })).rejects.toMatchObject({
      code: 'feed-no-collection',
    })
  })

  test('a server that never ends is given up by its budget', async () => {
    answer = text(
      JSON.stringify({ more: true, next: 'x', objects: [indicator('a.test')], filler: 'x'.repeat(900) }),
    )
    const settings = { kind: 'taxii', url: `${base}/collections/1/` } as const
    await expect(
      read(settings, fresh, { budget: { maxBytes: 20_000, withinMs: 20_000 } }),
    ).rejects.toMatchObject({ code: 'feed-too-large' })
    expect(asked.length).toBeLessThan(25)
  })
})

test('a MISP folder is read by its manifest, the newest event first', async () => {
  const [old, young] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']
  answer = (request, response) => {
    if (request.url === '/misp/manifest.json') {
      response
        .writeHead(200, { etag: '"m"' })
        .end(JSON.stringify({ [old]: { timestamp: 1 }, [young]: { timestamp: '2' }, '../../x': {} }))
    } else {
      response.writeHead(200).end(JSON.stringify({ Event: { info: request.url, Attribute: [] } }))
    }
  }
  const got = await read({ kind: 'misp', url: `${base}/misp` })
  expect(asked.map(({ url }) => url)).toEqual([
    '/misp/manifest.json',
    `/misp/${young}.json`,
    `/misp/${old}.json`,
  ])
  expect(got).toMatchObject({ changed: true, format: 'misp', etag: '"m"' })
  expect(got.changed && (JSON.parse(got.text) as { response: unknown[] }).response).toHaveLength(2)
})

test('a file is taken anew when it is another', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-feed-'))
  try {
    const url = join(folder, 'list.txt')
    writeFileSync(url, 'evil.test\n')
    utimesSync(url, 1000, 1000)
    const got = await read({ kind: 'file', url })
    if (!got.changed || got.etag === undefined) throw new Error('nothing was read')
    expect(got.text).toBe('evil.test\n')
    expect(await read({ kind: 'file', url }, { ...fresh, etag: got.etag })).toEqual({ changed: false })
    utimesSync(url, 2000, 2000)
    expect(await read({ kind: 'file', url }, { ...fresh, etag: got.etag })).toMatchObject({ changed: true })
    await expect(read({ kind: 'file', url: join(folder, 'none') })).rejects.toMatchObject({
      code: 'feed-unreadable',
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
