import { silentLogger } from '@vedette/base'
import {
  type AgentId,
  type Event,
  eventSchema,
  type ExecRecord,
  type FlowRecord,
  type KernelProtocolRecord,
  type ProtocolRecord,
  type RawRecord,
  type SocketRecord,
} from '@vedette/model'
import { expect, test } from 'vitest'
import { normaliseConfigSchema } from '../../config.ts'
import { createNormaliser } from '../../normaliser.ts'
import type { FoundSocket } from './socket-book.ts'

const HERE = '192.0.2.10'
const THERE = '198.51.100.7'
const MS = 1_700_000_000_000
const curl = { pid: 300, startTicks: 5 }

async function normalise(records: readonly RawRecord[], sockets: readonly FoundSocket[] = []) {
  let looked = 0
  using normaliser = createNormaliser({
    device: { uid: 'a'.repeat(32) as AgentId, hostname: 'host' },
    bootId: '5f0b7c2e-0000-4000-8000-000000000000',
    run: '0123456789abcdef',
    config: normaliseConfigSchema.parse({ executable_hash: { enabled: false } }),
    clock: { now: () => MS, monotonic: () => 0 },
    log: silentLogger,
    bootTimeMs: MS - 100_000,
    processes: { list: () => [], read: () => undefined },
    host: {
      addresses: () => new Set([HERE]),
      sockets: () => {
        looked += 1
        return sockets
      },
    },
  })
  const events = await normaliser.normalise(records)
  expect(normaliser.counters().rejected).toBe(0)
  for (const event of events) eventSchema.parse(event)
  return { events, looked }
}

const exec: ExecRecord = {
  source: 'ebpf',
  type: 'exec',
  timeMs: MS,
  process: curl,
  parent: { pid: 0, startTicks: 0 },
  executable: '/usr/bin/curl',
  argv: ['curl'],
  argvTruncated: false,
  uid: 0,
  gid: 0,
  taskName: 'curl',
}
const connect: SocketRecord = {
  source: 'ebpf',
  type: 'connect',
  timeMs: MS,
  process: curl,
  protocol: 'tcp',
  local: { address: HERE, port: 40_000 },
  remote: { address: THERE, port: 443 },
}
const flow: FlowRecord = {
  source: 'packet',
  type: 'flow',
  timeMs: MS + 10,
  protocol: 'tcp',
  from: { ip: HERE, port: 40_000 },
  to: { ip: THERE, port: 443 },
  flow: {
    uid: '0'.repeat(32),
    community_id: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
    start_time: MS,
    duration_ms: 10,
    state: 'closed',
    app: 'tls',
  },
  bytesOut: 700,
  bytesIn: 5000,
  packetsOut: 6,
  packetsIn: 5,
}
const query: ProtocolRecord = {
  source: 'packet',
  type: 'protocol',
  timeMs: MS,
  transport: 'udp',
  from: { ip: HERE, port: 5353 },
  to: { ip: THERE, port: 53 },
  flowUid: '1'.repeat(32),
  name: 'dns',
  facts: {
    dns: {
      type: 'query',
      opcode: 'QUERY',
      flags: [],
      transaction_id: 1,
      hostname: 'a\u0000b.test',
      query_type: 'A',
      query_class: 'IN',
    },
  },
}

test('a flow has the process that the kernel told of, also after the socket was closed', async () => {
  const { events } = await normalise([exec, connect, { ...connect, type: 'close' }, flow])
  expect(events.at(-1)).toMatchObject({
    kind: 'network',
    activity: 'traffic',
    direction: 'outbound',
    process: { pid: 300, name: 'curl' },
    traffic: { bytes_out: 700, bytes_in: 5000, packets_out: 6, packets_in: 5 },
    flow: flow.flow,
    message: '192.0.2.10:40000 to 198.51.100.7:443 by curl: tls, 700 B there, 4.9 KiB back',
  })
})

test('what comes in has the process that listens, or that took the connection', async () => {
  const inbound = { ...flow, from: flow.to, to: { ip: HERE, port: 80 } }
  const listen: SocketRecord = { ...connect, type: 'listen', local: { address: '0.0.0.0', port: 80 } }
  const { remote: _, ...listening } = listen
  const { events } = await normalise([exec, listening, inbound])
  expect(events.at(-1)).toMatchObject({ direction: 'inbound', process: { pid: 300 } })
})

