import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { readProcessStat } from '@vedette/linux'
import type { UsageRecord } from '@vedette/model'
import { afterEach, expect, test } from 'vitest'
import { usageSchema } from './config.ts'
import { UsageSource } from './source.ts'

const children: ChildProcess[] = []

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

/** Node running that text: a process of ours that does what it says. */
async function run(script: string, program = process.execPath): Promise<ChildProcess> {
  const child = spawn(program, ['-e', `${script}; process.stdout.write('ready')`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  await once(child.stdout, 'data')
  return child
}

/** Everything is high at once, so that a test need not wait; each test sets what it is about. */
const quick = {
  cpu: { cores: 4096, for_s: 0.3 },
  memory: { percent: 100, for_s: 0 },
  io: { mib_per_s: 1_000_000, for_s: 0 },
  descriptors: { percent: 100, for_s: 0 },
  sockets: { count: 10_000_000, for_s: 0 },
  processes: { count: 10_000_000, for_s: 0 },
  pressure: { percent: 100, for_s: 86_400 },
}

/** Looks until a record of that process is of this form. */
async function find(
  source: UsageSource,
  child: ChildProcess,
  is: (record: UsageRecord) => boolean,
): Promise<UsageRecord> {
  for (;;) {
    const found = source.look(Date.now()).find((record) => record.subject?.pid === child.pid && is(record))
    if (found !== undefined) return found
    await delay(50)
  }
}

test('a process that keeps a processor busy is told, with its program known by its path, and when it ends', async () => {
  using source = new UsageSource(usageSchema.parse({ high: { ...quick, cpu: { cores: 0.05, for_s: 0.3 } } }))
  const child = await run('setTimeout(() => { for (;;); }, 10)')
  const startTicks = readProcessStat(child.pid as number)?.startTicks
  const high = await find(source, child, ({ resource }) => resource === 'cpu')
  expect(high).toMatchObject({
    source: 'usage',
    activity: 'high',
    subject: { pid: child.pid, startTicks },
    baseline: { state: 'learning' },
    threshold: 0.05,
  })
  expect(high.value).toBeGreaterThan(0.05)
  expect(high.value).toBeLessThan(8)
  expect(high.duration_ms).toBeGreaterThanOrEqual(300)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await find(source, child, ({ resource }) => resource === 'cpu')).toMatchObject({
    activity: 'normal',
    value: 0,
  })
})

test('one that is quiet again is told as normal', async () => {
  using source = new UsageSource(usageSchema.parse({ high: { ...quick, cpu: { cores: 0.1, for_s: 0.1 } } }))
  const child = await run(
    'setTimeout(() => { const end = Date.now() + 3000; while (Date.now() < end); setInterval(() => 0, 1000) }, 10)',
  )
  await find(source, child, ({ activity }) => activity === 'high')
  const normal = await find(source, child, ({ activity }) => activity === 'normal')
  expect(normal.value).toBeLessThan(0.1)
})

test('memory, open files and sockets', async () => {
  const child = await run(
    "globalThis.kept = Buffer.alloc(300 << 20, 1); globalThis.files = Array.from({ length: 300 }, () => fs.openSync('/dev/null')); " +
      "globalThis.server = net.createServer((s) => s.on('error', () => 0)).listen(0, '127.0.0.1', () => { for (let i = 0; i < 60; i++) net.connect(server.address().port, '127.0.0.1') })",
  )
  using source = new UsageSource(
    usageSchema.parse({
      high: {
        ...quick,
        memory: { percent: 1, for_s: 0 },
        sockets: { count: 100, for_s: 0 },
        descriptors: { percent: 1, for_s: 0 },
      },
    }),
  )
  const seen = new Map<string, UsageRecord>()
  while (seen.size < 3) {
    for (const record of source.look(Date.now())) {
      if (record.subject?.pid === child.pid) seen.set(record.resource, record)
    }
    await delay(50)
  }
  const memory = seen.get('memory')
  expect(memory?.value).toBeGreaterThan(300 << 20)
  expect(memory?.percent).toBeGreaterThan(1)
  expect(seen.get('descriptors')?.value).toBeGreaterThan(400)
  expect(seen.get('descriptors')?.limit).toBeGreaterThan(400)
  expect(seen.get('sockets')?.value).toBeGreaterThan(100)
})

test('what a program wrote to the disk', async () => {
  const file = join(mkdtempSync(join(process.cwd(), '.vedette-usage-')), 'data')
  try {
    using source = new UsageSource(
      usageSchema.parse({ high: { ...quick, io: { mib_per_s: 0.5, for_s: 0 } } }),
    )
    const child = await run(
      `const fd = fs.openSync('${file}', 'w'); const block = Buffer.alloc(1 << 20, 1); let n = 0; setInterval(() => { if (n++ < 200) { fs.writeSync(fd, block, 0, block.length, 0); fs.fsyncSync(fd) } }, 20)`,
    )
    const record = await find(source, child, ({ resource }) => resource === 'io')
    expect(record.value).toBeGreaterThan(0.5 * (1 << 20))
  } finally {
    rmSync(join(file, '..'), { recursive: true, force: true })
  }
})

test('what there is no room for is lost, and counted', async () => {
  using source = new UsageSource(usageSchema.parse({ interval_ms: 100, max_processes: 1, max_cgroups: 0 }))
  const stop = new AbortController()
  const lost = await new Promise<[number, string | undefined]>((resolve) => {
    void source.run((_records, count, ofKind) => resolve([count, ofKind]), stop.signal)
  })
  stop.abort()
  expect(lost).toEqual([expect.any(Number), 'left_out'])
  expect(lost[0]).toBeGreaterThan(1)
})

test('processes of the host are counted', () => {
  using source = new UsageSource(usageSchema.parse({ high: { ...quick, processes: { count: 2, for_s: 0 } } }))
  const host = source
    .look(Date.now())
    .find(
      ({ resource, subject, cgroup }) =>
        resource === 'processes' && subject === undefined && cgroup === undefined,
    )
  expect(host?.value).toBeGreaterThan(2)
})

test('what is usual is known after its samples, and is kept', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-usage-'))
  try {
    const file = join(folder, 'habits.json')
    const program = join(folder, 'program')
    copyFileSync(process.execPath, program)
    const config = usageSchema.parse({
      learn_samples: 5,
      interval_ms: 100,
      high: { ...quick, cpu: { cores: 0.05, for_s: 0.3 } },
    })
    const idle = await run('setInterval(() => 0, 1000)', program)
    const stop = new AbortController()
    {
      using source = new UsageSource(config, file)
      const watching = source.run(() => undefined, stop.signal)
      await delay(2500)
      stop.abort()
      await watching
    }
    idle.kill('SIGKILL')
    await once(idle, 'exit')
    using again = new UsageSource(config, file)
    const busy = await run('setTimeout(() => { for (;;); }, 10)', program)
    const record = await find(again, busy, ({ resource }) => resource === 'cpu')
    expect(record.baseline).toMatchObject({ state: 'known' })
    expect(record.baseline.samples).toBeGreaterThanOrEqual(5)
    expect(record.baseline.mean).toBeLessThan(record.value / 2)
    expect(record.deviations).toBeGreaterThan(config.deviations)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
