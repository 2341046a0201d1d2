import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { Footprint } from './footprint.ts'

const children: ChildProcess[] = []
afterEach(async () => {
  for (const child of children.splice(0)) await end(child)
})

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function start(script: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [
    '-e',
    `${script}; process.stdout.write('ready'); setInterval(() => 0, 1e6)`,
  ])
  children.push(child)
  await once(child.stdout, 'data')
  return child
}

/** The look at children is half a second old at most; here each is a new one. */
function footprint(): Footprint {
  let nowMs = 0
  return new Footprint(() => (nowMs += 1000))
}

test('processor time of children counts, also when they have ended', async () => {
  const subject = footprint()
  const own = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
  const before = subject.cpuMs() - own()
  const child = await start(
    'for (;;) { for (let i = 0, x = 0; i < 1e6; i += 1) x += i; const { user, system } = process.cpuUsage(); if (user + system > 400_000) break }',
  )
  const during = subject.cpuMs() - own()
  expect(during - before).toBeGreaterThan(250)
  await end(child)
  const after = subject.cpuMs() - own()
  // A tick is ten milliseconds.
  expect(after).toBeGreaterThanOrEqual(during - 15)
})

test('memory of children counts', async () => {
  const subject = footprint()
  const before = subject.memoryBytes() - process.memoryUsage.rss()
  await start('globalThis.kept = Buffer.alloc(100 << 20, 1)')
  const during = subject.memoryBytes() - process.memoryUsage.rss()
  expect(during - before).toBeGreaterThan(100 << 20)
  expect(during - before).toBeLessThan(250 << 20)
})
