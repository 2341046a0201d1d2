import { describe, expect, test } from 'vitest'
import type { HttpFacts } from '@vedette/model'
import { type Conversation, tcp, text, told } from '../testing/converse.ts'
import { samples } from '../testing/samples.ts'
import type { Speaker, Wants } from '../protocol-parser.ts'
import { httpParser } from './index.ts'

const said = samples.find(({ name }) => name === 'http')?.said ?? []
const http = (conversation: Conversation): HttpFacts[] =>
  told(httpParser, conversation).flatMap((facts) => (facts.http === undefined ? [] : [facts.http]))
const client = (value: string): Conversation[number] => ['client', text(value)]
const server = (value: string): Conversation[number] => ['server', text(value)]
const GET = client('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')

test('requests and responses are put together in their order, each with the lengths of its bodies', () => {
  expect(http(said)).toMatchObject([
    {
      http_method: 'GET',
      url: '/a%20b?c=d',
      hostname: 'www.example.com',
      port: 8080,
      version: 'HTTP/1.1',
      user_agent: 'curl/8.5',
      referrer: 'http://a.test/',
      code: 200,
      message: 'OK',
      content_type: 'text/html',
      server: 'nginx',
      request_length: 0,
      response_length: 11,
      request_headers: [
        { name: 'Host', value: 'WWW.Example.com:8080' },
        { name: 'User-Agent', value: 'curl/8.5' },
        { name: 'Referer', value: 'http://a.test/' },
      ],
    },
    {
      http_method: 'POST',
      request_content_type: 'text/plain',
      request_length: 11,
      code: 302,
      location: '/b',
      response_length: 0,
    },
    { http_method: 'HEAD', code: 200, response_length: 0 },
  ])
  expect(http(said).map(({ anomalies }) => anomalies)).toEqual([undefined, undefined, undefined])
})

