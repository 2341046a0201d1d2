import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { readProcessStat } from '@vedette/linux'
import type { FileAccessRecord, RawRecord } from '@vedette/model'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { chooseKernelCollector } from '../../choose.ts'
import { collectSchema } from '../../config.ts'
import type { Collector } from '../../collector.ts'
import { fanotifySchema } from './config.ts'
import { fanotify } from './index.ts'
import { FanotifySource } from './source.ts'

needsRoot()

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'vedette-fanotify-')))
})
afterEach(() => rmSync(folder, { recursive: true }))

type Told = readonly [operation: string, ...paths: string[]]

/** Watches in the folder what `act` does, until a last file that it makes is told. */
async function told(
  config: { readonly watch_paths?: readonly string[]; readonly watch_reads?: readonly string[] },
  act: () => void,
) {
  const parsed = fanotify.schema.parse({ watch_reads: [], ignore_self: false, ...config })
  await using collector = await fanotify.open(parsed, { log: silentLogger, clock: systemClock })
  const end = join(folder, 'the-end')
  mkdirSync(end)
  await using watched = await collector.watch?.(end)
  expect(watched).toBeDefined()
  const { seen, stop } = read(collector)
  act()
  writeFileSync(join(end, 'now'), '')
  while (!seen.some(({ path }) => path === join(end, 'now'))) await delay(5)
  await stop()
  const records = seen.filter(({ path }) => !path.startsWith(end))
  const acts: Told[] = records.map(({ operation, path, newPath }) => [
    operation,
    path.slice(folder.length + 1),
    ...(newPath === undefined ? [] : [newPath.slice(folder.length + 1)]),
  ])
  return { records, acts }
}

function read(collector: Collector) {
  const seen: FileAccessRecord[] = []
  const ending = new AbortController()
  const reading = (async () => {
    for await (const batch of collector.records(ending.signal)) {
      seen.push(
        ...batch.filter((record): record is FileAccessRecord => 'type' in record && record.type === 'file'),
      )
    }
  })()
  return {
    seen,
    stop: async () => {
      ending.abort()
      await reading
    },
  }
}

const inFolder = (name: string) => join(folder, name)

describe('fanotify', () => {
  test('tells each thing that is done in a watched folder', async () => {
    mkdirSync(inFolder('d'))
    mkdirSync(inFolder('elsewhere'))
    writeFileSync(inFolder('d/a'), 'x')
    writeFileSync(inFolder('d/e'), 'x')
    const { acts } = await told({ watch_paths: [inFolder('d')] }, () => {
      appendFileSync(inFolder('d/a'), 'y')
      chmodSync(inFolder('d/a'), 0o700)
      spawnSync(inFolder('d/a'))
      readFileSync(inFolder('d/a'))
      renameSync(inFolder('d/a'), inFolder('d/b'))
      writeFileSync(inFolder('d/c'), '')
      rmSync(inFolder('d/b'))
      // The folder above is looked at too, for the sake of the name of the watched one.
      renameSync(inFolder('d/c'), inFolder('out'))
      renameSync(inFolder('d/e'), inFolder('elsewhere/e'))
      renameSync(inFolder('elsewhere/e'), inFolder('d/in'))
    })
    expect(acts).toEqual([
      ['write', 'd/a'],
      ['attributes', 'd/a'],
      ['rename', 'd/a', 'd/b'],
      ['create', 'd/c'],
      ['write', 'd/c'],
      ['delete', 'd/b'],
      ['rename', 'd/c', 'out'],
      ['delete', 'd/e'],
      ['create', 'd/in'],
    ])
  })

  test('tells reading, and running, of what is watched for it', async () => {
    writeFileSync(inFolder('secret'), 'x', { mode: 0o700 })
    writeFileSync(inFolder('beside'), 'x')
    const { acts } = await told({ watch_reads: [inFolder('secret')] }, () => {
      readFileSync(inFolder('secret'))
      readFileSync(inFolder('beside'))
    })
    expect(acts).toEqual([['read', 'secret']])
  })

  test('a watched file by another name, made anew, and replaced', async () => {
    writeFileSync(inFolder('file'), 'x')
    mkdirSync(inFolder('links'))
    linkSync(inFolder('file'), inFolder('links/other'))
    const { acts } = await told({ watch_paths: [inFolder('file')] }, () => {
      appendFileSync(inFolder('links/other'), 'y')
      rmSync(inFolder('file'))
      writeFileSync(inFolder('new'), 'z')
      renameSync(inFolder('new'), inFolder('file'))
    })
    expect(acts).toEqual([
      ['write', 'file'],
      // A name less is a change of what is known of the file.
      ['attributes', 'file'],
      ['delete', 'file'],
      ['rename', 'new', 'file'],
    ])
  })

  test('a file that comes to be later, and a folder with what was put into it at once', async () => {
    mkdirSync(inFolder('d'))
    const { acts } = await told({ watch_paths: [inFolder('d'), inFolder('late')] }, () => {
      mkdirSync(inFolder('d/sub/deep'), { recursive: true })
      writeFileSync(inFolder('d/sub/deep/job'), 'x')
      writeFileSync(inFolder('late'), 'x')
    })
    const created = acts.flatMap(([operation, path]) => (operation === 'create' ? [path] : []))
    expect(created).toHaveLength(4)
    expect(new Set(created)).toEqual(new Set(['d/sub', 'd/sub/deep', 'd/sub/deep/job', 'late']))
  })

  test('a pattern whose files come to be while it is watched', async () => {
    const parsed = fanotify.schema.parse({
      watch_paths: [inFolder('*/keys')],
      watch_reads: [],
      look_again_ms: 100,
      ignore_self: false,
    })
    await using collector = await fanotify.open(parsed, { log: silentLogger, clock: systemClock })
    const { seen, stop } = read(collector)
    mkdirSync(inFolder('eve/keys'), { recursive: true })
    for (let tries = 0; seen.length === 0 && tries < 200; tries += 1) {
      writeFileSync(inFolder(`eve/keys/${tries}`), 'x')
      await delay(50)
    }
    await stop()
    expect(seen[0]).toMatchObject({ operation: 'create', source: 'fanotify' })
  })

  test('names who acted, also when it has ended long before anybody looks', async () => {
    mkdirSync(inFolder('d'))
    const parsed = fanotify.schema.parse({ watch_paths: [inFolder('d')], watch_reads: [] })
    // In this very thread, which is held up until all of them have ended.
    using source = new FanotifySource(parsed)
    const children = Array.from(
      { length: 20 },
      (_, i) => spawnSync('/usr/bin/touch', [inFolder(`d/${i}`)]).pid,
    )
    const records = await take(source)
    expect(
      records.filter(({ operation }) => operation === 'create').map(({ process }) => process.pid),
    ).toEqual(children)
    const begin = readProcessStat(process.pid)?.startTicks ?? Infinity
    expect(records.every(({ process: { startTicks } }) => startTicks > begin)).toBe(true)
  })

  test('what the kernel had no room for is counted as lost', async () => {
    // Many files are quickly made in memory.
    const memory = mkdtempSync('/dev/shm/vedette-fanotify-')
    const parsed = fanotify.schema.parse({ watch_paths: [memory], watch_reads: [], ignore_self: false })
    const limit = Number(readFileSync('/proc/sys/fs/fanotify/max_queued_events', 'utf8'))
    using source = new FanotifySource(parsed)
    for (let i = 0; i < limit; i += 1) writeFileSync(join(memory, String(i)), '')
    rmSync(memory, { recursive: true })
    const losses: [number, string | undefined][] = []
    const records = await take(source, (lost, ofKind) => losses.push([lost, ofKind]))
    expect(records.length).toBeGreaterThan(limit / 2)
    expect(losses.filter(([lost]) => lost > 0)).toEqual([[1, 'file']])
  })

  test('nothing that this process itself does, unless asked for', async () => {
    mkdirSync(inFolder('d'))
    using source = new FanotifySource(fanotifySchema.parse({ watch_paths: [inFolder('d')], watch_reads: [] }))
    writeFileSync(inFolder('d/own'), '')
    expect(await take(source)).toEqual([])
  })
})

