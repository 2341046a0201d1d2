import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { dnsParser } from './dns/index.ts'
import { httpParser } from './http/index.ts'
import { http2Parser } from './http2/index.ts'
import type { FlowEnds, ProtocolParser } from './protocol-parser.ts'
import { quicParser } from './quic/index.ts'
import { sshParser } from './ssh/index.ts'
import { tlsParser } from './tls/index.ts'
import { type Conversation, tcp, text, udp } from './testing/converse.ts'
import { quicInitial } from './testing/samples.ts'
import {
  clientHello,
  handshake,
  joined,
  kexInit,
  number,
  record,
  serverHello,
  sshPacket,
} from './testing/wire.ts'

/** What one conversation may keep, whatever its ends say: attackers open many. */
const MOST_BYTES = 64 * 1024
const CONVERSATIONS = 100

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function used(): number {
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const inRecords = (bytes: Uint8Array): Uint8Array =>
  joined(
    ...Array.from({ length: Math.ceil(bytes.length / 16_000) }, (_, n) =>
      record(22, bytes.subarray(n * 16_000, (n + 1) * 16_000)),
    ),
  )
const numbers = (length: number): number[] => Array.from({ length }, (_, n) => (n * 7919) & 0xffff)
const names = (length: number): string =>
  Array.from({ length: length / 10 }, (_, n) => `name-${n}`.padEnd(9, 'x')).join(',')
const frame = (type: number, flags: number, stream: number, payload: Uint8Array): Uint8Array =>
  joined(number(payload.length, 3), Uint8Array.of(type, flags), number(stream, 4), payload)
/** Of HPACK, with a value of so many bytes, to be kept in the table. */
const header = (length: number): Uint8Array =>
  joined(
    Uint8Array.of(
      0x40,
      1,
      0x78,
      ...(length < 127 ? [length] : [127, ((length - 127) & 127) | 128, (length - 127) >> 7]),
    ),
    new Uint8Array(length).fill(0x79),
  )
const lists = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', '', '']
const crypto = (from: number): Uint8Array =>
  joined(
    Uint8Array.of(6),
    number(0x80000000 + from, 4),
    number(0x4000 | 1000, 2),
    Uint8Array.of(1, 0, 0x40, 0),
    new Uint8Array(996).fill(1),
  )

/** The worst that each was thought to be told; the conversation does not end. */
test.each<[ProtocolParser, FlowEnds, string, Conversation]>([
  [
    tlsParser,
    tcp,
    'hellos as long as they may be, and a certificate without end',
    [
      ['client', inRecords(handshake(1, clientHello({ ciphers: numbers(3900), extensions: numbers(1500) })))],
      ['server', inRecords(handshake(2, serverHello({ ciphers: [0x1301], extensions: numbers(7000) })))],
      ['server', inRecords(joined(Uint8Array.of(11, 0xff, 0xff, 0xff), new Uint8Array(60_000)))],
      ['client', record(22, joined(Uint8Array.of(11, 0xff, 0xff, 0xff), new Uint8Array(16_000)))],
    ],
  ],
  [
    sshParser,
    tcp,
    'lists of algorithms that fill a packet, and one that is not whole',
    [
      ['client', joined(text('SSH-2.0-a\r\n'), kexInit(lists.with(0, names(19_000))))],
      [
        'server',
        joined(
          text('SSH-2.0-b\r\n'),
          kexInit(lists.with(0, names(19_000))),
          sshPacket(2, new Uint8Array(30_000)).subarray(0, 20_000),
        ),
      ],
    ],
  ],
  [
    httpParser,
    tcp,
    'requests with long lines that are never answered, and headers without end on both sides',
    [
      ...Array.from({ length: 40 }, (): Conversation[number] => [
        'client',
        text(
          `GET /${'a'.repeat(8000)} HTTP/1.1\r\n${Array.from({ length: 80 }, (_, n) => `${'x'.repeat(300)}${n}${'y'.repeat(7000)}\r\n`).join('')}\r\n`.slice(
            0,
            250_000,
          ),
        ),
      ]),
      [
        'client',
        text(
          `\r\n\r\nGET /${'b'.repeat(8000)} HTTP/1.1\r\n${`Host: ${'h'.repeat(7000)}\r\n`.repeat(20)}X: ${'z'.repeat(8000)}`,
        ),
      ],
      [
        'server',
        text(
          `HTTP/1.1 200 ${'m'.repeat(8000)}\r\n${`Server: ${'s'.repeat(7000)}\r\nLocation: ${'l'.repeat(7000)}\r\n`.repeat(10)}X: ${'z'.repeat(8000)}`,
        ),
      ],
    ],
  ],
  [
    http2Parser,
    tcp,
    'HTTP/2: tables of small and of large entries, streams that stay open, blocks and frames that are not whole',
    [
      ['client', text('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
      ...(['client', 'server'] as const).flatMap((speaker): Conversation[number][] => [
        [speaker, frame(1, 4, 1, joined(Uint8Array.of(0x3f, 0xe1, 0xff, 3), header(700)))],
        ...Array.from({ length: 9 }, (_, n): Conversation[number] => [
          speaker,
          frame(1, 4, 2 * n + 3, joined(...Array.from({ length: 100 }, () => header(1)))),
        ]),
        ...Array.from({ length: 20 }, (_, n): Conversation[number] => [
          speaker,
          frame(1, 4, 2 * n + 31, joined(header(1500), header(900))),
        ]),
        [speaker, frame(1, 0, 101, new Uint8Array(5900).fill(0x82))],
        [speaker, frame(9, 0, 101, new Uint8Array(5900).fill(0x82)).subarray(0, 5900)],
      ]),
    ],
  ],
  [
    dnsParser,
    tcp,
    'messages that are not whole',
    [
      ['client', joined(number(65_535, 2), new Uint8Array(30_000))],
      ['server', joined(number(65_535, 2), new Uint8Array(30_000))],
    ],
  ],
  [
    quicParser,
    udp,
    'a hello with a hole',
    Array.from({ length: 40 }, (_, n): Conversation[number] => [
      'client',
      quicInitial(1, { frames: crypto(n === 0 ? 0 : 400 + n * 390), packetNumber: n }),
    ]),
  ],
])('at most 64 KiB a conversation: $2', (parser, ends, _, said) => {
  const open = (): unknown => {
    const session = parser.open(ends)
    for (const [speaker, bytes] of said) expect(session.push(speaker, bytes, 1, () => undefined)).toBe('more')
    return session
  }
  const kept: unknown[] = [open()]
  const before = used()
  for (let n = 0; n < CONVERSATIONS; n += 1) kept.push(open())
  const each = (used() - before) / CONVERSATIONS
  expect(kept).toHaveLength(CONVERSATIONS + 1)
  expect(each).toBeLessThan(MOST_BYTES)
  // Or nothing was kept that could be too much.
  expect(each).toBeGreaterThan(8 * 1024)
})
