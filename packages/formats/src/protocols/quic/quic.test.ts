import { expect, test } from 'vitest'
import { type Conversation, fromHex, told, udp } from '../testing/converse.ts'
import { QUIC_2_SERVER, QUIC_CONNECTION, QUIC_SERVER, quicInitial } from '../testing/samples.ts'
import { joined, measured, number } from '../testing/wire.ts'
import { CHROMIUM_HELLO } from '../testing/samples.ts'
import { handshake } from '../testing/wire.ts'
import { quicParser } from './index.ts'
import { initialKeys } from './initial-keys.ts'
import { quicVersion } from './version.ts'

const VERSION_2 = 0x6b3343cf
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex')

function keys(number_: number): ReturnType<typeof initialKeys> {
  const version = quicVersion(number_)
  return version === undefined ? undefined : initialKeys(version, QUIC_CONNECTION)
}

test('keys of RFC 9001, A.1, and RFC 9369, A.1', () => {
  expect(hex(keys(1)?.client.key)).toBe('1f369613dd76d5467730efcbe3b1a22d')
  expect(hex(keys(1)?.client.iv)).toBe('fa044b2f42a3fd3b46fb255c')
  expect(hex(keys(1)?.client.headerKey)).toBe('9f50449e04a0e810283a1e9933adedd2')
  expect(hex(keys(VERSION_2)?.client.key)).toBe('8b1a0bc121284290a29e0971b5cd045d')
  expect(hex(keys(VERSION_2)?.server.iv)).toBe('dd13c276499c0249d3310652')
  expect(hex(keys(VERSION_2)?.server.headerKey)).toBe('edf6d05c83121201b436e16877593c3a')
})

test("a client's packet as in RFC 9001, A.2, and RFC 9369, A.2", () => {
  expect(hex(quicInitial(1)).slice(0, 64)).toBe(
    'c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11',
  )
  expect(hex(quicInitial(1)).slice(-32)).toBe('e221af44860018ab0856972e194cd934')
  expect(hex(quicInitial(VERSION_2)).slice(0, 64)).toBe(
    'd76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485',
  )
  expect(hex(quicInitial(VERSION_2)).slice(-32)).toBe('a18b2faa745b6fe189cf772a9f84cbfc')
})

test.each([
  [1, '1', QUIC_SERVER],
  [VERSION_2, '2', QUIC_2_SERVER],
])('version %i: what both hellos say', (version, name, answer) => {
  expect(
    told(
      quicParser,
      [
        ['client', quicInitial(version)],
        ['server', answer],
      ],
      udp,
    ),
  ).toMatchObject([
    {
      quic: {
        type: 'client_hello',
        quic_version: name,
        dst_connection_id: '8394c8f03e515708',
        src_connection_id: '',
        sni: 'example.com',
        client_alpns: ['alpn'],
        client_ciphers: [0x1301, 0x1302],
        client_versions: [0x0304],
        ja4: expect.stringMatching(/^q13d0211an_/),
      },
    },
    {
      quic: {
        type: 'server_hello',
        quic_version: name,
        src_connection_id: 'f067a5502a4262b5',
        version: 'TLS 1.3',
        cipher: 'TLS_AES_128_GCM_SHA256',
        server_extensions: [51, 43],
      },
    },
  ])
})

test.each([0xff00001d, 0xff00001b, 0xff000022])('draft %i', (version) => {
  expect(told(quicParser, [['client', quicInitial(version)]], udp)).toMatchObject([
    { quic: { quic_version: `draft-${version & 0xff}`, sni: 'example.com' } },
  ])
})

/** CRYPTO frames with a part of a long hello each; padded. */
const hello = handshake(1, CHROMIUM_HELLO)
const piece = (from: number, to: number): Uint8Array =>
  joined(
    Uint8Array.of(6),
    number(0x4000 | from, 2),
    number(0x4000 | (to - from), 2),
    hello.subarray(from, to),
    new Uint8Array(20),
  )

