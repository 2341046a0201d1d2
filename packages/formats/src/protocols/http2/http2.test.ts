import { once } from 'node:events'
import http2 from 'node:http2'
import { Duplex, duplexPair } from 'node:stream'
import type { HttpFacts, ProtocolFacts } from '@vedette/model'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Conversation, fromHex, tcp, text, told } from '../testing/converse.ts'
import type { Speaker } from '../protocol-parser.ts'
import { samples } from '../testing/samples.ts'
import { HeaderDecoder } from './hpack.ts'
import { readHuffman } from './huffman.ts'
import { http2Parser } from './index.ts'

const said = samples.filter(({ name }) => name === 'http')[1]?.said ?? []

test('each stream is a request and its response', () => {
  expect(told(http2Parser, said).map(({ http }) => http)).toEqual([
    {
      http_method: 'GET',
      url: '/a?b',
      hostname: 'example.com',
      port: 8080,
      version: 'HTTP/2',
      user_agent: 'curl/8.5',
      code: 200,
      content_type: 'text/html',
      request_length: 0,
      response_length: 3000,
      request_headers: [
        { name: ':method', value: 'GET' },
        { name: ':scheme', value: 'http' },
        { name: ':path', value: '/a?b' },
        { name: ':authority', value: 'Example.com:8080' },
        { name: 'user-agent', value: 'curl/8.5' },
      ],
      response_headers: [
        { name: ':status', value: '200' },
        { name: 'content-type', value: 'text/html; charset=utf-8' },
      ],
      latency_ms: 0,
      stream_id: 1,
    },
    expect.objectContaining({
      http_method: 'POST',
      url: '/a?b',
      user_agent: 'curl/8.5',
      code: 404,
      request_length: 11,
      response_length: 0,
      stream_id: 3,
    }),
  ])
})

describe('HPACK as in RFC 7541, appendix C', () => {
  const decoder = new HeaderDecoder()
  const read = (block: string): string[] => {
    const found: string[] = []
    decoder.read(fromHex(block), (name, value) => found.push(`${name}: ${value}`))
    return found
  }

  test('C.4: requests with Huffman, one building upon the other', () => {
    const first = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com']
    expect(read('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff')).toEqual(first)
    expect(read('8286 84be 5886 a8eb 1064 9cbf')).toEqual([...first, 'cache-control: no-cache'])
    expect(read('8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf')).toEqual([
      ':method: GET',
      ':scheme: https',
      ':path: /index.html',
      ':authority: www.example.com',
      'custom-key: custom-value',
    ])
  })

  test.each([
    ['an entry that is not there', 'ff80 01'],
    ['a table larger than may be', '3fe1 ff7f'],
    ['a text that goes on', '4005 6162'],
    ['a number without end', 'ffff ffff ffff ffff ff'],
    ['Huffman that is none', '4001 6182 0000'],
  ])('%s breaks it', (_, block) => {
    const broken = new HeaderDecoder()
    broken.read(fromHex(block), () => undefined)
    expect(broken.isBroken).toBe(true)
  })

  test('of a large table old entries are counted, and no longer known', () => {
    const large = new HeaderDecoder()
    const found: string[] = []
    const take = (name: string): void => void found.push(name)
    large.read(fromHex('3fe1ff03'), take)
    const value = 'v'.repeat(100)
    for (let n = 0; n < 200; n += 1)
      large.read(
        Buffer.concat([
          Buffer.from([0x40, 4]),
          text(`n${String(n).padStart(3, '0')}`),
          Buffer.from([100]),
          text(value),
        ]),
        take,
      )
    expect(found).toHaveLength(200)
    // The newest, and one from long before.
    large.read(fromHex('be'), take)
    large.read(fromHex('ff37'), take)
    expect(found.slice(200)).toEqual(['n199'])
    expect(large.isBroken).toBe(false)
  })

  test('any bytes are read or refused', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (blocks) => {
        const any = new HeaderDecoder()
        for (const block of blocks)
          any.read(block, (name, value) => expect(name.length + value.length).toBeLessThan(2400))
      }),
    )
    expect(readHuffman(fromHex('ffffffff'))).toBeUndefined()
  })
})

