import { createCipheriv } from 'node:crypto'
import type { ProtocolName } from '@vedette/model'
import { initialKeys } from '../quic/initial-keys.ts'
import { quicVersion } from '../quic/version.ts'
import { certificate } from './certificate.ts'
import { type Conversation, fromHex, tcp, text, udp } from './converse.ts'
import { officeSamples } from './office-samples.ts'
import type { FlowEnds, ProtocolParser } from '../protocol-parser.ts'
import { protocols } from '../protocols.ts'
import {
  certificates,
  clientHello,
  dnsMessage,
  dnsQuestion,
  dnsRecord,
  domainName,
  extensionBody,
  handshake,
  joined,
  kexInit,
  measured,
  number,
  record,
  serverHello,
  sshPacket,
} from './wire.ts'

/** A conversation in each protocol, as its parser is to see it. */
export interface Sample {
  readonly name: ProtocolName
  readonly ends: FlowEnds
  readonly said: Conversation
}

/** What Chromium 114 offers over TCP, GREASE and all; the fingerprints are published ones. */
export const CHROMIUM_HELLO = clientHello({
  sessionId: new Uint8Array(32).fill(5),
  ciphers: [
    0xbaba, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
    0x009d, 0x002f, 0x0035,
  ],
  extensions: [0x0a0a, 0, 23, 0xff01, 10, 11, 35, 16, 5, 13, 18, 51, 45, 43, 27, 0x4469, 0x8a8a, 21],
  bodies: {
    0: extensionBody.serverName('www.Example.com'),
    10: extensionBody.numbers16([0xeaea, 29, 23, 24]),
    11: extensionBody.formats([0]),
    13: extensionBody.numbers16([0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601]),
    16: extensionBody.alpn(['h2', 'http/1.1']),
    43: extensionBody.versions([0x3a3a, 0x0304, 0x0303]),
  },
})

export const CERTIFICATE = certificate({
  issuer: [
    ['2.5.4.6', 19, text('FR')],
    ['2.5.4.10', 12, Buffer.from('Café, Inc')],
  ],
  subject: [['2.5.4.3', 12, text('server.example.com')]],
  sans: [
    [0x82, text('server.example.com')],
    [0x82, text('*.example.org')],
    [0x87, Uint8Array.of(192, 0, 2, 1)],
  ],
})

const TLS_12: Conversation = [
  ['client', record(22, handshake(1, CHROMIUM_HELLO))],
  [
    'server',
    joined(
      record(
        22,
        joined(
          handshake(
            2,
            serverHello({
              ciphers: [0xc02f],
              extensions: [0xff01, 11, 16],
              bodies: { 11: extensionBody.formats([0]), 16: extensionBody.alpn(['h2']) },
            }),
          ),
          handshake(11, certificates(CERTIFICATE)).subarray(0, 100),
        ),
      ),
      record(
        22,
        joined(handshake(11, certificates(CERTIFICATE)).subarray(100), handshake(14, new Uint8Array(0))),
      ),
    ),
  ],
  [
    'client',
    joined(
      record(22, handshake(16, new Uint8Array(33))),
      record(20, Uint8Array.of(1)),
      record(22, new Uint8Array(40)),
    ),
  ],
  ['server', joined(record(20, Uint8Array.of(1)), record(22, new Uint8Array(40)))],
]

/** Algorithms of a Cisco device, whose HASSH is a published one. */
const CISCO = [
  'diffie-hellman-group1-sha1',
  'ssh-rsa',
  'aes128-cbc,3des-cbc,aes192-cbc,aes256-cbc',
  'aes128-cbc,3des-cbc,aes192-cbc,aes256-cbc',
  'hmac-sha1,hmac-sha1-96,hmac-md5,hmac-md5-96',
  'hmac-sha1,hmac-sha1-96,hmac-md5,hmac-md5-96',
  'none',
  'none',
  '',
  '',
]