describe('how far a response goes (RFC 9112, 6.3)', () => {
  test.each<[string, string, Partial<HttpFacts>]>([
    ['to the end of the connection', 'HTTP/1.1 200 OK\r\n\r\nabcdef', { response_length: 6 }],
    ['its length', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcxyz', { response_length: 3 }],
    [
      'chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\nA\r\n0123456789\r\n00\r\n\r\n',
      { response_length: 10 },
    ],
    [
      'nothing, as nothing changed',
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n',
      { response_length: 0 },
    ],
    [
      'chunks that are none',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabcdef',
      { anomalies: ['bad-chunk'], response_length: 10 },
    ],
    [
      'what should be chunks, and is not even a line',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nabcdef',
      { anomalies: ['bad-chunk', 'unfinished'], response_length: 6 },
    ],
    [
      'headers after a first line of another protocol',
      'ICY 200 OK\r\nicy-br: 128\r\nContent-Type: audio/mpeg\r\n\r\nabcdef',
      {
        anomalies: ['bad-status-line'],
        code: 200,
        content_type: 'audio/mpeg',
        response_length: 6,
      },
    ],
    [
      'less than its length',
      'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nabc',
      { anomalies: ['unfinished'], response_length: 3 },
    ],
  ])('%s', (_, response, facts) => {
    expect(http([GET, server(response)])).toMatchObject([{ code: expect.any(Number), ...facts }])
  })
})

describe('what is not as it should be is told', () => {
  test.each<[string, Conversation]>([
    ['no-host', [client('GET / HTTP/1.1\r\n\r\n')]],
    ['host-mismatch', [client('GET http://a.test/ HTTP/1.1\r\nHost: b.test\r\n\r\n')]],
    ['multiple-host', [client('GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')]],
    ['bare-lf', [client('GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n')]],
    ['bare-cr', [client('GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n')]],
    ['folded-header', [client('GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n')]],
    ['space-before-colon', [client('GET / HTTP/1.1\r\nHost : a\r\n\r\n')]],
    ['no-colon', [client('GET / HTTP/1.1\r\nHost: a\r\nfoo\r\n\r\n')]],
    ['nul', [client('GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n')]],
    ['http-0.9', [client('GET /\r\n')]],
    ['bad-request-line', [client('GET  /a b HTTP/1.1\r\nHost: a\r\n\r\n')]],
    [
      'both-lengths',
      [
        client(
          'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        ),
      ],
    ],
    [
      'multiple-content-length',
      [client('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n')],
    ],
    ['bad-content-length', [client('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx')]],
    [
      'unknown-transfer-encoding',
      [client('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n')],
    ],
    ['chunked-1.0', [client('POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')]],
    [
      'chunk-extension',
      [client('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0;a=b\r\n\r\n')],
    ],
    ['bad-status-line', [GET, server('HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n')]],
    ['bad-status-line', [GET, server('no http at all')]],
    ['long-line', [client(`GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`)]],
    ['many-headers', [client(`GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(70)}\r\n`)]],
    ['long-headers', [client(`GET / HTTP/1.1\r\nHost: a\r\n${`X: ${'y'.repeat(2000)}\r\n`.repeat(10)}\r\n`)]],
    ['pipelined', Array.from({ length: 70 }, () => GET)],
  ])('%s', (anomaly, conversation) => {
    expect(http(conversation)[0]?.anomalies).toEqual([anomaly])
  })

  test('the headers that say how long a body is count wherever they stand', () => {
    const many = `${'X: y\r\n'.repeat(70)}Content-Length: 28\r\n\r\nGET /smuggled HTTP/1.1\r\nX: y`
    expect(http([client(`POST / HTTP/1.1\r\nHost: a\r\n${many}`), GET])).toMatchObject([
      { http_method: 'POST', request_length: 28 },
      { http_method: 'GET', url: '/' },
    ])
  })
})

test('a response that begins one line too late, and an upgrade that nobody asked for', () => {
  const late =
    'foobar\r\nHTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename="a.txt"\r\nContent-Length: 2\r\n\r\nab'
  expect(http([GET, server(late)])).toMatchObject([
    { code: 200, file_name: 'a.txt', response_length: 2, anomalies: ['bad-status-line'] },
  ])
  const upgrade = 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
  expect(http([GET, server(upgrade)])).toMatchObject([{ code: 200 }])
})

test('a response without any HTTP is a body', () => {
  expect(http([GET, server('once upon\na time: there was\na parser')])).toMatchObject([
    { http_method: 'GET', anomalies: ['bad-status-line', 'bare-lf'], response_length: 36 },
  ])
})

test('a request without response, and a response without request', () => {
  expect(http([GET])).toMatchObject([{ http_method: 'GET', hostname: 'a.test' }])
  expect(http([server('HTTP/1.0 404 Not Found\r\n\r\n')])).toEqual([
    {
      version: 'HTTP/1.0',
      code: 404,
      message: 'Not Found',
      request_length: 0,
      response_length: 0,
      response_headers: [],
    },
  ])
})

test('a response is matched with its request however many were told before', () => {
  const conversation: Conversation = [
    ...Array.from({ length: 80 }, (_, n) => client(`GET /${n} HTTP/1.1\r\nHost: a\r\n\r\n`)),
    ...Array.from({ length: 80 }, (_, n) => server(`HTTP/1.1 200 ${n}\r\nContent-Length: 0\r\n\r\n`)),
  ]
  const facts = http(conversation)
  for (const { url, message } of facts.filter(
    ({ code, http_method: method }) => code !== undefined && method !== undefined,
  ))
    expect(url).toBe(`/${message}`)
  expect(facts.filter(({ http_method: method }) => method !== undefined)).toHaveLength(80)
})

describe('another protocol follows', () => {
  test.each<[string, Conversation, string]>([
    [
      'CONNECT',
      [client('CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n'), server('HTTP/1.1 200 OK\r\n\r\n')],
      'connect',
    ],
    [
      'Upgrade',
      [
        client('GET /w HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n'),
        server('HTTP/1.1 101 Switching\r\nUpgrade: WebSocket\r\n\r\n'),
      ],
      'websocket',
    ],
  ])('%s', (_, conversation, upgrade) => {
    const session = httpParser.open(tcp)
    const found: HttpFacts[] = []
    const wants = conversation.map(([speaker, bytes]: readonly [Speaker, Uint8Array]): Wants =>
      session.push(
        speaker,
        bytes,
        1,
        (__, facts) => void (facts.http !== undefined && found.push(facts.http)),
      ),
    )
    expect(wants).toEqual(['more', 'other'])
    expect(found).toMatchObject([{ upgrade }])
  })

  test('not where CONNECT was refused', () => {
    expect(
      http([
        client('CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n\r\n'),
        server('HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n'),
        GET,
      ]),
    ).toMatchObject([{ hostname: 'a.test', port: 443, code: 407 }, { http_method: 'GET' }])
  })
})

describe('bytes that were missed', () => {
  const response = server('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc')
  const played = (gap: number): HttpFacts[] => {
    const found: HttpFacts[] = []
    const session = httpParser.open(tcp)
    const tell = (_: string, facts: { readonly http?: HttpFacts }): void =>
      void (facts.http !== undefined && found.push(facts.http))
    for (const [speaker, bytes] of [GET, client('GET /2 HTTP/1.1\r\nHost: a.test\r\n\r\n'), response])
      session.push(speaker, bytes, 1, tell)
    session.gap('server', gap)
    session.push('server', text('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'), 1, tell)
    session.end(1, tell)
    return found
  }
  test('within a body count as its bytes', () => {
    expect(played(47)).toMatchObject([
      { url: '/', response_length: 50, anomalies: ['gap'] },
      { url: '/2', code: 404 },
    ])
  })
  test('beyond a body: it goes on where a response begins', () => {
    expect(played(60)).toMatchObject([
      { url: '/', response_length: 3, anomalies: ['gap'] },
      { url: '/2', code: 404 },
    ])
  })
})

test.each([
  ['client', 'GET / HTTP/1.1\r\n', 'yes'],
  ['client', 'GET / HTTP/1.1', 'maybe'],
  ['client', 'PROPFIND /a HTTP/1.1\r\n', 'yes'],
  ['client', 'GET /\r\n', 'yes'],
  ['client', 'OPTIONS rtsp://a/b RTSP/1.0\r\n', 'no'],
  ['client', 'INVITE sip:a@b SIP/2.0\r\n', 'no'],
  ['client', 'PRI * HTTP/2.0\r\n\r\n', 'no'],
  ['client', 'EHLO mail.example.com\r\n', 'no'],
  ['client', 'RETR /a\r\n', 'no'],
  ['client', 'USER anonymous\r\n', 'no'],
  ['server', 'HTTP/1.1 200', 'yes'],
  ['server', 'HTTP/2 200', 'no'],
  ['server', '220 ready', 'no'],
] as const)('recognise(%s, %j) is %s', (speaker, head, answer) => {
  expect(httpParser.recognise(speaker, text(head), tcp)).toBe(answer)
})
