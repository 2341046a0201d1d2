import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, linkSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { openProcess, readProcessStat } from '@vedette/linux'
import type { ProcessTarget } from '@vedette/model'
import { describe, expect, test } from 'vitest'
import { Fixture, stateOf, targetOf } from './testing/fixture.ts'

/** Everything that can be asked, with everything allowed that can be. */
const everything = { enable_kill: true, mode: { freeze: 'automatic', kill: 'automatic' }, kill_grace_ms: 0 }

/** Asks for every action on a target and gives the sentences; none may have been done. */
async function ask(
  fixture: Fixture,
  target: Partial<ProcessTarget> & { pid: number },
  options: Parameters<Fixture['open']>[1] = {},
  config: object = {},
) {
  await using responder = await fixture.open({ ...everything, ...config }, options)
  const summaries: string[] = []
  for (const action of ['freeze', 'kill'] as const) {
    for (const tree of [false, true]) {
      const result = await responder.handle(fixture.request(action, target, { tree }))
      expect(['refused', 'failed']).toContain(result.outcome)
      summaries.push(result.summary)
    }
  }
  expect(responder.leases()).toEqual([])
  return summaries
}

describe('nothing touches', () => {
  test.each([0, -1, -process.pid, 1.5, Number.NaN, 2 ** 40])('pid %d', async (pid) => {
    await using fixture = new Fixture()
    const summaries = await ask(fixture, { pid })
    expect(new Set(summaries)).toEqual(
      new Set([`There is no process ${pid}, or not any more; nothing was done`]),
    )
  })

  test('the first process of the system', async () => {
    await using fixture = new Fixture()
    const [summary] = await ask(fixture, targetOf(1))
    expect(summary).toMatch(/^Refused to freeze .* \(1\): it is the first process of the system$/)
  })

  test('itself, and whoever started it', async () => {
    await using fixture = new Fixture()
    expect((await ask(fixture, targetOf(process.pid)))[0]).toContain('it is Vedette itself')
    let pid = process.ppid
    for (; pid > 1; pid = readProcessStat(pid)?.ppid ?? 0) {
      expect((await ask(fixture, targetOf(pid)))[0]).toContain('Vedette was started from it')
    }
  })

  test('the kernel', async () => {
    await using fixture = new Fixture()
    expect((await ask(fixture, targetOf(2)))[0]).toContain('it is a thread of the kernel')
  })

  test('the parts of Vedette, and what they started', async () => {
    await using fixture = new Fixture()
    const script =
      "const c = require('node:child_process').spawn('/bin/sleep', ['60']); console.log(c.pid); setInterval(() => {}, 1000)"
    const part = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [chunk] = (await once(part.stdout, 'data')) as [Buffer]
    const [root, child] = [targetOf(part.pid ?? 0), targetOf(Number(chunk.toString()))]
    const options = { protectedRoots: [root] }
    expect((await ask(fixture, root, options))[0]).toContain('it is a part of Vedette')
    expect((await ask(fixture, child, options))[0]).toContain('it is a part of Vedette')
    // Another process that has the pid of a part that is gone is no part.
    await using responder = await fixture.open(
      {},
      { protectedRoots: [{ ...root, startTicks: root.startTicks - 1 }] },
    )
    const free = await responder.handle(fixture.request('freeze', child, { execute: false }))
    expect(free.affected[0]?.protectedBecause).toBeUndefined()
    using held = openProcess(child.pid, child.startTicks)
    held?.signal('SIGKILL')
    part.kill('SIGKILL')
    await once(part, 'exit')
  })

  test('what runs a file of the list: under any name, through any link, after its update', async () => {
    await using fixture = new Fixture()
    const daemon = join(fixture.folder, 'sshd')
    copyFileSync('/bin/sleep', daemon)
    linkSync(daemon, join(fixture.folder, 'harmless'))
    const never = { never_touch: [daemon] }
    const because = `its program ${daemon} is on the never-touch list`
    const direct = fixture.start(daemon, '60')
    expect((await ask(fixture, direct, {}, never))[0]).toContain(because)
    const linked = fixture.start(join(fixture.folder, 'harmless'), '60')
    expect((await ask(fixture, linked, {}, never))[0]).toContain(because)
    rmSync(daemon)
    copyFileSync('/bin/sleep', daemon)
    expect((await ask(fixture, direct, {}, never))[0]).toContain(because)
    expect([direct.pid, linked.pid].map(stateOf)).toEqual(['S', 'S'])
  })

  test('a name alone protects nobody', async () => {
    await using fixture = new Fixture()
    const daemon = join(fixture.folder, 'sshd')
    const fake = join(fixture.folder, 'fake', 'sshd')
    copyFileSync('/bin/sleep', daemon)
    mkdirSync(join(fixture.folder, 'fake'))
    copyFileSync('/bin/sleep', fake)
    await using responder = await fixture.open({ never_touch: [daemon] })
    const target = fixture.start(fake, '60')
    const result = await responder.handle(fixture.request('freeze', target, { execute: false }))
    expect(result.affected[0]?.name).toBe('sshd')
    expect(result.affected[0]?.protectedBecause).toBeUndefined()
  })

  test('a process with another start time, or one that has ended', async () => {
    await using fixture = new Fixture()
    const target = fixture.start('/bin/sleep', '60')
    for (const startTicks of [target.startTicks - 1, target.startTicks + 1, 0]) {
      const [summary] = await ask(fixture, { pid: target.pid, startTicks })
      expect(summary).toBe(
        `There is no process ${target.pid} that started at tick ${startTicks}, or not any more; nothing was done`,
      )
    }
    expect(stateOf(target.pid)).toBe('S')
  })
})

describe('a pid that is used again', () => {
  test('100 times: the innocent never feels it', { timeout: 120_000 }, () => {
    needsRoot()
    // In a pid namespace of its own the next pid can be chosen.
    const script = join(import.meta.dirname, 'testing/pid-reuse.ts')
    const run = spawnSync('/usr/bin/unshare', [
      '--pid',
      '--fork',
      '--mount-proc',
      process.execPath,
      script,
      '100',
    ])
    expect(run.stderr.toString()).toBe('')
    expect(JSON.parse(run.stdout.toString())).toEqual({ reused: 100, outcomes: ['failed'], hurt: 0 })
  })
})