const SSH: Conversation = [
  ['server', text('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n')],
  ['client', text('SSH-2.0-Cisco-1.25\r\n')],
  ['client', kexInit(CISCO)],
  ['server', joined(kexInit(CISCO), sshPacket(31, new Uint8Array(300)))],
  ['client', joined(sshPacket(30, new Uint8Array(130)), sshPacket(21, new Uint8Array(0)))],
  ['server', joined(sshPacket(21, new Uint8Array(0)), new Uint8Array(64).fill(0xaa))],
]

const HTTP: Conversation = [
  [
    'client',
    text(
      'GET /a%20b?c=d HTTP/1.1\r\nHost: WWW.Example.com:8080\r\nUser-Agent: curl/8.5\r\nReferer: http://a.test/\r\n\r\n' +
        'POST /form HTTP/1.1\r\nHost: www.example.com\r\nContent-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n' +
        '5\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n',
    ),
  ],
  [
    'server',
    text(
      'HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 11\r\n\r\nhello world' +
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n',
    ),
  ],
  ['client', text('HEAD / HTTP/1.1\r\nHost: www.example.com\r\n\r\n')],
  ['server', text('HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n')],
]

const frame = (
  type: number,
  flags: number,
  stream: number,
  ...payload: readonly Uint8Array[]
): Uint8Array => {
  const body = joined(...payload)
  return joined(number(body.length, 3), Uint8Array.of(type, flags), number(stream, 4), body)
}

/** A header as a literal, with a name of the static table or its own; kept in the dynamic table. */
const literal = (name: number | string, value: string): Uint8Array =>
  typeof name === 'number'
    ? joined(Uint8Array.of(0x40 | name), measured(1, text(value)))
    : joined(Uint8Array.of(0x40), measured(1, text(name)), measured(1, text(value)))

