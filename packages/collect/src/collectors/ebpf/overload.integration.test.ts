import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import type { KernelRecord } from '@vedette/model'
import { expect, test } from 'vitest'
import { EbpfCollector } from './collector.ts'
import { ebpfSchema } from './config.ts'
import { roomLimits } from './priorities.ts'
import { temporaryFolder } from './recorder.ts'

needsRoot()

const RING = 65_536
const OPENS = 20_000
const EXECS = 30

/** Opens a file for writing again and again, in a process of its own. */
function openOften(path: string): number {
  const script = 'for (1 .. $ARGV[1]) { open(my $f, ">>", $ARGV[0]) or die }'
  return spawnSync('/usr/bin/perl', ['-e', script, path, String(OPENS)]).pid
}

/** Connects so many times, in a process of its own. */
async function connectOften(times: number): Promise<number> {
  const server = createServer((socket) => socket.destroy())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const script = `use Socket; for (1 .. $ARGV[1]) { socket(my $s, PF_INET, SOCK_STREAM, 0);
    connect($s, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) }`
  const child = spawn('/usr/bin/perl', ['-e', script, String(port), String(times)], { stdio: 'ignore' })
  await once(child, 'exit')
  server.close()
  return child.pid ?? 0
}

test('a reader that stops: files go first, connections and credentials do not, it is said at once, and the books are exact', async () => {
  using folder = temporaryFolder()
  const path = folder.file('watched')
  writeFileSync(path, '')
  await using collector = await EbpfCollector.open(
    ebpfSchema.parse({ ring_bytes: RING, watch_paths: [path], watch_reads: [] }),
    silentLogger,
  )
  const stop = new AbortController()
  const batches = collector.records(stop.signal)
  const seen: KernelRecord[] = []
  // From here on nobody asks.
  seen.push(...((await firstOf(batches)) ?? []))
  openOften(path)
  const files = collector.countersByKind().file
  expect(files.lost).toBeGreaterThan(OPENS / 2)

  const connecting = await connectOften(20)
  const pids = Array.from({ length: EXECS }, () => spawnSync('/bin/true').pid)
  const changed = spawnSync('/usr/bin/perl', ['-e', '$< = $> = 65534']).pid

  while (!collector.blindSpots().some(({ code }) => code === 'overload')) await delay(20)
  expect(collector.blindSpots().find(({ code }) => code === 'overload')?.message).toContain('file')

  const reading = (async () => {
    for await (const batch of batches) seen.push(...batch)
  })()
  // Once it reads again, what is rare is told without a loss, and that nothing is lost any more.
  while (collector.blindSpots().some(({ code }) => code === 'overload')) await delay(50)
  const before = collector.countersByKind().file.lost
  spawnSync('/usr/bin/perl', ['-e', 'open(my $f, ">>", $ARGV[0])', path])
  stop.abort()
  await reading
  expect(collector.countersByKind().file.lost).toBe(before)

  const told = (type: KernelRecord['type'], pid: number) =>
    seen.filter((record) => record.type === type && record.process.pid === pid).length
  expect(pids.map((pid) => told('exec', pid))).toEqual(pids.map(() => 1))
  expect(told('connect', connecting)).toBe(20)
  expect(
    seen.filter((record) => record.type === 'system' && record.process.pid === changed).length,
  ).toBeGreaterThan(0)

  const kinds = Object.values(collector.kinds())
  const sum = (of: 'emitted' | 'delivered' | 'lost') => kinds.reduce((total, book) => total + book[of], 0)
  expect({ emitted: sum('emitted'), delivered: sum('delivered'), lost: sum('lost') }).toEqual(
    collector.counters(),
  )
  for (const { emitted, delivered, lost } of kinds) expect(delivered + lost).toBe(emitted)
  const { exec, fork, exit, connect, set_user: users } = collector.kinds()
  expect([exec, fork, exit, connect, users].map((book) => book?.lost)).toEqual([0, 0, 0, 0, 0])
})

async function firstOf(batches: AsyncGenerator<readonly KernelRecord[]>): Promise<readonly KernelRecord[]> {
  const first = batches.next()
  spawnSync('/bin/true')
  return (await first).value as readonly KernelRecord[]
}

test('what is given up leaves its ring room for what is not', () => {
  const limits = roomLimits(RING, RING)
  expect(limits.get('file')).toBeLessThan(limits.get('connect') ?? 0)
  expect(limits.get('connect')).toBeLessThan(limits.get('trace') ?? 0)
})
