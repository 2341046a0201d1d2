import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { ethernet, ip, tcp, udp } from '../flows/testing/frames.ts'
import { writeAddress } from '../observable/address.ts'
import { Fragments } from './fragments.ts'
import { linkTypes } from './numbers.ts'
import { Packet } from './packet.ts'

const ends = { from: '192.0.2.1', to: '198.51.100.7', fromPort: 40_000, toPort: 443 }
const six = { from: '2001:db8::1', to: '2001:db8::2', fromPort: 40_000, toPort: 443 }
const text = (value: string) => Buffer.from(value, 'latin1')

function seen(packet: Packet) {
  const { family, addresses, sourcePort, destinationPort, payloadStart, payloadEnd, bytes } = packet
  const from = writeAddress(family, addresses.subarray(0, 4))
  const to = writeAddress(family, addresses.subarray(4))
  const payload = Buffer.from(bytes.subarray(payloadStart, payloadEnd)).toString('latin1')
  return `${packet.protocol} ${from} ${sourcePort} > ${to} ${destinationPort} ${payload}`
}

/** What is read of a packet, and of those that it carries. */
function read(frame: Uint8Array, linkType: number = linkTypes.ethernet, wireLength = frame.length) {
  const packet = new Packet(new Fragments())
  const fault = packet.read(frame, 0, frame.length, wireLength, linkType, 0)
  if (fault !== undefined) return fault
  const all = [seen(packet)]
  while (packet.enterTunnel()) all.push(seen(packet))
  return all.join(' | ')
}

const hello = tcp(ends, { flags: 'PA', sequence: 1, payload: text('hello') })
const helloSeen = '6 192.0.2.1 40000 > 198.51.100.7 443 hello'
const sixSeen = '17 2001:db8::1 40000 > 2001:db8::2 443 hello'
const helloSix = udp(six, text('hello'))

test.each([
  ['Ethernet', linkTypes.ethernet, Buffer.concat([ethernet(hello), Buffer.alloc(9)]), helloSeen],
  ['VLAN', linkTypes.ethernet, ethernet(hello, [100]), helloSeen],
  ['QinQ', linkTypes.ethernet, ethernet(helloSix, [100, 200]), sixSeen],
  [
    'PPPoE',
    linkTypes.ethernet,
    Buffer.concat([Buffer.alloc(12), text('\x88\x64\x11\x00\x00\x01\x00\x2f\x00\x21'), hello]),
    helloSeen,
  ],
  [
    'MPLS',
    linkTypes.ethernet,
    Buffer.concat([Buffer.alloc(12), text('\x88\x47\0\x01\0\x40\0\x02\x01\x40'), hello]),
    helloSeen,
  ],
  ['raw IP', linkTypes.raw, helloSix, sixSeen],
  ['loopback', linkTypes.null, Buffer.concat([text('\x1e\0\0\0'), helloSix]), sixSeen],
  [
    'Linux cooked',
    linkTypes.linuxCooked,
    Buffer.concat([Buffer.alloc(14), text('\x08\0'), hello]),
    helloSeen,
  ],
  [
    'Linux cooked 2',
    linkTypes.linuxCooked2,
    Buffer.concat([text('\x86\xdd'), Buffer.alloc(18), helloSix]),
    sixSeen,
  ],
  ['PPP', linkTypes.ppp, Buffer.concat([text('\xff\x03\0\x21'), hello]), helloSeen],
])('link layer: %s', (_, linkType, frame, expected) => {
  expect(read(frame, linkType)).toBe(expected)
})

test('tags of VLANs are told, the outermost first', () => {
  const packet = new Packet(new Fragments())
  const frame = ethernet(hello, [100, 200])
  packet.read(frame, 0, frame.length, frame.length, linkTypes.ethernet, 0)
  expect([...packet.vlans.subarray(0, packet.vlanCount)]).toEqual([100, 200])
})

test('headers of TCP', () => {
  const packet = new Packet(new Fragments())
  const frame = tcp(ends, { flags: 'SA', sequence: 0xffff_fff0, acknowledgement: 7 })
  packet.read(frame, 0, frame.length, frame.length, linkTypes.raw, 12.5)
  expect(packet).toMatchObject({
    flags: 0x12,
    sequence: -16,
    acknowledgement: 7,
    timeMs: 12.5,
    wireBytes: 40,
  })
})