const HTTP_2: Conversation = [
  [
    'client',
    joined(
      text('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      frame(4, 0, 0),
      // :method GET, :scheme http, :path, :authority, user-agent; in two frames, padded
      frame(
        1,
        0x09,
        1,
        Uint8Array.of(2, 0x82, 0x86),
        literal(4, '/a?b'),
        literal(1, 'Example.com:8080'),
        new Uint8Array(2),
      ),
      frame(9, 0x04, 1, literal(58, 'curl/8.5')),
      // The same from the dynamic table.
      frame(1, 0x04, 3, Uint8Array.of(0x83, 0x86, 0xbe, 0xbf, 0xc0), literal('x-test', 'y')),
      frame(0, 0x08, 3, Uint8Array.of(4), text('hello'), new Uint8Array(4)),
      frame(0, 0x01, 3, text(' world')),
    ),
  ],
  [
    'server',
    joined(
      frame(4, 0, 0, Uint8Array.of(0, 3, 0, 0, 0, 100)),
      frame(1, 0x04, 1, Uint8Array.of(0x88), literal(31, 'text/html; charset=utf-8')),
      frame(0, 0, 1, new Uint8Array(3000)),
      frame(0, 0x01, 1),
      frame(1, 0x05, 3, Uint8Array.of(0x8d)),
    ),
  ],
]

const QUESTION = dnsQuestion('www.Example.com', 1)
const ANSWER = dnsMessage({
  flags: 0x8180,
  questions: [QUESTION],
  answers: [
    dnsRecord(5, joined(measured(1, text('a.b')), number(0xc010, 2))),
    dnsRecord(1, Uint8Array.of(192, 0, 2, 7), 60),
    dnsRecord(16, joined(measured(1, text('v=spf1 "x"')), measured(1, Uint8Array.of(7)))),
  ],
  authorities: [dnsRecord(2, domainName('ns.example.com'))],
  additionals: [joined(Uint8Array.of(0), number(41, 2), number(1232, 2), number(0x8000, 4), number(0, 2))],
})
const QUERY = dnsMessage({ flags: 0x0100, questions: [QUESTION] })

/** RFC 9001, appendix A: what the client's first packet says, before it is protected. */
const INITIAL_FRAMES = joined(
  fromHex(`060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868
    04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578
    616d706c652e636f6dff01000100000a00080006001d00170018001000070005
    04616c706e000500050100000000003300260024001d00209370b2c9caa47fba
    baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400
    0d0010000e0403050306030203080408050806002d00020101001c0002400100
    3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000
    75300901100f088394c8f03e51570806048000ffff`),
  new Uint8Array(917),
)
export const QUIC_CONNECTION = fromHex('8394c8f03e515708')

/** RFC 9001, A.3, and RFC 9369, A.3: the server's first packet. */
export const QUIC_SERVER = fromHex(`cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a
  5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b
  562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee`)
export const QUIC_2_SERVER = fromHex(`dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698
  baeea26b91eb761d9b89237bbf87263017915358230035f7fd3945d88965cf17f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e4275
  7507698075b2c984c707f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a3e2c43edd9ce7ca84bed8521e2e140`)

/** A protected Initial packet of a client (RFC 9001, 5): header up to and without its packet number, which has four bytes. */
export function quicInitial(
  version: number,
  parts: {
    readonly frames?: Uint8Array
    readonly packetNumber?: number
    /** Of which the keys are made. */
    readonly connection?: Uint8Array
    /** Where it is not that one. */
    readonly destination?: Uint8Array
  } = {},
): Uint8Array {
  const { frames = INITIAL_FRAMES, packetNumber = 2, connection = QUIC_CONNECTION } = parts
  const destination = parts.destination ?? connection
  const known = quicVersion(version)
  const keys = known === undefined ? undefined : initialKeys(known, connection)?.client
  if (known === undefined || keys === undefined) throw new RangeError('No version of QUIC with keys')
  const header = joined(
    Uint8Array.of(0xc3 | (known.initial << 4)),
    number(version, 4),
    measured(1, destination),
    Uint8Array.of(0, 0),
    number(0x4000 | (4 + frames.length + 16), 2),
  )
  const plain = joined(header, number(packetNumber, 4))
  const nonce = Buffer.from(keys.iv)
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ packetNumber) >>> 0, 8)
  const cipher = createCipheriv('aes-128-gcm', keys.key, nonce)
  cipher.setAAD(plain)
  const packet = Buffer.concat([plain, cipher.update(frames), cipher.final(), cipher.getAuthTag()])
  const mask = createCipheriv('aes-128-ecb', keys.headerKey, null).update(
    packet.subarray(header.length + 4, header.length + 20),
  )
  packet[0] = (packet[0] ?? 0) ^ ((mask[0] ?? 0) & 0x0f)
  for (let n = 0; n < 4; n += 1)
    packet[header.length + n] = (packet[header.length + n] ?? 0) ^ (mask[n + 1] ?? 0)
  return packet
}

/** Whose parser it is: that of its name which recognises it. */
export function parserOf({ name, ends, said }: Sample): ProtocolParser {
  const [speaker, head] = said[0] ?? (['client', new Uint8Array(0)] as const)
  const parser = protocols.find(
    (each) =>
      each.name === name &&
      each.transports.includes(ends.transport) &&
      each.recognise(speaker, head, ends) === 'yes',
  )
  if (parser === undefined) throw new RangeError(`No parser of ${name}`)
  return parser
}

export const samples: readonly Sample[] = [
  { name: 'tls', ends: tcp, said: TLS_12 },
  { name: 'ssh', ends: tcp, said: SSH },
  { name: 'http', ends: tcp, said: HTTP },
  { name: 'http', ends: tcp, said: HTTP_2 },
  {
    name: 'dns',
    ends: udp,
    said: [
      ['client', QUERY],
      ['server', ANSWER],
    ],
  },
  {
    name: 'dns',
    ends: tcp,
    said: [
      ['client', joined(measured(2, QUERY), measured(2, QUERY))],
      ['server', joined(measured(2, ANSWER), measured(2, ANSWER))],
    ],
  },
  {
    name: 'quic',
    ends: udp,
    said: [
      ['client', quicInitial(1)],
      ['server', QUIC_SERVER],
    ],
  },
  ...officeSamples,
]
