import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { silentLogger } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import type { KernelRecord } from '@vedette/model'
import { expect, test } from 'vitest'
import { EbpfCollector } from './collector.ts'
import { ebpfSchema } from './config.ts'
import { temporaryFolder } from './recorder.ts'

needsRoot()

const OPENS = 20_000
const EXECS = 50

function open(watched: string): Promise<EbpfCollector> {
  return EbpfCollector.open(
    ebpfSchema.parse({ ring_bytes: 65_536, network: false, watch_paths: [watched], watch_reads: [] }),
    silentLogger,
  )
}

/** Opens a file for writing again and again, in a process of its own. */
function openOften(path: string): number {
  const script = 'for (1 .. $ARGV[1]) { open(my $f, ">>", $ARGV[0]) or die }'
  return spawnSync('/usr/bin/perl', ['-e', script, path, String(OPENS)]).pid
}

test('a reader that stops for a while loses what does not fit, counted to the last record, and no exec', async () => {
  using folder = temporaryFolder()
  const path = folder.file('watched')
  writeFileSync(path, '')
  await using collector = await open(path)
  const stop = new AbortController()
  const batches = collector.records(stop.signal)
  const seen: KernelRecord[] = []

  const first = batches.next()
  const pids = [openOften(path)]
  for (let i = 0; i < EXECS; i += 1) pids.push(spawnSync('/bin/true').pid)
  const { value } = await first
  seen.push(...(value ?? []))
  stop.abort()
  for await (const batch of batches) seen.push(...batch)

  const { emitted, delivered, lost } = collector.counters()
  expect(delivered).toBe(seen.length)
  expect(delivered + lost).toBe(emitted)

  const types = collector.countersByKind()
  expect(types.file.emitted).toBe(OPENS)
  expect(types.file.lost).toBeGreaterThan(OPENS / 2)
  expect(types.file.emitted - types.file.lost).toBe(seen.filter(({ type }) => type === 'file').length)
  // Others on the machine may have called what might have been about the file.
  expect(lost).toBe(Object.values(types).reduce((sum, kind) => sum + kind.lost, 0))
  for (const type of ['exec', 'exit'] as const) {
    expect(types[type].lost).toBe(0)
    const told = new Set(seen.filter((record) => record.type === type).map(({ process }) => process.pid))
    expect(pids.filter((pid) => !told.has(pid))).toEqual([])
  }
})

test('what nobody asks for before the end counts as lost', async () => {
  using folder = temporaryFolder()
  writeFileSync(folder.file('watched'), '')
  const collector = await open(folder.file('watched'))
  openOften(folder.file('watched'))
  await collector[Symbol.asyncDispose]()
  const { emitted, delivered, lost } = collector.counters()
  expect(emitted).toBeGreaterThanOrEqual(OPENS)
  expect({ delivered, lost }).toEqual({ delivered: 0, lost: emitted })
})

test('a reader that breaks off has lost the rest', async () => {
  using folder = temporaryFolder()
  writeFileSync(folder.file('watched'), '')
  await using collector = await open(folder.file('watched'))
  let taken = 0
  openOften(folder.file('watched'))
  for await (const batch of collector.records(new AbortController().signal)) {
    taken += batch.length
    break
  }
  const { emitted, delivered, lost } = collector.counters()
  expect(delivered).toBe(taken)
  expect(delivered + lost).toBe(emitted)
  expect(emitted).toBeGreaterThanOrEqual(OPENS)
})
