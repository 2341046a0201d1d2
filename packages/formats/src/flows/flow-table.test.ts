import { Buffer } from 'node:buffer'
import type { FlowRecord, PacketRecord, ProtocolName } from '@vedette/model'
import { expect, test } from 'vitest'
import { linkTypes } from '../packets/numbers.ts'
import type { ProtocolParser, Wants } from '../protocols/protocol-parser.ts'
import { CaptureInspector } from './capture-inspector.ts'
import { defaultFlowLimits, type FlowLimits } from './config.ts'
import { PacketInspector } from './packet-inspector.ts'
import { type Captured, connection, type Ends, ethernet, ip, pcap, tcp, udp } from './testing/frames.ts'

const ends: Ends = { from: '192.0.2.1', to: '198.51.100.7', fromPort: 40_000, toPort: 4444 }
const back = { from: ends.to, to: ends.from, fromPort: ends.toPort, toPort: ends.fromPort }
const START_MS = 1_700_000_000_000

function inspect(
  packets: readonly Captured[],
  protocols: readonly ProtocolParser[] = [],
  limits: Partial<FlowLimits> = {},
) {
  const records: PacketRecord[] = []
  const inspector = new PacketInspector({
    emit: (record) => records.push(record),
    protocols,
    limits: { ...defaultFlowLimits, ...limits },
  })
  for (const { frame, timeMs } of packets)
    inspector.take(frame, 0, frame.length, frame.length, linkTypes.ethernet, timeMs)
  const before = [...records]
  inspector.end()
  const flows = records.filter((record): record is FlowRecord => record.type === 'flow')
  return { before, records, flows, counters: inspector.counters() }
}

const at = (timeMs: number, packet: Uint8Array): Captured => ({ timeMs, frame: ethernet(packet) })

/** A protocol of which every message begins with `!`, and what was heard of it. */
function shout(wants: (text: string) => Wants = () => 'more', name: ProtocolName = 'dns') {
  const heard: string[] = []
  const parser: ProtocolParser = {
    name,
    transports: ['tcp', 'udp'],
    ports: [],
    recognise: (_, head) => (head[0] === 0x21 ? (head.length < 3 ? 'maybe' : 'yes') : 'no'),
    open: () => ({
      push(speaker, bytes) {
        const text = Buffer.from(bytes).toString('latin1')
        heard.push(`${speaker}: ${text}`)
        return wants(text)
      },
      gap(speaker, length) {
        heard.push(`${speaker} missed ${length}`)
        return 'more'
      },
      end() {
        heard.push('end')
      },
    }),
  }
  return { parser, heard }
}

test('a connection is one flow, told when it is over', () => {
  const { flows } = inspect(connection(ends, { client: 'question', server: 'answer' }, START_MS))
  expect(flows).toEqual([
    {
      source: 'packet',
      type: 'flow',
      timeMs: START_MS + 7,
      protocol: 'tcp',
      from: { ip: '192.0.2.1', port: 40_000 },
      to: { ip: '198.51.100.7', port: 4444 },
      flow: {
        uid: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        community_id: expect.stringMatching(/^1:/) as string,
        start_time: START_MS,
        duration_ms: 7,
        state: 'closed',
        flags_out: 'SAFP',
        flags_in: 'SAFP',
      },
      bytesOut: 5 * 54 + 8,
      bytesIn: 3 * 54 + 6,
      packetsOut: 5,
      packetsIn: 3,
    },
  ])
})

test.each([
  ['new', [tcp(ends, { flags: 'S', sequence: 1 })]],
  [
    'reset',
    [tcp(ends, { flags: 'S', sequence: 1 }), tcp(back, { flags: 'RA', sequence: 0, acknowledgement: 2 })],
  ],
  [
    'established',
    [tcp(ends, { flags: 'S', sequence: 1 }), tcp(back, { flags: 'SA', sequence: 9, acknowledgement: 2 })],
  ],
  ['established', [tcp(ends, { flags: 'PA', sequence: 1, payload: Buffer.from('x') })]],
  ['ended', [udp(ends, Buffer.from('x'))]],
  [
    'ended',
    [
      ip(ends, 1, Buffer.from('0800000000070001', 'hex')),
      ip(back, 1, Buffer.from('0000000000070001', 'hex')),
    ],
  ],
])('state %s', (state, packets) => {
  const { flows } = inspect(packets.map((packet, n) => at(START_MS + n, packet)))
  expect(flows.map(({ flow }) => flow.state)).toEqual([state])
  expect(flows[0]?.packetsIn).toBe(packets.length - 1)
})

