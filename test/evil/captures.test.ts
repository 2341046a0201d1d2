import { Buffer } from 'node:buffer'
import { recordFormats } from '@vedette/formats'
import { CaptureInspector } from '@vedette/formats/flows'
import { eventSchema } from '@vedette/model'
import { expect, test } from 'vitest'
import {
  type Captured,
  connection,
  ethernet,
  ip,
  pcap,
  tcp,
  udp,
} from '../../packages/formats/src/flows/testing/frames.ts'

/**
 * Packets are made by attackers, and so are captures: whatever stands in one, reading it ends soon, without an exception,
 * and what it gives is what the schema of Events accepts. The long form: VEDETTE_EVIL_RUNS=100000.
 */
const mutations = Number(process.env['VEDETTE_EVIL_RUNS'] ?? 3000)
const seed = Number(process.env['VEDETTE_TEST_SEED'] ?? 1)
/** Processor time of this thread, so that a busy machine changes nothing. */
const MOST_MS = 100

const START_MS = 1_700_000_000_000
const four = { from: '192.0.2.1', to: '198.51.100.7', fromPort: 40_000, toPort: 80 }
const six = { from: '2001:db8::1', to: '2001:db8::7', fromPort: 40_001, toPort: 443 }
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const latin1 = (text: string) => Buffer.from(text, 'latin1')

const query = hex(
  '1234 0100 0001 0000 0000 0001 0765 7861 6d70 6c65 0363 6f6d 0000 1000 01 0000 2904 d000 0080 0000 00',
)
const answer = hex(
  '1234 8180 0001 0003 0000 0000 0765 7861 6d70 6c65 0363 6f6d 0000 1000 01 c00c 0005 0001 0000 0e10 0006 0361 6161 c00c c00c 0010 0001 0000 0e10 0006 0568 656c 6c6f c00c 0001 0001 0000 0e10 0004 c000 0207',
)
const clientHello = hex(
  '1603 0100 7a01 0000 7603 03 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00 0006 1301 1302 c02f 0100 0047 0000 0010 000e 0000 0b65 7861 6d70 6c65 2e63 6f6d 000a 0006 0004 001d 0017 000d 0006 0004 0403 0804 0010 000e 000c 0268 3208 6874 7470 2f31 2e31 002b 0005 0403 0403 03 0033 0002 0000',
)

/** What is said, by which port: whatever is understood, and what may be mistaken for it. */
const saids: readonly { readonly port: number; readonly client: string; readonly server: string }[] = [
  {
    port: 80,
    client:
      'POST /a?b=c HTTP/1.1\r\nHost: example.com\r\nContent-Length: 5\r\nCookie: x\r\n\r\nhelloGET / HTTP/1.1\r\n\r\n',
    server:
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n5\r\nhello\r\n0\r\n\r\nHTTP/1.0 404 No\r\n\r\n',
  },
  { port: 443, client: clientHello.toString('latin1'), server: clientHello.toString('latin1') },
  {
    port: 22,
    client: 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n',
    server: 'SSH-2.0-dropbear_2022.83\r\n',
  },
  {
    port: 25,
    client:
      'EHLO a.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\nSubject: x\r\n\r\nhello\r\n.\r\nSTARTTLS\r\n',
    server:
      '220 mail ESMTP\r\n250-mail\r\n250 STARTTLS\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n220 go\r\n',
  },
  {
    port: 21,
    client: 'USER anonymous\r\nPASS x\r\nPORT 192,0,2,1,4,1\r\nRETR a\r\nQUIT\r\n',
    server: '220 FTP\r\n331 password\r\n230 in\r\n200 ok\r\n150 here\r\n226 done\r\n221 bye\r\n',
  },
  {
    port: 445,
    client: '\0\0\0\x44\xfeSMB@\0\0\0\0\0\0\0\0\0\x1f\0' + '\0'.repeat(44) + '$\0\x01\0',
    server: '\0\0\0\x44\xfeSMB@\0\0\0\0\0\0\0\x01\0\x1f\0' + '\0'.repeat(44) + 'A\0\x01\0',
  },
  {
    port: 3389,
    client: '\x03\0\0\x2b\x26\xe0\0\0\0\0\0Cookie: mstshash=user\r\n\x01\0\x08\0\x03\0\0\0',
    server: '\x03\0\0\x13\x0e\xd0\0\0\x124\0\x02\x0f\x08\0\x02\0\0\0',
  },
  {
    port: 53,
    client: `\0${String.fromCharCode(query.length)}${query.toString('latin1')}`,
    server: `\0${String.fromCharCode(answer.length)}${answer.toString('latin1')}`,
  },
  { port: 1883, client: '\x10\x10\0\x04MQTT\x04\x02\0<\0\x04abcd', server: ' \x02\0\0' },
]

