import { silentLogger } from '@vedette/base'
import { type AgentId, eventSchema, type RawRecord } from '@vedette/model'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normaliseConfigSchema } from './config.ts'
import { createNormaliser, type Normaliser } from './normaliser.ts'

function offline(config: Record<string, unknown> = {}): Normaliser {
  return createNormaliser({
    device: { uid: 'a' as AgentId, hostname: 'h' },
    bootId: 'bootbootboot',
    bootTimeMs: 0,
    run: '0123456789abcdef',
    clock: { now: () => 1_700_000_000_000, monotonic: () => 0 },
    log: silentLogger,
    config: normaliseConfigSchema.parse({
      executable_hash: { enabled: false },
      process_tree: { max_processes: 256 },
      ...config,
    }),
    processes: { list: () => [], read: () => undefined },
  })
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', '/', '/bin/sh', 'memfd:x', '\0', '\ud800', 'x'.repeat(70_000), '--password=x'),
)
const identity = fc.record({ pid: fc.integer({ min: 1, max: 400 }), startTicks: fc.nat(3) })
const end = fc.record({ address: fc.constantFrom('192.0.2.1', '::1', 'x'.repeat(100)), port: fc.nat(65_535) })
const stream = fc.record(
  { type: fc.constantFrom('file', 'socket', 'tty', 'closed'), peer: end },
  { requiredKeys: ['type'] },
)
const base = {
  source: fc.constantFrom('ebpf', 'proc-events', 'proc-poll'),
  timeMs: fc.oneof(fc.double(), fc.constantFrom(NaN, -1, Infinity, 1.7e12)),
  process: identity,
}
const record = fc.oneof(
  fc.record(
    {
      ...base,
      type: fc.constant('exec'),
      parent: identity,
      executable: text,
      argv: fc.array(text, { maxLength: 4 }),
      argvTruncated: fc.boolean(),
      uid: fc.nat(),
      gid: fc.nat(),
      euid: fc.nat(),
      taskName: text,
      workingDirectory: text,
      cgroupPath: text,
      executableFile: fc.record({ device: fc.nat(), inode: fc.nat(), links: fc.nat(2) }),
      streams: fc.tuple(stream, stream, stream),
      snapshot: fc.boolean(),
    },
    {
      requiredKeys: [
        'source',
        'timeMs',
        'process',
        'type',
        'parent',
        'executable',
        'argv',
        'argvTruncated',
        'uid',
        'gid',
        'taskName',
      ],
    },
  ),
  fc.record({ ...base, type: fc.constant('fork'), parent: identity }),
  fc.record(
    { ...base, type: fc.constant('exit'), exitCode: fc.nat(255), signal: fc.nat(64) },
    { requiredKeys: ['source', 'timeMs', 'process', 'type'] },
  ),
  fc.record(
    {
      ...base,
      type: fc.constantFrom('connect', 'accept', 'listen', 'close'),
      protocol: fc.constantFrom('tcp', 'udp'),
      local: end,
      remote: end,
      bytesIn: fc.nat(),
      bytesOut: fc.nat(),
    },
    { requiredKeys: ['source', 'timeMs', 'process', 'type', 'protocol', 'local'] },
  ),
  fc.record(
    {
      ...base,
      type: fc.constant('file'),
      operation: fc.constantFrom('create', 'read', 'write', 'delete', 'rename', 'attributes'),
      path: text,
      newPath: text,
      inode: fc.nat(),
    },
    { requiredKeys: ['source', 'timeMs', 'process', 'type', 'operation', 'path'] },
  ),
  fc.record({
    source: fc.constant('line'),
    timeMs: base.timeMs,
    path: text,
    text: fc.oneof(
      text,
      text.map(
        (message) =>
          `Nov 20 07:52:01 h sshd[1]: message repeated 3 times: [ Failed password for ${message} from 192.0.2.1 port 1 ssh2]`,
      ),
    ),
    truncated: fc.boolean(),
  }),
) as fc.Arbitrary<RawRecord>

describe('normalise()', () => {
  test('makes of any records Events that the schema accepts, numbered without a gap', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(record, { maxLength: 20 }), { maxLength: 4 }), async (batches) => {
        using normaliser = offline()
        let number = 0
        for (const batch of batches) {
          for (const event of await normaliser.normalise(batch)) {
            expect(event.id).toBe(`a-0123456789abcdef-${number}`)
            number += 1
            const parsed = eventSchema.safeParse(event)
            if (!parsed.success) throw new Error(parsed.error.message)
            expect(JSON.parse(JSON.stringify(event))).toEqual(event)
          }
        }
        expect(normaliser.counters()).toMatchObject({ rejected: 0, events: number })
      }),
      { numRuns: 300 },
    )
  })

  test('a record that is not as agreed is counted and leaves no gap', async () => {
    using normaliser = offline()
    const good = { source: 'line', timeMs: 1, path: '/x', text: 'hello', truncated: false } as const
    // One fails before it has a number, the other after.
    const bad = [{ source: 'line' }, { source: 'line', timeMs: 1, text: 'x' }] as RawRecord[]
    const events = await normaliser.normalise([good, ...bad, { ...good, text: 'after' }])
    expect(events.map(({ id, message }) => [id, message])).toEqual([
      ['a-0123456789abcdef-0', 'hello'],
      ['a-0123456789abcdef-1', 'after'],
    ])
    expect(normaliser.counters()).toMatchObject({ records: 4, events: 2, rejected: 2 })
  })

  test('network events of one process share its object until it runs another program', async () => {
    using normaliser = offline()
    const process = { pid: 5, startTicks: 1 }
    const connect = {
      source: 'ebpf',
      type: 'connect',
      timeMs: 1,
      process,
      protocol: 'tcp',
      local: { address: '127.0.0.1', port: 40_000 },
      remote: { address: '127.0.0.1', port: 80 },
    } as const
    const exec = {
      source: 'ebpf',
      type: 'exec',
      timeMs: 1,
      process,
      parent: { pid: 0, startTicks: 0 },
      executable: '/bin/nc',
      argv: ['nc'],
      argvTruncated: false,
      uid: 0,
      gid: 0,
      taskName: 'nc',
    } as const
    const [a, b, , d] = await normaliser.normalise([connect, connect, exec, connect])
    const of = (event: typeof a) => (event?.kind === 'network' ? event.process : undefined)
    expect(of(a)).toBe(of(b))
    expect(of(d)?.name).toBe('nc')
  })
})

test('redaction can be switched off', async () => {
  const line = {
    source: 'line',
    timeMs: 1,
    path: '/x',
    text: 'login --password=hunter2',
    truncated: false,
  } as const
  using kept = offline({ redaction: { enabled: false } })
  using redacted = offline()
  expect((await kept.normalise([line]))[0]?.message).toBe('login --password=hunter2')
  expect((await redacted.normalise([line]))[0]?.message).toBe('login --password=[redacted]')
})

test('the configuration rejects an unknown key', () => {
  expect(normaliseConfigSchema.safeParse({ process_tree: { max: 1 } }).success).toBe(false)
  expect(normaliseConfigSchema.parse({}).executable_hash.max_file_bytes).toBe(67_108_864)
})
