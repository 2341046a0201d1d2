import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { afterEach, expect, test } from 'vitest'
import { CgroupBudget } from './cgroup-budget.ts'

const children: ChildProcess[] = []

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

/** Node that waits for a line before it does what it is told. */
async function run(script: string): Promise<ChildProcess & { pid: number }> {
  const child = spawn(
    process.execPath,
    ['-e', `process.stdin.once('data', () => { ${script} }); console.log('up')`],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  children.push(child)
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  return child as ChildProcess & { pid: number }
}

const cpuTicks = (pid: number) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

test('a process that would use all it can get stays within its budget, and the group is gone afterwards', async () => {
  needsRoot()
  const name = 'vedette-test'
  const budget = CgroupBudget.create(name, { cpuPercent: 10, memoryBytes: 256 << 20 })
  expect(budget).toBeDefined()
  const busy = await run('for (;;);')
  budget?.add(busy.pid)
  expect(readFileSync(`/proc/${busy.pid}/cgroup`, 'utf8')).toContain(`${name}-${process.pid}`)
  const before = cpuTicks(busy.pid)
  busy.stdin?.write('go\n')
  const startMs = performance.now()
  await delay(4000)
  const share = (cpuTicks(busy.pid) - before) / ((performance.now() - startMs) / 10)
  // A tenth of a processor, and at most one period more.
  expect(share).toBeLessThan(0.14)
  expect(budget?.throttled()).toBeGreaterThan(0)

  const greedy = await run('const kept = []; setInterval(() => kept.push(Buffer.alloc(64 << 20, 1)), 20)')
  budget?.add(greedy.pid)
  greedy.stdin?.write('go\n')
  // Beyond its memory the kernel ends it.
  const [, signal] = (await once(greedy, 'exit')) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')

  // Its last process may end a little later.
  const gone = budget?.[Symbol.asyncDispose]()
  busy.kill('SIGKILL')
  await gone
  expect(CgroupBudget.create(name, { cpuPercent: 10, memoryBytes: 256 << 20 })).toBeDefined()
  await budget?.[Symbol.asyncDispose]()
})

test('what the kernel refuses makes no group and leaves none', async () => {
  const name = 'vedette-none'
  expect(CgroupBudget.create(name, { cpuPercent: 0, memoryBytes: 1 << 30 })).toBeUndefined()
  // Else this one would find its folder taken.
  const budget = CgroupBudget.create(name, { cpuPercent: 10, memoryBytes: 1 << 30 })
  expect(budget === undefined).toBe(process.getuid?.() !== 0)
  await budget?.[Symbol.asyncDispose]()
})

test('who is in a group reads what it uses of it', async () => {
  needsRoot()
  await using budget = CgroupBudget.create('vedette-test-use', { cpuPercent: 10, memoryBytes: 256 << 20 })
  const module = JSON.stringify(new URL('./cgroup-use.ts', import.meta.url).href)
  const busy = await run(
    `import(${module}).then(({ OwnCgroup }) => {
      const group = OwnCgroup.find()
      const end = performance.now() + 600
      while (performance.now() < end);
      console.log(JSON.stringify(group?.read()))
    })`,
  )
  budget?.add(busy.pid)
  busy.stdin?.write('go\n')
  const [told] = (await once(busy.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  const use = JSON.parse(told.toString()) as { throttledMs: number; memoryBytes: number; reclaims: number }
  expect(use.throttledMs).toBeGreaterThan(200)
  expect(use.memoryBytes).toBeGreaterThan(0)
  expect(use.reclaims).toBe(0)
  busy.kill('SIGKILL')
  await once(busy, 'exit')
})