test('a RST that the other end cannot have sent changes nothing', () => {
  const opened = connection(ends, { client: 'a', server: 'b' }, START_MS).slice(0, 5)
  const forged = at(START_MS + 9, tcp(back, { flags: 'R', sequence: 0x7000_0000 }))
  expect(inspect([...opened, forged], []).flows[0]?.flow.state).toBe('established')
})

test('ends that are used anew make a new flow', () => {
  const again = connection(ends, { client: 'a', server: 'b' }, START_MS + 100).map(({ timeMs, frame }) => {
    const moved = Buffer.from(frame)
    moved.writeUInt32BE((moved.readUInt32BE(38) + 90_000) >>> 0, 38)
    return { timeMs, frame: moved }
  })
  const { flows } = inspect([...connection(ends, { client: 'a', server: 'b' }, START_MS), ...again])
  expect(flows.map(({ packetsOut, packetsIn }) => [packetsOut, packetsIn])).toEqual([
    [5, 3],
    [5, 3],
  ])
  expect(new Set(flows.map(({ flow }) => flow.uid)).size).toBe(2)
})

test('who answers first is the one that was called', () => {
  const { flows } = inspect([
    at(START_MS, tcp(back, { flags: 'SA', sequence: 9, acknowledgement: 2 })),
    at(START_MS + 1, tcp(ends, { flags: 'A', sequence: 2, acknowledgement: 10 })),
  ])
  expect(flows).toMatchObject([{ from: { port: 40_000 }, to: { port: 4444 }, packetsOut: 1, packetsIn: 1 }])
})

test('a flow that was quiet for too long is over; one that goes on is told once a minute', () => {
  const packets = [0, 20, 61, 100, 122, 183].map((s) =>
    at(START_MS + s * 1000, udp(ends, Buffer.from('tick'))),
  )
  const quiet = at(START_MS, udp({ ...ends, fromPort: 1 }, Buffer.from('once')))
  const { before, flows } = inspect([quiet, ...packets], [], {
    quietMs: { unanswered: 70_000, established: 1, closed: 1, other: 1 },
  })
  expect(before).toMatchObject([
    { flow: { state: 'active', duration_ms: 61_000 }, packetsOut: 3 },
    { from: { port: 1 }, flow: { state: 'ended' }, packetsOut: 1 },
    { flow: { state: 'active', duration_ms: 122_000 }, packetsOut: 2, total: { packetsOut: 5 } },
    { flow: { state: 'active', duration_ms: 183_000 }, packetsOut: 1, total: { packetsOut: 6 } },
  ])
  expect(flows.at(-1)).toMatchObject({
    flow: { state: 'ended', duration_ms: 183_000 },
    bytesOut: 0,
    packetsOut: 0,
    total: { bytesOut: 6 * 46, packetsOut: 6 },
  })
})

test('where the table is full, what is over makes room first, then what was never answered', () => {
  const one = connection(ends, { client: 'a', server: 'b' }, START_MS)
  const other = Array.from({ length: 3 }, (_, n) =>
    at(START_MS + 10 + n, tcp({ ...ends, fromPort: n + 1 }, { flags: 'S', sequence: 1 })),
  )
  const { before, flows, counters } = inspect([...one, ...other], [], { flows: 2 })
  expect(before.map((record) => record.from.port)).toEqual([40_000, 1])
  expect(counters).toMatchObject({ flows: 4, evicted: 2 })
  expect(flows).toHaveLength(4)
})

test('a protocol is recognised by what is said, and told all of it in order', () => {
  const { parser, heard } = shout()
  const [syn, synAck, ack, asked, told, ...rest] = connection(
    ends,
    { client: '!hey', server: 'ho' },
    START_MS,
  )
  if (!syn || !synAck || !ack || !asked || !told) throw new RangeError('too few packets')
  const { flows } = inspect([syn, synAck, ack, told, asked, asked, told, ...rest], [parser])
  // Nobody had recognised what came first.
  expect(heard).toEqual(['server: ho', 'client: !hey', 'end'])
  expect(flows[0]?.flow.app).toBe('dns')
})