/** All that is there by now. */
async function take(
  source: FanotifySource,
  onLoss: (lost: number, ofKind: string | undefined) => void = () => {},
) {
  const records: RawRecord[] = []
  const emit = (batch: readonly RawRecord[], lost: number, ofKind?: string) => {
    records.push(...batch)
    onLoss(lost, ofKind)
  }
  await source.run(emit, AbortSignal.abort())
  return records as FileAccessRecord[]
}

describe('beside a sensor', () => {
  test.each(['proc-events', 'proc-poll'] as const)('%s looks at files no more', async (kernel) => {
    mkdirSync(inFolder('d'))
    const config = collectSchema.parse({
      kernel,
      [kernel.replaceAll('-', '_')]: { watch_paths: [inFolder('d')], file_interval_ms: 20 },
      fanotify: { watch_reads: [] },
    })
    const chosen = await chooseKernelCollector(config, { log: silentLogger, clock: systemClock })
    await using collector = chosen.collector
    expect(collector.name).toBe(kernel)
    const codes = collector.blindSpots().map(({ code }) => code)
    expect(codes).toContain('fanotify')
    expect(codes).not.toContain('file-actor-unknown')
    const { seen, stop } = read(collector)
    const { pid } = spawnSync('/usr/bin/touch', [inFolder('d/made')])
    while (seen.length === 0) await delay(5)
    // Meanwhile it would have looked several times.
    await delay(100)
    await stop()
    // The kernel makes one of what happens to a file until it is read, so which of the last two comes first differs.
    expect(
      new Set(seen.map(({ source, operation, process }) => [source, operation, process.pid].join(' '))),
    ).toEqual(new Set(['create', 'write', 'attributes'].map((operation) => `fanotify ${operation} ${pid}`)))
    const { emitted, delivered, lost } = collector.counters()
    expect(emitted).toBe(delivered + lost)
    expect(collector.kinds?.()['file']).toEqual({ emitted: 3, delivered: 3, lost: 0 })
  })

  test('that looks itself where it is off, and says why', async () => {
    const config = collectSchema.parse({ kernel: 'proc-poll', fanotify: { enabled: false } })
    const { collector, passedOver } = await chooseKernelCollector(config, {
      log: silentLogger,
      clock: systemClock,
    })
    await using opened = collector
    expect(opened.blindSpots().map(({ code }) => code)).toContain('file-actor-unknown')
    expect(passedOver.map(({ code }) => code)).toContain('no-fanotify')
  })
})
