import { expect, test } from 'vitest'
import { type Conversation, cutUp, fromHex, tcp, told } from '../testing/converse.ts'
import { CERTIFICATE, CHROMIUM_HELLO, samples } from '../testing/samples.ts'
import { clientHello, extensionBody, handshake, joined, record, serverHello } from '../testing/wire.ts'
import { tlsParser } from './index.ts'
import { sha256Of } from './x509/certificate.ts'

const said = samples.find(({ name }) => name === 'tls')?.said ?? []
const client = (body: Uint8Array): Conversation => [['client', record(22, handshake(1, body))]]
const secondHello = (
  extensions: readonly number[],
  bodies: Readonly<Record<number, Uint8Array>>,
  ciphers = [0x1301],
) => serverHello({ ciphers, extensions, bodies, sessionId: new Uint8Array(32).fill(5) })
const tls13 = { 43: fromHex('0304') }

test('a handshake of TLS 1.2: who is asked for, what is chosen, which certificate, and published fingerprints', () => {
  expect(told(tlsParser, said)).toMatchObject([
    {
      tls: {
        sni: 'www.example.com',
        client_alpns: ['h2', 'http/1.1'],
        client_versions: [0x3a3a, 0x0304, 0x0303],
        client_groups: [0xeaea, 29, 23, 24],
        ja3_hash: 'cd08e31494f9531f560d64c695473da9',
        ja3_string:
          '771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,0-23-65281-10-11-35-16-5-13-18-51-45-43-27-17513-21,29-23-24,0',
        ja4: 't13d1516h2_8daaf6152771_e5627efa2ab1',
        version: 'TLS 1.2',
        cipher: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
        server_alpn: 'h2',
        ja3s_string: '771,49199,65281-11-16',
        established: true,
        certificate: { subject: 'CN=server.example.com', issuer: 'C=FR, O=Café\\, Inc' },
        certificate_chain: [sha256Of(CERTIFICATE)],
      },
    },
  ])
  expect(told(tlsParser, said)[0]?.tls?.session_resumed).toBeUndefined()
})

test('JA3S of a server, as published for a known one', () => {
  const hello = serverHello({
    ciphers: [0xc02f],
    extensions: [0xff01, 0, 11, 16, 23],
    bodies: { 16: extensionBody.alpn(['h2']) },
  })
  const [facts] = told(tlsParser, [['server', record(22, handshake(2, hello))]])
  expect(facts?.tls?.ja3s_hash).toBe('5d79edf64e03689ff559a54e9d9487bc')
})

test.each<[string, Parameters<typeof clientHello>[0], string]>([
  ['no extension', { ciphers: [0x002f], extensions: [] }, 't12i010000_'],
  [
    'no name, one letter of ALPN',
    { ciphers: [0x1301], extensions: [16], bodies: { 16: extensionBody.alpn(['x']) } },
    't12i0101xx_',
  ],
  [
    'ALPN that is no letter',
    { ciphers: [0x1301], extensions: [16], bodies: { 16: extensionBody.alpn(['\u00abh\u00cd']) } },
    't12i0101ad_',
  ],
  ['an old version', { version: 0x0301, ciphers: [0x002f, 0x0035], extensions: [0] }, 't10d020100_'],
  [
    'a version that no one knows',
    { version: 0x0305, ciphers: [], extensions: [] },
    't00i000000_000000000000_000000000000',
  ],
  [
    'more than two digits hold',
    { ciphers: Array.from({ length: 120 }, (_, n) => n), extensions: [] },
    't12i990000_',
  ],
])('JA4 of a hello with %s', (_, parts, begins) => {
  expect(told(tlsParser, client(clientHello(parts)))[0]?.tls?.ja4?.startsWith(begins)).toBe(true)
})

test('JA4 does not change with the order of ciphers and extensions, JA3 does', () => {
  const parts = { ciphers: [0x1301, 0x1302, 0x1303], extensions: [0, 10, 13, 23] }
  const [a] = told(tlsParser, client(clientHello(parts)))
  const [b] = told(
    tlsParser,
    client(clientHello({ ciphers: parts.ciphers.toReversed(), extensions: parts.extensions.toReversed() })),
  )
  expect(a?.tls?.ja4).toBe(b?.tls?.ja4)
  expect(a?.tls?.ja3_hash).not.toBe(b?.tls?.ja3_hash)
})