test('an answer to what was said on these ports before does not count as a beginning', () => {
  const { parser, heard } = shout()
  const said = (who: Ends, flags: string, sequence: number, text = ''): Captured =>
    at(START_MS, tcp(who, { flags, sequence, payload: Buffer.from(text) }))
  inspect(
    [
      said(ends, 'S', 99),
      said(back, 'A', 900_000_000),
      said(ends, 'S', 99),
      said(back, 'SA', 499),
      said(ends, 'A', 100),
      said(ends, 'PA', 100, '!hey'),
      said(back, 'PA', 500, 'ho'),
    ],
    [parser],
  )
  expect(heard).toEqual(['client: !hey', 'server: ho', 'end'])
})

test('what is missing is told', () => {
  const { parser, heard } = shout()
  const piece = (sequence: number, text: string) =>
    at(START_MS + 5, tcp(ends, { flags: 'PA', sequence, payload: Buffer.from(text) }))
  const ack = at(START_MS + 6, tcp(back, { flags: 'A', sequence: 0, acknowledgement: 100 }))
  inspect([piece(1, '!abc'), piece(10, 'late'), ack, piece(20, 'lost')], [parser])
  expect(heard).toEqual([
    'client: !abc',
    'client missed 5',
    'client: late',
    'client missed 6',
    'client: lost',
    'end',
  ])
})

test('a few bytes may not be enough to recognise it', () => {
  const { parser, heard } = shout()
  const piece = (sequence: number, text: string) =>
    at(START_MS + sequence, tcp(ends, { flags: 'PA', sequence, payload: Buffer.from(text) }))
  inspect([piece(1, '!'), piece(2, 'a'), piece(3, 'bc')], [parser])
  expect(heard).toEqual(['client: !', 'client: a', 'client: bc', 'end'])
})

test('one protocol may give way to another', () => {
  const { parser, heard } = shout((text) =>
    text.includes('over') ? 'other' : text.includes('stop') ? 'nothing' : 'more',
  )
  const piece = (sequence: number, text: string) =>
    at(START_MS + sequence, tcp(ends, { flags: 'PA', sequence, payload: Buffer.from(text) }))
  inspect([piece(1, '!over'), piece(6, '!new'), piece(10, 'stop'), piece(14, '!deaf')], [parser])
  expect(heard).toEqual(['client: !over', 'end', 'client: !new', 'client: stop', 'end'])
})

test('datagrams are handed on one by one, and a parser that fails ends nothing but itself', () => {
  const { parser, heard } = shout((text) => {
    if (text.includes('bad')) throw new RangeError('a fault')
    return 'more'
  })
  const say = (text: string) => at(START_MS, udp(ends, Buffer.from(text)))
  const { counters, flows } = inspect(
    [say('?'), say('!one'), say('two'), say('!bad'), say('!deaf')],
    [parser],
  )
  expect(heard).toEqual(['client: !one', 'client: two', 'client: !bad'])
  expect(counters.failed).toBe(1)
  expect(flows[0]?.packetsOut).toBe(5)
})

test('what is in a tunnel is a flow of its own', () => {
  const inner = udp(ends, Buffer.from('inside'))
  const { flows } = inspect([at(START_MS, ip({ from: '10.0.0.1', to: '10.0.0.2' }, 4, inner))])
  expect(flows).toMatchObject([
    { protocol: 'other', from: { ip: '10.0.0.1', port: 0 }, bytesOut: 14 + 20 + inner.length },
    { protocol: 'udp', from: { ip: '192.0.2.1', port: 40_000 }, bytesOut: inner.length },
  ])
})

test('a capture gives the same records however it is cut', () => {
  const file = pcap([
    ...connection(ends, { client: 'a', server: 'b' }, START_MS),
    at(START_MS + 60_000, udp(ends, Buffer.from('x'))),
  ])
  const read = (pieceBytes: number) => {
    const capture = new CaptureInspector({ protocols: [] })
    const records = []
    for (let from = 0; from < file.length; from += pieceBytes)
      records.push(...capture.push(file.subarray(from, from + pieceBytes)).records)
    return [...records, ...capture.end().records]
  }
  expect(read(file.length)).toHaveLength(2)
  expect(read(13)).toEqual(read(file.length))
})

test('a thousand conversations at a time are kept apart', () => {
  const ports = Array.from({ length: 1000 }, (_, port) => port + 1)
  const packets = [1, 2, 3].flatMap((round) =>
    ports.map((fromPort) => at(START_MS + round, udp({ ...ends, fromPort }, Buffer.alloc(fromPort % 7)))),
  )
  const { flows } = inspect(packets)
  expect(flows.map(({ from, packetsOut, bytesOut }) => [from.port, packetsOut, bytesOut])).toEqual(
    ports.map((port) => [port, 3, 3 * (42 + (port % 7))]),
  )
})