describe('beside an HTTP/2 client and server of Node', () => {
  const value = fc.string({
    minLength: 1,
    maxLength: 40,
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  })
  const request = fc.record({
    method: fc.constantFrom('GET', 'POST', 'DELETE'),
    path: fc.webPath().map((path) => `/${path}`),
    agent: value,
    body: fc.uint8Array({ maxLength: 40_000 }),
    answer: fc.uint8Array({ maxLength: 40_000 }),
    code: fc.constantFrom(200, 204, 404, 500),
  })

  test('what is asked and answered is told', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 6 }), async (requests) => {
        const [clientEnd, serverEnd] = duplexPair()
        const found: HttpFacts[] = []
        const session = http2Parser.open(tcp)
        const tell = (_: string, facts: ProtocolFacts): void =>
          void (facts.http !== undefined && found.push(facts.http))
        const server = http2.createServer((incoming, response) => {
          const asked = requests[Number(incoming.headers['x-number'])]
          incoming.resume().on('end', () => {
            response.writeHead(asked?.code ?? 500, { 'content-type': 'text/x; a=b' })
            if (asked === undefined || asked.code === 204) response.end()
            else response.end(asked.answer)
          })
        })
        server.emit(
          'connection',
          tapped(serverEnd, (bytes) => session.push('server', bytes, 1, tell)),
        )
        const client = http2.connect('http://sensor.example:8080', {
          createConnection: () => tapped(clientEnd, (bytes) => session.push('client', bytes, 1, tell)),
        })
        for (const [number, { method, path, agent, body }] of requests.entries()) {
          const stream = client.request(
            { ':method': method, ':path': path, 'user-agent': agent, 'x-number': String(number) },
            { endStream: false },
          )
          if (method === 'POST') stream.end(body)
          else stream.end()
          stream.resume()
          await once(stream, 'close')
        }
        client.destroy()
        server.close()
        session.end(1, tell)
        expect(found).toHaveLength(requests.length)
        for (const [at, { method, path, agent, body, answer, code }] of requests.entries()) {
          expect(found[at]).toMatchObject({
            http_method: method,
            url: path,
            hostname: 'sensor.example',
            port: 8080,
            user_agent: agent,
            code,
            content_type: 'text/x',
            request_length: method === 'POST' ? body.length : 0,
            response_length: code === 204 ? 0 : answer.length,
          })
        }
      }),
      { numRuns: 25 },
    )
  })
})

/** The end of a pair, and what is written into it. */
function tapped(inner: Duplex, seen: (bytes: Buffer) => void): Duplex {
  const outer = new Duplex({
    read: () => inner.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      seen(chunk)
      inner.write(chunk, done)
    },
    final: (done) => void inner.end(done),
  })
  inner.on('data', (chunk: Buffer) => outer.push(chunk))
  inner.on('end', () => outer.push(null))
  return outer
}

test('DNS within: the question in the target, the answer in the body', () => {
  const question = Buffer.from(fromHex('0000 0100 0001 0000 0000 0000 01 61 02 6264 00 0001 0001'))
  const answer = Buffer.from(question)
  answer[2] = 0x81
  const literal = (name: number, value: string): Buffer =>
    Buffer.concat([Buffer.from([0x40 | name, value.length]), text(value)])
  const frame = (type: number, flags: number, payload: Uint8Array): Buffer =>
    Buffer.concat([Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, 1]), payload])
  const conversation: Conversation = [
    [
      'client',
      Buffer.concat([
        text('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
        frame(
          1,
          5,
          Buffer.concat([
            Buffer.from([0x82]),
            literal(4, `/dns-query?dns=${question.toString('base64url')}`),
          ]),
        ),
      ]),
    ],
    [
      'server',
      Buffer.concat([
        frame(1, 4, Buffer.concat([Buffer.from([0x88]), literal(31, 'application/dns-message')])),
        frame(0, 1, answer),
      ]),
    ],
  ]
  expect(told(http2Parser, conversation)).toMatchObject([
    { dns: { type: 'query', hostname: 'a.bd' } },
    { dns: { type: 'answer', hostname: 'a.bd' } },
    { http: { code: 200, content_type: 'application/dns-message' } },
  ])
})

test('a stream that is given up, and one that never ends', () => {
  const [first, second] = said
  if (first === undefined || second === undefined) throw new RangeError('too little was said')
  const reset = fromHex('000004 03 00 00000001 00000008')
  expect(
    told(http2Parser, [first, ['server', reset]]).map(({ http }) => [http?.stream_id, http?.anomalies]),
  ).toEqual([
    [1, ['reset']],
    [3, undefined],
  ])
})

test.each<[Speaker, Uint8Array, string]>([
  ['client', text('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), 'yes'],
  ['client', text('PRI * '), 'maybe'],
  ['client', text('PUT / HTTP/1.1'), 'no'],
  ['server', fromHex('000006 04 00 00000000 000300000064'), 'yes'],
  ['server', fromHex('000006 04'), 'maybe'],
  ['server', fromHex('000006 04 00 00000001'), 'no'],
  ['server', fromHex('000008 06 00 00000000'), 'no'],
])('recognise(%s, %o) is %s', (speaker, head, answer) => {
  expect(http2Parser.recognise(speaker, head, tcp)).toBe(answer)
})