const back = (ends: typeof four) => ({
  from: ends.to,
  to: ends.from,
  fromPort: ends.toPort,
  toPort: ends.fromPort,
})
const at = (offsetMs: number, packet: Uint8Array, vlans: readonly number[] = []): Captured => ({
  timeMs: START_MS + offsetMs,
  frame: ethernet(packet, vlans),
})

const dhcp = Buffer.alloc(300)
dhcp.set([1, 1, 6, 0, 1, 2, 3, 4])
dhcp.set(hex('63825363 350101 3204c0000209 0c04686f7374 370401030f06 ff'), 236)

const big = Buffer.alloc(3000, 'f')
const datagram = udp(four, big).subarray(20)

const seeds: readonly (readonly Captured[])[] = [
  ...saids.flatMap(({ port, client, server }) => [
    connection({ ...four, toPort: port }, { client, server }, START_MS),
    connection({ ...six, toPort: port }, { client, server }, START_MS, 30_000),
    connection({ ...four, toPort: 4444 }, { client, server }, START_MS),
  ]),
  [at(0, udp({ ...four, toPort: 53 }, query), [7]), at(1, udp(back({ ...four, toPort: 53 }), answer), [7])],
  [at(0, udp({ ...six, toPort: 5353 }, query)), at(70_000, udp({ ...six, toPort: 5353 }, query))],
  [at(0, udp({ ...four, fromPort: 68, toPort: 67 }, dhcp))],
  [
    at(
      0,
      udp(
        { ...six, toPort: 443 },
        Buffer.concat([hex('c300000001 08 0001020304050607 00 00 4496'), big]).subarray(0, 1200),
      ),
    ),
  ],
  [0, 1480, 2960].map((place) =>
    at(place, ip(four, 17, datagram.subarray(place, place + 1480), { id: 9, at: place, more: place < 2960 })),
  ),
  [1000, 0, 2000].map((place) =>
    at(place, ip(six, 17, datagram.subarray(place, place + 1000), { id: 9, at: place, more: place < 2000 })),
  ),
  [
    at(0, ip(four, 4, udp({ ...four, toPort: 53 }, query))),
    at(1, ip(four, 47, Buffer.concat([hex('0000 0800'), tcp(four, { flags: 'S', sequence: 1 })]))),
    at(
      2,
      udp({ ...four, toPort: 4789 }, Buffer.concat([hex('08000000 00000500'), ethernet(udp(six, query))])),
    ),
    at(3, udp({ ...four, toPort: 3544 }, udp(six, query))),
    at(4, ip(four, 1, hex('0800 0000 0007 0001'))),
    at(5, ip(six, 58, hex('8000 0000 0007 0001'))),
    at(6, ip(four, 132, Buffer.alloc(28, 1))),
  ],
]

/** A small generator of its own (xorshift), so that a run can be had again. */
function random(start: number): (below: number) => number {
  let state = (start * 2_654_435_761 + 0x9e3779b9) >>> 0 || 1
  return (below) => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return below < 1 ? 0 : state % below
  }
}

type Next = (below: number) => number

/** Bytes that parsers stumble over: lengths, counts, flags, names. */
const odd: readonly Buffer[] = [
  hex('00'),
  hex('ff'),
  hex('ffff'),
  hex('ffffffff'),
  hex('7fffffff'),
  hex('80000000'),
  hex('c00c'),
  hex('0000'),
  latin1('\r\n'),
  latin1('\r\n\r\n'),
  latin1('0'.repeat(40)),
  latin1('ffffffffffffffffffff\r\n'),
  latin1('A'.repeat(2000)),
  Buffer.alloc(300, 0xc0),
  Buffer.alloc(1400, 0x3f),
]

function mutatedBytes(bytes: Uint8Array, next: Next): Buffer {
  let changed = Buffer.from(bytes)
  for (let times = 1 + next(4); times > 0; times -= 1) {
    const place = next(changed.length + 1)
    const length = next(Math.min(64, changed.length + 1))
    const piece = odd[next(odd.length)] ?? Buffer.alloc(0)
    switch (next(6)) {
      case 0:
        if (changed.length > 0) changed[place % changed.length] = next(256)
        break
      case 1:
        piece.copy(changed, place)
        break
      case 2:
        changed = Buffer.concat([changed.subarray(0, place), piece, changed.subarray(place)])
        break
      case 3:
        changed = Buffer.concat([changed.subarray(0, place), changed.subarray(place + length)])
        break
      case 4:
        changed = changed.subarray(0, place)
        break
      default:
        if (changed.length > 0) {
          const target = place % changed.length
          changed[target] = (changed[target] ?? 0) ^ (1 << next(8))
        }
    }
  }
  return changed.subarray(0, 65_000)
}