test('extension headers of IPv6 are passed over', () => {
  const datagram = helloSix.subarray(40)
  const hopByHop = Buffer.concat([text('\x2b\0\0\0\0\0\0\0')])
  const routing = Buffer.concat([text('\x11\x01'), Buffer.alloc(14)])
  expect(read(ip(six, 0, Buffer.concat([hopByHop, routing, datagram])), linkTypes.raw)).toBe(sixSeen)
  const endless = Buffer.concat(Array.from({ length: 20 }, () => hopByHop.fill(0)))
  expect(read(ip(six, 0, endless), linkTypes.raw)).toBe('malformed')
})

test.each([ends, six])('fragments are put together: %o', (between) => {
  const datagram = udp(between, text('x'.repeat(40))).subarray(between === six ? 40 : 20)
  const packet = new Packet(new Fragments())
  const faults = [
    [16, 32],
    [32, 48],
    [0, 16],
  ].map(([from, to]) => {
    const fragment = { id: 77, at: from ?? 0, more: to !== 48 }
    const frame = ip(between, 17, datagram.subarray(from, to), fragment)
    return packet.read(frame, 0, frame.length, frame.length, linkTypes.raw, 0)
  })
  expect(faults).toEqual(['fragment', 'fragment', undefined])
  expect(seen(packet)).toContain(`40000 > ${between.to} 443 ${'x'.repeat(40)}`)
  expect(packet).toMatchObject({ packets: 3, wireBytes: 3 * (between === six ? 48 : 20) + 48 })
})

const outer = { from: '10.0.0.1', to: '10.0.0.2' }
const ports = (toPort: number) => ({ ...outer, fromPort: 50_000, toPort })

test.each([
  ['IP in IP', ip(outer, 4, hello), helloSeen],
  ['IPv6 in IP', ip(outer, 41, helloSix), sixSeen],
  ['GRE with a key', ip(outer, 47, Buffer.concat([text('\x20\0\x08\0\0\0\0\x05'), hello])), helloSeen],
  ['GRE, Ethernet', ip(outer, 47, Buffer.concat([text('\0\0\x65\x58'), ethernet(hello)])), helloSeen],
  [
    'GRE, PPP',
    ip(outer, 47, Buffer.concat([text('\x30\x01\x88\x0b\0\0\0\0\0\0\0\0\0\x21'), hello])),
    helloSeen,
  ],
  ['VXLAN', udp(ports(4789), Buffer.concat([text('\x08\0\0\0\0\0\x05\0'), ethernet(hello)])), helloSeen],
  ['Teredo', udp(ports(3544), helloSix), sixSeen],
  [
    'Teredo with its indications',
    udp(
      ports(3544),
      Buffer.concat([
        Buffer.from('00010000000000000000000000000000000000000000', 'hex').subarray(0, 13),
        Buffer.alloc(8),
        helloSix,
      ]),
    ),
    sixSeen,
  ],
])('tunnel: %s', (_, frame, expected) => {
  expect(read(frame, linkTypes.raw)).toMatch(/^\d+ 10\.0\.0\.1 \d+ > 10\.0\.0\.2 /)
  expect(read(frame, linkTypes.raw).split(' | ').at(-1)).toBe(expected)
})

test('tunnels in tunnels are looked into twice', () => {
  const nested = ip(outer, 4, ip(outer, 4, ip(outer, 4, hello)))
  expect(read(nested, linkTypes.raw).split(' | ')).toHaveLength(3)
})

test('what was cut away, what is malformed, what is no IP', () => {
  const packet = new Packet(new Fragments())
  const frame = ethernet(hello)
  packet.read(frame, 0, frame.length - 3, frame.length, linkTypes.ethernet, 0)
  expect(packet.missing).toBe(3)
  expect(seen(packet)).toMatch(/ he$/)
  expect(read(frame.subarray(0, 40), linkTypes.ethernet, frame.length)).toBe('cut-short')
  expect(read(frame, 147)).toBe('link-type')
  expect(read(Buffer.concat([Buffer.alloc(12), text('\x08\x06'), Buffer.alloc(28)]))).toBe('not-ip')
  const short = Buffer.from(hello)
  short[0] = 0x44
  expect(read(short, linkTypes.raw)).toBe('malformed')
})