test('a hello in pieces that come in any order, twice, overlapping, with acknowledgements between', () => {
  const ack = fromHex('02 05 00 01 00 00 01 03 05 00 00 00 01 02 03 01')
  const said: Conversation = [
    [
      'client',
      quicInitial(1, { frames: joined(ack, piece(200, hello.length), piece(50, 120)), packetNumber: 0 }),
    ],
    ['client', quicInitial(1, { frames: joined(piece(100, 210), piece(50, 120)), packetNumber: 1 })],
    ['client', quicInitial(1, { frames: piece(0, 60), packetNumber: 2 })],
  ]
  expect(told(quicParser, said.slice(0, 2), udp)).toEqual([])
  expect(told(quicParser, said, udp)).toMatchObject([
    { quic: { sni: 'www.example.com', ja4: 'q13d1516h2_8daaf6152771_e5627efa2ab1' } },
  ])
})

test('several packets in one datagram', () => {
  const datagram = joined(
    quicInitial(1, { frames: piece(0, 100) }),
    quicInitial(1, { frames: piece(100, hello.length), packetNumber: 3 }),
  )
  expect(told(quicParser, [['client', datagram]], udp)).toHaveLength(1)
})

test('after a Retry the client says hello again, with other keys', () => {
  const token = fromHex('0102030405060708')
  const retry = joined(Uint8Array.of(0xf0), number(1, 4), measured(1), measured(1, token), new Uint8Array(20))
  const facts = told(
    quicParser,
    [
      ['client', quicInitial(1)],
      ['server', retry],
      ['client', quicInitial(1, { connection: token })],
    ],
    udp,
  )
  expect(facts).toMatchObject([
    { quic: { type: 'client_hello' } },
    { quic: { retried: true, dst_connection_id: '0102030405060708' } },
  ])
})

test('a hello that comes again is told once; later packets name another connection and have the same keys', () => {
  const again = quicInitial(1, { destination: fromHex('aabb'), packetNumber: 9 })
  expect(
    told(
      quicParser,
      [
        ['client', quicInitial(1)],
        ['client', quicInitial(1)],
        ['client', again],
      ],
      udp,
    ),
  ).toHaveLength(1)
})

test('what no key opens is given up', () => {
  const session = quicParser.open(udp)
  const bad = Buffer.from(quicInitial(1))
  bad[1100] = (bad[1100] ?? 0) ^ 1
  const answers = Array.from({ length: 12 }, () => session.push('client', bad, 1, () => expect.unreachable()))
  expect(answers.at(-1)).toBe('nothing')
})

test('the hello of Google QUIC is in the open', () => {
  const tags: readonly (readonly [string, string])[] = [
    ['PAD\0', '---'],
    ['SNI\0', 'Example.com'],
    ['VER\0', 'Q046'],
    ['UAID', 'Chrome/79'],
  ]
  let end = 0
  const entries = tags.map(([tag, value]) => {
    end += value.length
    const size = Buffer.alloc(4)
    size.writeUInt32LE(end)
    return joined(Buffer.from(tag), size)
  })
  const packet = joined(
    fromHex('c3 51303436 50 0102030405060708 00000001'),
    new Uint8Array(12),
    fromHex('a001 0400'),
    Buffer.from('CHLO'),
    fromHex('0400 0000'),
    ...entries,
    Buffer.from(tags.map(([, value]) => value).join('')),
  )
  expect(quicParser.recognise('client', packet, udp)).toBe('yes')
  expect(told(quicParser, [['client', packet]], udp)).toMatchObject([
    {
      quic: {
        quic_version: 'Q046',
        sni: 'example.com',
        user_agent: 'Chrome/79',
        cyu_string: '46,PAD-SNI-VER-UAID',
        dst_connection_id: '0102030405060708',
      },
    },
  ])
})