test('what passes by has neither direction nor process, though the ports be the same', async () => {
  const passing = { ...flow, from: { ip: '203.0.113.1', port: 40_000 } }
  const { events, looked } = await normalise([exec, connect, passing])
  expect(events.at(-1)).toMatchObject({ direction: 'none' })
  expect(events.at(-1)).not.toHaveProperty('process')
  expect(looked).toBe(0)
})

test('a socket that was open before the watch is looked for, once a while', async () => {
  const socket: FoundSocket = {
    protocol: 'udp',
    localPort: 5353,
    remoteAddress: '0.0.0.0',
    remotePort: 0,
    process: curl,
  }
  const { events, looked } = await normalise([exec, query, flow, flow], [socket])
  expect(events[1]).toMatchObject({
    kind: 'protocol',
    class_uid: 4003,
    protocol_name: 'dns',
    flow_uid: '1'.repeat(32),
    process: { name: 'curl' },
    dns: { hostname: 'a\ufffdb.test' },
    message: 'curl asked 198.51.100.7:53 for a\ufffdb.test (A)',
  })
  expect(events[2]).not.toHaveProperty('process')
  expect(looked).toBe(1)
})

test('what cannot be said in a sentence is told by its name', async () => {
  const bare: ProtocolRecord = { ...query, facts: {} }
  const { events } = await normalise([bare])
  expect(events[0]?.message).toBe('192.0.2.10:5353 spoke dns with 198.51.100.7:53')
})

test('a connection of which the port was not known yet is that of the only process that began one there', async () => {
  const begun: SocketRecord = { ...connect, local: { address: HERE, port: 0 } }
  const other = { pid: 301, startTicks: 6 }
  const said: ProtocolRecord = { ...query, transport: 'tcp', from: flow.from, to: flow.to, timeMs: MS + 5 }
  const pids = async (...records: readonly RawRecord[]) =>
    (await normalise([exec, ...records])).events
      .filter(({ metadata }) => metadata.log_provider === 'packet')
      .map((event) => ('process' in event ? event.process?.pid : undefined))
  expect(await pids(begun, said)).toEqual([300])
  expect(await pids(begun, { ...begun, process: other }, said)).toEqual([undefined])
  // When it ends the kernel names its port.
  const closed: SocketRecord = { ...connect, type: 'close', process: other }
  expect(await pids(begun, { ...begun, process: other }, closed, flow, said)).toEqual([301, 301])
  // Too long ago, and after the fact.
  expect(await pids({ ...begun, timeMs: MS - 70_000 }, said)).toEqual([undefined])
  expect(await pids({ ...begun, timeMs: MS + 6 }, said)).toEqual([undefined])
})

const asked: KernelProtocolRecord = {
  source: 'ebpf',
  type: 'protocol',
  timeMs: MS,
  process: curl,
  transport: 'udp',
  from: { ip: '0.0.0.0', port: 0 },
  to: query.to,
  name: 'dns',
  facts: query.facts,
}
const sources = (events: readonly Event[]) =>
  events.filter(({ kind }) => kind === 'protocol').map(({ metadata }) => metadata.log_provider)

test('a question that the kernel and a packet tell of is one Event, whoever is first; one that is sent again is told again', async () => {
  expect(sources((await normalise([exec, asked, query])).events)).toEqual(['ebpf'])
  expect(sources((await normalise([exec, query, asked])).events)).toEqual(['packet'])
  expect(sources((await normalise([exec, asked, asked, query, query])).events)).toEqual(['ebpf', 'ebpf'])
  expect(sources((await normalise([exec, asked, query, asked, query])).events)).toEqual(['ebpf', 'ebpf'])
  // The first was on its way before packets were looked at.
  expect(sources((await normalise([exec, asked, asked, query])).events)).toEqual(['ebpf', 'ebpf'])
})

test('what only one of them told is an Event: another name, another server, much later, the answer', async () => {
  const { dns } = query.facts
  if (dns === undefined) throw new Error('no question')
  const others: ProtocolRecord[] = [
    { ...query, facts: { dns: { ...dns, hostname: 'other.test' } } },
    { ...query, facts: { dns: { ...dns, transaction_id: 2 } } },
    { ...query, to: { ...query.to, ip: '198.51.100.8' } },
    { ...query, timeMs: MS + 6000 },
    { ...query, facts: { dns: { ...dns, type: 'answer' } } },
  ]
  for (const other of others)
    expect(sources((await normalise([exec, asked, other])).events)).toEqual(['ebpf', 'packet'])
})