test('TLS 1.3: keys at once, a retry first, a key shared before', () => {
  const retry = joined(
    fromHex('0303'),
    fromHex('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'),
    secondHello([43, 51], tls13).subarray(34),
  )
  expect(
    told(tlsParser, [
      ['client', record(22, handshake(1, CHROMIUM_HELLO))],
      ['server', joined(record(22, handshake(2, retry)), record(20, Uint8Array.of(1)))],
      ['client', joined(record(20, Uint8Array.of(1)), record(22, handshake(1, CHROMIUM_HELLO)))],
      [
        'server',
        joined(
          record(22, handshake(2, secondHello([43, 51, 41], tls13, [0x1302]))),
          record(23, new Uint8Array(9)),
        ),
      ],
      ['client', record(23, new Uint8Array(50))],
    ]),
  ).toMatchObject([
    {
      tls: {
        version: 'TLS 1.3',
        cipher: 'TLS_AES_256_GCM_SHA384',
        established: true,
        session_resumed: true,
        server_extensions: [43, 51, 41],
      },
    },
  ])
})

test('TLS 1.2 that goes on with a ticket', () => {
  const keys = joined(record(20, Uint8Array.of(1)), record(22, new Uint8Array(40)))
  expect(
    told(tlsParser, [
      ['client', record(22, handshake(1, CHROMIUM_HELLO))],
      ['server', joined(record(22, handshake(2, serverHello({ ciphers: [0xc02f], extensions: [] }))), keys)],
      ['client', keys],
    ]),
  ).toMatchObject([{ tls: { established: true, session_resumed: true } }])
})

test('a hello in the form of SSL 2', () => {
  const hello = fromHex(
    `802e 01 0301 0015 0000 0010 000039 000038 000035 060040 0700c0 00000a 010080 ${'ab'.repeat(16)}`,
  )
  expect(tlsParser.recognise('client', hello, tcp)).toBe('yes')
  expect(tlsParser.recognise('client', hello.subarray(0, 7), tcp)).toBe('maybe')
  const answer = record(22, handshake(2, serverHello({ version: 0x0301, ciphers: [0x0039], extensions: [] })))
  for (const cuts of [[], Array.from({ length: hello.length }, (_, at) => at)])
    expect(
      told(
        tlsParser,
        cutUp(
          [
            ['client', hello],
            ['server', answer],
          ],
          cuts,
        ),
      ),
    ).toMatchObject([
      {
        tls: {
          client_versions: [0x0301],
          client_ciphers: [0x39, 0x38, 0x35, 0x0a],
          version: 'TLS 1.0',
          ja3_string: '769,57-56-53-10,,,',
        },
      },
    ])
  expect(tlsParser.recognise('client', hello.with(1, 0x2f), tcp)).toBe('no')
})

test('a refusal is told at once, with its alert', () => {
  expect(
    told(tlsParser, [
      ['client', record(22, handshake(1, CHROMIUM_HELLO))],
      ['server', record(21, Uint8Array.of(2, 40))],
    ]),
  ).toMatchObject([{ tls: { sni: 'www.example.com', established: false, alert: 'handshake_failure' } }])
})

test.each([
  [0x0300, 'SSL 3.0'],
  [0x0301, 'TLS 1.0'],
  [0x7f1c, 'TLS 1.3 draft-28'],
  [0x1234, '0x1234'],
])('a server of version %i is %s', (version, name) => {
  const hello = serverHello({
    version: version >> 8 === 3 ? version : 0x0303,
    ciphers: [0xfafb],
    extensions: [43],
    bodies: version >> 8 === 3 ? {} : { 43: fromHex(version.toString(16)) },
  })
  expect(told(tlsParser, [['server', record(22, handshake(2, hello))]])).toMatchObject([
    { tls: { version: name, cipher: '0xfafb' } },
  ])
})

test('a handshake message without end is told as what there is', () => {
  const endless: Conversation = [
    ...said.slice(0, 1),
    ...Array.from({ length: 200 }, (): Conversation[number] => [
      'server',
      record(22, joined(fromHex('0bffffff'), new Uint8Array(16_000))),
    ]),
  ]
  expect(told(tlsParser, endless)).toMatchObject([{ tls: { sni: 'www.example.com', established: false } }])
})

test('recognised by the hello of either end, or a refusal of the server', () => {
  const hello = record(22, handshake(1, CHROMIUM_HELLO))
  expect(tlsParser.recognise('client', hello, tcp)).toBe('yes')
  expect(tlsParser.recognise('server', hello, tcp)).toBe('no')
  expect(tlsParser.recognise('client', hello.subarray(0, 5), tcp)).toBe('maybe')
  expect(tlsParser.recognise('server', record(21, Uint8Array.of(2, 40)), tcp)).toBe('yes')
})
