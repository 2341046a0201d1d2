import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { listPids, openPidfd, readArguments, readProcessStat } from '@vedette/linux'
import type { SystemRecord } from '@vedette/model'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { execPermission } from './index.ts'

needsRoot()

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-permission-'))
  copyFileSync('/usr/bin/touch', at('throwaway'))
  copyFileSync('/usr/bin/touch', at('other'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (name: string) => join(folder, name)

/** Runs a program that makes a file; gives why it could not start. */
function run(program: string, file: string): string | undefined {
  const { error } = spawnSync(program, [at(file)])
  return error === undefined ? undefined : (error as NodeJS.ErrnoException).code
}

async function open(config: Readonly<Record<string, unknown>>) {
  const parsed = execPermission.schema.parse({ off_file: at('off'), time_limit_ms: 10_000, ...config })
  const collector = await execPermission.open(parsed, { log: silentLogger, clock: systemClock })
  const told: SystemRecord[] = []
  const stop = new AbortController()
  const reading = (async () => {
    for await (const batch of collector.records(stop.signal)) told.push(...(batch as SystemRecord[]))
  })()
  return {
    collector,
    told,
    verdicts: () => told.map(({ arguments: of }) => of?.['verdict']),
    until: async (holds: () => boolean) => {
      while (!holds()) await delay(10)
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await reading
      await collector[Symbol.asyncDispose]()
    },
  }
}

/** Waits until the gate decides: its program asks for it. */
async function decides(program: string): Promise<void> {
  while (spawnSync(program, ['--version']).error === undefined) await delay(20)
}

/** The process of the gate of this test. */
function gatePid(): number {
  const pid = listPids().find(
    (pid) =>
      readProcessStat(pid)?.ppid === process.pid &&
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('gate.worker'),
  )
  if (pid === undefined) throw new TypeError('There is no gate')
  return pid
}

test('is off unless it is asked for, and never guards everything', () => {
  expect(execPermission.isWanted?.(execPermission.schema.parse({}))).toBe(false)
  expect(execPermission.schema.safeParse({ mode: 'deny' }).success).toBe(false)
  expect(execPermission.schema.safeParse({ mode: 'enforce', path: '/' }).success).toBe(false)
})

test('200 of 200 are refused, others run, each is told', async () => {
  await using gate = await open({ mode: 'enforce', programs: [at('throwaway')] })
  await decides(at('throwaway'))
  const before = gate.told.length
  const script = `i=0; while [ $i -lt 200 ]; do "$0/throwaway" "$0/made-$i"; echo $?; "$0/other" "$0/other-$i"; i=$((i+1)); done`
  const shell = spawn('/bin/sh', ['-c', script, folder], { stdio: ['ignore', 'pipe', 'ignore'] })
  let out = ''
  shell.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  await once(shell, 'close')
  // The shell's word for what may not be run.
  expect(out.trim().split('\n')).toEqual(Array.from({ length: 200 }, () => '126'))
  const made = readdirSync(folder)
  expect(made.filter((name) => name.startsWith('made-'))).toEqual([])
  expect(made.filter((name) => name.startsWith('other-'))).toHaveLength(200)
  await gate.until(() => gate.told.length >= before + 201)
  const pids = new Set(gate.told.slice(-200).map(({ process }) => process.pid))
  expect(pids.size).toBe(200)
  expect(pids.has(process.pid)).toBe(false)
  expect(gate.told.at(-1)).toMatchObject({
    source: 'fanotify',
    activity: 'prevent_exec',
    path: at('throwaway'),
    arguments: { verdict: 'denied', by: 'exec-permission', reason: 'program' },
  })
  expect(gate.told.every(({ process: { startTicks } }) => startTicks > 0)).toBe(true)
  expect(gate.collector.blindSpots()).toMatchObject([{ code: 'prevention-enforce' }])
  const { emitted, delivered, lost } = gate.collector.counters()
  expect({ emitted, delivered, lost }).toEqual({
    emitted: gate.told.length,
    delivered: gate.told.length,
    lost: 0,
  })
})

test('once its process is killed all is let through, also what waits; that is told', async () => {
  await using gate = await open({ mode: 'enforce', programs: [at('throwaway')] })
  await decides(at('throwaway'))
  const pid = gatePid()
  using held = openPidfd(pid)
  held?.signal('SIGSTOP')
  // Nobody answers: it waits.
  const waiting = spawn('/bin/sh', ['-c', '"$0/throwaway" "$0/made"', folder], { stdio: 'ignore' })
  const exit = once(waiting, 'exit')
  await Promise.race([exit, delay(300)])
  expect(waiting.exitCode).toBeNull()
  held?.signal('SIGKILL')
  expect(await exit).toEqual([0, null])
  expect(existsSync(at('made'))).toBe(true)
  await gate.until(() => gate.verdicts().includes('let_through'))
  expect(run(at('throwaway'), 'again')).toBeUndefined()
  expect(gate.told.find(({ arguments: of }) => of?.['verdict'] === 'let_through')?.arguments).toMatchObject({
    reason: 'ended',
  })
  // It comes back by itself.
  await decides(at('throwaway'))
  expect(gatePid()).not.toBe(pid)
})

test('a start that is not decided in time is let through; that is told', async () => {
  await using gate = await open({ mode: 'enforce', programs: [at('throwaway')], time_limit_ms: 1500 })
  await decides(at('throwaway'))
  using held = openPidfd(gatePid())
  held?.signal('SIGSTOP')
  // In a process of its own, since this thread is to see to it.
  const waiting = spawn('/bin/sh', ['-c', '"$0/throwaway" "$0/made"', folder], { stdio: 'ignore' })
  expect(await once(waiting, 'exit')).toEqual([0, null])
  expect(existsSync(at('made'))).toBe(true)
  await gate.until(() => gate.verdicts().includes('let_through'))
  expect(gate.told.find(({ arguments: of }) => of?.['verdict'] === 'let_through')?.arguments).toMatchObject({
    reason: 'time_limit',
  })
})

test('the thread that waits for its own program does not hold up the gate', async () => {
  await using gate = await open({ mode: 'enforce', programs: [at('throwaway')] })
  await decides(at('throwaway'))
  for (let i = 0; i < 20; i += 1) expect(run(at('throwaway'), 'made')).toBe('EPERM')
  await gate.until(() => gate.told.length > 20)
})

test('only tells what it would refuse where it observes', async () => {
  await using gate = await open({ mode: 'observe', programs: [at('throwaway')] })
  while (gate.told.length === 0) {
    expect(run(at('throwaway'), 'made')).toBeUndefined()
    await delay(20)
  }
  expect(existsSync(at('made'))).toBe(true)
  expect(gate.verdicts()[0]).toBe('would_deny')
})

test('knows a script and a program by their files, and what is never to be stopped', async () => {
  writeFileSync(at('script'), '#!/bin/sh\ntouch "$1"\n', { mode: 0o700 })
  await using gate = await open({
    mode: 'enforce',
    programs: [at('throwaway'), at('script'), at('other')],
    never: [at('other')],
  })
  await decides(at('throwaway'))
  expect(run(at('script'), 'made')).toBe('EPERM')
  expect(run(at('other'), 'made-too')).toBeUndefined()
  renameSync(at('throwaway'), at('renamed'))
  expect(run(at('renamed'), 'made')).toBe('EPERM')
  await gate.until(() => gate.told.some(({ path }) => path === at('renamed')))
  expect(existsSync(at('made'))).toBe(false)
})

test('guards a mount of its own, and no other', async () => {
  mkdirSync(at('memory'))
  expect(spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', at('memory')]).status).toBe(0)
  try {
    copyFileSync('/usr/bin/touch', at('memory/program'))
    await using gate = await open({ mode: 'enforce', mounts: [at('memory'), folder, '/'] })
    await decides(at('memory/program'))
    expect(run(at('memory/program'), 'made')).toBe('EPERM')
    expect(run(at('other'), 'made')).toBeUndefined()
    await gate.until(() => gate.told.length > 0)
    expect(gate.told[0]).toMatchObject({ path: at('memory/program'), arguments: { reason: 'mount' } })
    await gate.until(() => gate.collector.blindSpots().some(({ code }) => code === 'prevention-mount'))
    const refused = gate.collector.blindSpots().find(({ code }) => code === 'prevention-mount')
    expect(refused?.message).toContain(`: ${folder}, /`)
  } finally {
    spawnSync('umount', ['-l', at('memory')])
  }
})

test('a file switches it off and on while it runs, and that is told', async () => {
  await using gate = await open({ mode: 'enforce', programs: [at('throwaway')] })
  await decides(at('throwaway'))
  writeFileSync(at('off'), '')
  await gate.until(() => gate.verdicts().includes('switched_off'))
  expect(run(at('throwaway'), 'made')).toBeUndefined()
  await gate.until(() => gate.collector.blindSpots().some(({ code }) => code === 'prevention-off'))
  rmSync(at('off'))
  await decides(at('throwaway'))
  await gate.until(() => gate.verdicts().includes('switched_on'))
})

test('nothing is refused any more once it has ended, and its process is gone', async () => {
  {
    await using gate = await open({ mode: 'enforce', programs: [at('throwaway')] })
    await decides(at('throwaway'))
    expect(readArguments(gatePid())?.argv.at(-1)).toContain('gate.worker')
    await gate.until(() => gate.told.length > 0)
  }
  expect(run(at('throwaway'), 'made')).toBeUndefined()
  expect(gatePid).toThrow('There is no gate')
})

test('it ends with the process that it decides for, also where that is killed', async () => {
  const script = `
    import { silentLogger, systemClock } from '@vedette/base'
    import { execPermission } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
    const config = execPermission.schema.parse(${JSON.stringify({ mode: 'enforce', programs: [at('throwaway')] })})
    const collector = await execPermission.open(config, { log: silentLogger, clock: systemClock })
    for await (const batch of collector.records(new AbortController().signal)) batch.length`
  const agent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exit = once(agent, 'exit')
  await decides(at('throwaway'))
  agent.kill('SIGKILL')
  await exit
  while (run(at('throwaway'), 'made') !== undefined) await delay(10)
  expect(existsSync(at('made'))).toBe(true)
})