/** Packets that are lost, come twice, late, cut or changed; the headers of most stay as they are. */
function mutatedPackets(packets: readonly Captured[], next: Next): Captured[] {
  const changed = [...packets]
  for (let times = 1 + next(6); times > 0; times -= 1) {
    const place = next(changed.length)
    const packet = changed[place]
    if (packet === undefined) continue
    const headers = Math.min(packet.frame.length, next(3) === 0 ? 0 : 54)
    switch (next(6)) {
      case 0:
        changed.splice(place, 1)
        break
      case 1:
        changed.splice(next(changed.length), 0, packet)
        break
      case 2:
        changed[place] = { ...packet, timeMs: packet.timeMs + next(400_000) - 100_000 }
        break
      case 3:
        changed.push(...(seeds[next(seeds.length)] ?? []))
        break
      default:
        changed[place] = {
          ...packet,
          frame: Buffer.concat([
            packet.frame.subarray(0, headers),
            mutatedBytes(packet.frame.subarray(headers), next),
          ]),
        }
    }
  }
  return changed.slice(0, 200)
}

/** The packets as pcapng: one section, one interface. */
function pcapng(packets: readonly Captured[]): Buffer {
  const block = (type: number, body: Buffer) => {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)])
    const frame = Buffer.alloc(8)
    frame.writeUInt32LE(type, 0)
    frame.writeUInt32LE(padded.length + 12, 4)
    return Buffer.concat([frame, padded, frame.subarray(4)])
  }
  const parts = [
    block(0x0a0d0d0a, hex('4d3c2b1a 01000000 ffffffff ffffffff')),
    block(1, hex('01000000 00000400 09000100 06000000 00000000')),
  ]
  for (const { timeMs, frame } of packets) {
    const head = Buffer.alloc(20)
    const micros = BigInt(Math.round(timeMs)) * 1000n
    head.writeUInt32LE(Number(micros >> 32n), 4)
    head.writeUInt32LE(Number(micros & 0xffff_ffffn), 8)
    head.writeUInt32LE(frame.length, 12)
    head.writeUInt32LE(frame.length, 16)
    parts.push(block(6, Buffer.concat([head, frame])))
  }
  return Buffer.concat(parts)
}

const LINK_TYPES = [1, 1, 1, 1, 101, 113, 276, 0, 9, 147]

function mutated(number: number): Buffer {
  const next = random(seed * 1_000_003 + number)
  const packets = mutatedPackets(seeds[next(seeds.length)] ?? [], next)
  const file = next(4) === 0 ? pcapng(packets) : pcap(packets, LINK_TYPES[next(LINK_TYPES.length)])
  return next(4) === 0 ? mutatedBytes(file, next) : file
}

const format = recordFormats.find(({ name }) => name === 'pcap')

function read(file: Uint8Array): readonly unknown[] {
  const reader = format?.open({ readAtMs: START_MS, fileName: 'evil.pcap' })
  const cut = file.length >> 1
  return [reader?.push(file.subarray(0, cut)), reader?.push(file.subarray(cut)), reader?.end()].flatMap(
    (batch) => [...(batch?.records ?? [])],
  )
}

test('every seed is understood', () => {
  for (const [number, packets] of seeds.entries()) {
    const inspector = new CaptureInspector()
    const { records } = inspector.push(pcap(packets))
    expect(inspector.damage, `seed ${number}`).toEqual([])
    expect([...records, ...inspector.end().records].length, `seed ${number}`).toBeGreaterThan(0)
  }
})

test(`${mutations} mutated captures are read without an exception, each in little time`, () => {
  const slow: string[] = []
  let events = 0
  for (let number = 0; number < mutations; number += 1) {
    const file = mutated(number)
    const before = process.threadCpuUsage()
    const inspector = new CaptureInspector()
    inspector.push(file)
    inspector.end()
    const { user, system } = process.threadCpuUsage(before)
    if ((user + system) / 1000 > MOST_MS) slow.push(`mutation ${number}: ${(user + system) / 1000} ms`)
    expect(inspector.counters().failed, `mutation ${number}: a parser threw`).toBe(0)
    for (const event of read(file)) {
      events += 1
      const { success, error } = eventSchema.safeParse(event)
      if (!success)
        expect.fail(`mutation ${number}: ${error.message}: ${JSON.stringify(event).slice(0, 2000)}`)
    }
  }
  expect(slow).toEqual([])
  expect(events).toBeGreaterThan(mutations)
})
