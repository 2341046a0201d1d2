import { silentLogger, systemClock } from '@vedette/base'
import { bootId } from '@vedette/linux'
import type { AgentId, ProcessIdentity, RawRecord } from '@vedette/model'
import { createNormaliser, type Normaliser, normaliseConfigSchema } from '@vedette/normalise'
import { report } from './figures.ts'

/**
 * How many records a second one core turns into Events, with a warm process tree: a host where 2,000 processes run, eight
 * deep, of which each record's is one. `--save` keeps the figures.
 */

const PROCESSES = 2000
const BATCH = 1000
const SECONDS = 3
/** Above every pid that the kernel gives, so that nothing of this machine is read. */
const FIRST_PID = 5_000_000

const identity = (n: number): ProcessIdentity => ({ pid: FIRST_PID + n, startTicks: 1000 + n })

function exec(n: number, run: number): RawRecord {
  return {
    source: 'ebpf',
    type: 'exec',
    timeMs: Date.now(),
    process: identity(n),
    parent: identity(Math.max(0, n - 250)),
    executable: '/usr/bin/python3.11',
    argv: ['/usr/bin/python3', '/srv/worker.py', '--queue', 'mail', '--run', String(run)],
    argvTruncated: false,
    uid: 1000,
    gid: 1000,
    taskName: 'python3',
    workingDirectory: '/srv',
    executableFile: { device: 1, inode: 7, links: 1 },
    cgroupPath: '/system.slice/worker.service',
    streams: [{ type: 'pipe' }, { type: 'file' }, { type: 'file' }],
  }
}

function socket(n: number, type: 'connect' | 'close'): RawRecord {
  return {
    source: 'ebpf',
    type,
    timeMs: Date.now(),
    process: identity(n),
    protocol: 'tcp',
    local: { address: '192.0.2.5', port: 32_768 + (n % 20_000) },
    remote: { address: '198.51.100.7', port: 443 },
  }
}

function life(n: number): RawRecord[] {
  const process = identity(n)
  return [
    { source: 'ebpf', type: 'fork', timeMs: Date.now(), process, parent: identity(n % PROCESSES) },
    exec(n, n),
    { source: 'ebpf', type: 'exit', timeMs: Date.now(), process, exitCode: 0 },
  ]
}

async function perSecond(normaliser: Normaliser, make: (n: number) => readonly RawRecord[]): Promise<number> {
  let records = 0
  let n = 0
  let spentMs = 0
  while (spentMs < SECONDS * 1000) {
    const batch: RawRecord[] = []
    while (batch.length < BATCH) batch.push(...make((n += 1)))
    const start = process.cpuUsage()
    await normaliser.normalise(batch)
    const { user, system } = process.cpuUsage(start)
    spentMs += (user + system) / 1000
    records += batch.length
  }
  return Math.round(records / (spentMs / 1000))
}

async function measure(make: (n: number) => readonly RawRecord[]): Promise<number> {
  using normaliser = createNormaliser({
    device: { uid: 'bench' as AgentId, hostname: 'bench' },
    bootId: bootId(),
    run: '0'.repeat(16),
    // The files of these processes do not exist: hashing is measured apart, where it happens.
    config: normaliseConfigSchema.parse({ executable_hash: { enabled: false } }),
    clock: systemClock,
    log: silentLogger,
    processes: { list: () => [], read: () => undefined },
  })
  for (let n = 0; n < PROCESSES; n += 1) await normaliser.normalise([exec(n, 0)])
  return perSecond(normaliser, make)
}

const line = (n: number): RawRecord => ({
  source: 'line',
  timeMs: Date.now(),
  path: '/var/log/auth.log',
  text: `2026-11-20T07:52:01.123456+00:00 host sshd[${n}]: Failed password for invalid user bob from 192.0.2.1 port 40022 ssh2`,
  truncated: false,
})

report('normalise', {
  'records/s of one core': {
    exec: await measure((n) => [exec(n % PROCESSES, n)]),
    'connect and close': await measure((n) => [
      socket(n % PROCESSES, 'connect'),
      socket(n % PROCESSES, 'close'),
    ]),
    'exec, connect, close in turn': await measure((n) => [
      exec(n % PROCESSES, n),
      socket(n % PROCESSES, 'connect'),
      socket(n % PROCESSES, 'close'),
    ]),
    'fork, exec, exit of new processes': await measure((n) => life(PROCESSES + n)),
    'log lines': await measure((n) => [line(n)]),
  },
})
