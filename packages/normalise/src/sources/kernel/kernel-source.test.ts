import { silentLogger } from '@vedette/base'
import {
  type AgentId,
  type Event,
  eventSchema,
  type ExecRecord,
  type KernelProtocolRecord,
  type RawRecord,
  type SocketRecord,
  type SystemRecord,
} from '@vedette/model'
import { expect, test } from 'vitest'
import { normaliseConfigSchema } from '../../config.ts'
import { createNormaliser } from '../../normaliser.ts'

const MS = 1_700_000_000_000
const tool = { pid: 300, startTicks: 5 }
const local = { address: '0.0.0.0', port: 40_000 }

async function normalise(...records: readonly RawRecord[]): Promise<readonly Event[]> {
  using normaliser = createNormaliser({
    device: { uid: 'a'.repeat(32) as AgentId, hostname: 'host' },
    bootId: '5f0b7c2e-0000-4000-8000-000000000000',
    run: '0123456789abcdef',
    config: normaliseConfigSchema.parse({ executable_hash: { enabled: false } }),
    clock: { now: () => MS, monotonic: () => 0 },
    log: silentLogger,
    bootTimeMs: MS - 100_000,
    processes: { list: () => [], read: () => undefined },
  })
  const events = await normaliser.normalise([exec, ...records])
  expect(normaliser.counters().rejected).toBe(0)
  for (const event of events) eventSchema.parse(event)
  return events.slice(1)
}

const exec: ExecRecord = {
  source: 'ebpf',
  type: 'exec',
  timeMs: MS,
  process: tool,
  parent: { pid: 0, startTicks: 0 },
  executable: '/usr/bin/tool',
  argv: ['tool'],
  argvTruncated: false,
  uid: 0,
  gid: 0,
  taskName: 'tool',
}

test('a launch has what the program was started with; later events of its process do not repeat it', async () => {
  const started: ExecRecord = {
    ...exec,
    executable: '/usr/bin/bash',
    workingDirectory: '/srv/app',
    tty: 'pts/0',
    script: './deploy.sh',
    environment: [{ name: 'HOME' }, { name: 'LD_PRELOAD', value: '/tmp/a\u0000b.so' }],
    capabilities: { effective: ['CAP_NET_RAW'], permitted: ['CAP_NET_RAW', 'CAP_KILL'] },
    namespaces: { net: 4_026_531_840 },
  }
  const [launch, end] = await normalise(started, {
    source: 'ebpf',
    type: 'exit',
    timeMs: MS,
    process: tool,
    exitCode: 0,
    durationMs: 12.5,
  })
  expect(launch).toMatchObject({
    kind: 'process',
    process: {
      path: '/usr/bin/bash',
      tty: 'pts/0',
      script: { path: '/srv/app/deploy.sh', name: 'deploy.sh' },
      environment_variables: [{ name: 'HOME' }, { name: 'LD_PRELOAD', value: '/tmp/a\ufffdb.so' }],
      capabilities: ['CAP_NET_RAW'],
      namespaces: { net: 4_026_531_840 },
    },
  })
  expect(end).toMatchObject({ activity: 'terminate', duration_ms: 12.5 })
  expect(end).not.toHaveProperty('process.environment_variables')
})

test('a launch says what was left out of its environment, and by which flags its process was made', async () => {
  const [launch, end] = await normalise(
    {
      source: 'ebpf',
      type: 'fork',
      timeMs: MS,
      process: tool,
      parent: { pid: 1, startTicks: 1 },
      cloneFlags: ['CLONE_NEWUSER'],
    },
    { ...exec, environment: [{ name: 'HOME' }], environmentTruncated: true },
    { source: 'ebpf', type: 'exit', timeMs: MS, process: tool, exitCode: 0 },
  )
  expect(launch).toMatchObject({ process: { environment_truncated: true, clone_flags: ['CLONE_NEWUSER'] } })
  expect(eventSchema.safeParse(launch).success).toBe(true)
  expect(end).not.toHaveProperty('process.clone_flags')
})

test('datagrams have their number and bytes, a rare socket what was asked, a failure its reason', async () => {
  const base = { source: 'ebpf', timeMs: MS, process: tool, local } as const
  const send: SocketRecord = {
    ...base,
    type: 'send',
    protocol: 'udp',
    remote: { address: '192.0.2.1', port: 514 },
    bytesIn: 0,
    bytesOut: 300,
    datagrams: 3,
  }
  const raw: SocketRecord = {
    ...base,
    type: 'raw',
    protocol: 'packet',
    socket: { family: 'AF_PACKET', type: 'SOCK_RAW', protocol: 'ETH_P_ALL' },
  }
  const refused: SocketRecord = {
    ...base,
    type: 'connect',
    protocol: 'tcp',
    remote: { address: '198.51.100.1', port: 22 },
    result: 'ENETUNREACH',
  }
  const events = await normalise(send, raw, refused)
  expect(events).toMatchObject([
    {
      activity: 'send',
      direction: 'outbound',
      dst_endpoint: { ip: '192.0.2.1', port: 514 },
      traffic: { bytes_in: 0, bytes_out: 300, packets_out: 3 },
      message: 'tool sent to 192.0.2.1:514',
    },
    {
      activity: 'raw',
      protocol: 'packet',
      socket: { family: 'AF_PACKET' },
      message: 'tool opened a socket for AF_PACKET SOCK_RAW ETH_P_ALL',
    },
    {
      activity: 'open',
      result: 'ENETUNREACH',
      message: 'tool could not connect to 198.51.100.1:22 (ENETUNREACH)',
    },
  ])
})

test('a name that is asked for has the process that asked', async () => {
  const asked: KernelProtocolRecord = {
    source: 'ebpf',
    type: 'protocol',
    timeMs: MS,
    process: tool,
    transport: 'udp',
    from: { ip: '0.0.0.0', port: 40_000 },
    to: { ip: '192.0.2.53', port: 53 },
    name: 'dns',
    facts: {
      dns: {
        type: 'query',
        opcode: 'Query',
        flags: ['RD'],
        transaction_id: 1,
        hostname: 'a\u0000b.test',
        query_type: 'TXT',
        query_class: 'IN',
      },
    },
  }
  const [event] = await normalise(asked)
  expect(event).toMatchObject({
    kind: 'protocol',
    class_uid: 4003,
    protocol_name: 'dns',
    process: { pid: 300, name: 'tool' },
    dns: { hostname: 'a\ufffdb.test' },
    message: 'tool asked 192.0.2.53:53 for a\ufffdb.test (TXT)',
  })
  expect(event).not.toHaveProperty('flow_uid')
})

test('a signal has both processes', async () => {
  const signal: SystemRecord = {
    source: 'ebpf',
    type: 'system',
    timeMs: MS,
    process: tool,
    activity: 'signal',
    systemCall: 'kill',
    target: { pid: 301, startTicks: 6 },
    arguments: { signal: 'SIGKILL', target_uid: 1000 },
  }
  const target = { ...exec, process: { pid: 301, startTicks: 6 }, executable: '/usr/sbin/auditd' }
  const events = await normalise(target, signal)
  expect(events[1]).toMatchObject({
    kind: 'system',
    activity: 'signal',
    target_process: { pid: 301, name: 'auditd' },
    message: 'tool sent a signal to auditd (signal SIGKILL, target_uid 1000)',
  })
})
