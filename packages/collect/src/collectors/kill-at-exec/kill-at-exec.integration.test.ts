import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import type { SystemRecord } from '@vedette/model'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { act } from '../ebpf/actor.ts'
import { killAtExec } from './index.ts'

needsRoot()

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-kill-'))
  copyFileSync('/usr/bin/touch', at('throwaway'))
  copyFileSync('/usr/bin/touch', at('other'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (name: string) => join(folder, name)

/** Runs a program that makes a file; gives the signal that ended it. */
const run = (program: string, file: string) => spawnSync(program, [at(file)]).signal

async function open(config: Readonly<Record<string, unknown>>) {
  const parsed = killAtExec.schema.parse({ off_file: at('off'), ...config })
  const collector = await killAtExec.open(parsed, { log: silentLogger, clock: systemClock })
  const told: SystemRecord[] = []
  const stop = new AbortController()
  const reading = (async () => {
    for await (const batch of collector.records(stop.signal)) told.push(...(batch as SystemRecord[]))
  })()
  return {
    collector,
    told,
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

test('is off unless it is asked for', () => {
  expect(killAtExec.isWanted?.(killAtExec.schema.parse({}))).toBe(false)
  expect(killAtExec.isWanted?.(killAtExec.schema.parse({ mode: 'observe' }))).toBe(true)
  expect(killAtExec.schema.safeParse({ mode: 'enforce', program: ['/x'] }).success).toBe(false)
})

test('200 of 200 are killed before their first instruction, others run, each is told', async () => {
  await using guard = await open({ mode: 'enforce', programs: [at('throwaway')] })
  const script = `i=0; while [ $i -lt 200 ]; do "$0/throwaway" "$0/made-$i"; echo $?; "$0/other" "$0/other-$i"; i=$((i+1)); done`
  const { stdout, pid } = spawnSync('/bin/sh', ['-c', script, folder], { encoding: 'utf8' })
  expect(stdout.trim().split('\n')).toEqual(Array.from({ length: 200 }, () => String(128 + 9)))
  const made = readdirSync(folder)
  expect(made.filter((name) => name.startsWith('made-'))).toEqual([])
  expect(made.filter((name) => name.startsWith('other-'))).toHaveLength(200)
  await guard.until(() => guard.told.length >= 200)
  expect(new Set(guard.told.map(({ process }) => process.pid)).size).toBe(200)
  expect(guard.told.every(({ process }) => process.pid !== pid)).toBe(true)
  expect(new Set(guard.told.map(({ path }) => path))).toEqual(new Set([at('throwaway')]))
  expect(guard.told[0]).toMatchObject({
    type: 'system',
    source: 'ebpf',
    activity: 'prevent_exec',
    arguments: { verdict: 'killed', by: 'kill-at-exec', reason: 'program' },
  })
  expect(Math.abs((guard.told[0]?.timeMs ?? 0) - Date.now())).toBeLessThan(60_000)
  expect(guard.collector.counters()).toEqual({ emitted: 200, delivered: 200, lost: 0 })
  expect(guard.collector.blindSpots()).toMatchObject([{ code: 'prevention-enforce' }])
})

test('only tells what it would kill where it observes', async () => {
  await using guard = await open({ mode: 'observe', programs: [at('throwaway')] })
  expect(run(at('throwaway'), 'made')).toBeNull()
  expect(existsSync(at('made'))).toBe(true)
  await guard.until(() => guard.told.length > 0)
  expect(guard.told).toMatchObject([{ arguments: { verdict: 'would_kill' } }])
  expect(guard.collector.blindSpots()).toMatchObject([{ code: 'prevention-observe' }])
})

test('knows a program by its file, not by its name', async () => {
  await using guard = await open({ mode: 'enforce', programs: [at('throwaway')] })
  linkSync(at('throwaway'), at('hard-link'))
  symlinkSync(at('throwaway'), at('link'))
  expect(run(at('hard-link'), 'made')).toBe('SIGKILL')
  expect(run(at('link'), 'made')).toBe('SIGKILL')
  renameSync(at('throwaway'), at('renamed'))
  // A new one in its place is meant too, and the first stays what it was after the next look.
  copyFileSync('/usr/bin/touch', at('throwaway'))
  while (run(at('throwaway'), 'seen') === null) await delay(20)
  expect(run(at('renamed'), 'made')).toBe('SIGKILL')
  expect(existsSync(at('made'))).toBe(false)
  await guard.until(() => guard.told.length === 4)
})

test('a program that comes to be later is stopped as well', async () => {
  await using guard = await open({ mode: 'observe', programs: [at('late')] })
  copyFileSync('/usr/bin/touch', at('late'))
  while (guard.told.length === 0) {
    run(at('late'), 'made')
    await delay(20)
  }
  expect(guard.told[0]).toMatchObject({ path: at('late') })
})

test('what is never to be stopped is not, whatever else is said', async () => {
  await using guard = await open({
    mode: 'enforce',
    programs: [at('throwaway'), at('other')],
    never: [at('throwaway')],
  })
  expect(run(at('throwaway'), 'made')).toBeNull()
  expect(run(at('other'), 'made-too')).toBe('SIGKILL')
  await guard.until(() => guard.told.length > 0)
  expect(guard.told.map(({ path }) => path)).toEqual([at('other')])
})

test('Vedette itself is never stopped', async () => {
  // Were it stopped, it would be told.
  await using guard = await open({ mode: 'observe', programs: [process.execPath, at('other')] })
  expect(spawnSync(process.execPath, ['-e', '']).status).toBe(0)
  run(at('other'), 'made')
  await guard.until(() => guard.told.length > 0)
  expect(guard.told.map(({ path }) => path)).toEqual([at('other')])
})

test('programs of memory, and such as were deleted, are stopped where that is asked for', async () => {
  // By the descriptor: the path is one of /proc, the file has none. Others on this machine may do that too: it only observes.
  const script = `
    const { writeSync, unlinkSync } = await import('node:fs')
    const fd = call('memfd_create', 'hidden', 0)
    writeSync(fd, readFileSync(${JSON.stringify(at('other'))}))
    const run = (fd) => spawnSync('/proc/self/fd/3', ['/dev/null'], { stdio: ['ignore', 'ignore', 'ignore', fd] }).pid
    const memory = run(fd)
    const deleted = openSync(${JSON.stringify(at('throwaway'))}, 'r')
    unlinkSync(${JSON.stringify(at('throwaway'))})
    const pids = [memory, run(deleted)]
    spawnSync(${JSON.stringify(at('end'))}, ['/dev/null'])
    say(pids)`
  copyFileSync('/usr/bin/touch', at('end'))
  const both = async (config: object) => {
    copyFileSync('/usr/bin/touch', at('throwaway'))
    await using guard = await open({ mode: 'observe', programs: [at('end')], ...config })
    const { said: pids } = act<number[]>(script)
    await guard.until(() => guard.told.some(({ path }) => path === at('end')))
    return guard.told
      .filter(({ process }) => pids.includes(process.pid))
      .map(({ path, arguments: of }) => [path, of?.['reason'], of?.['verdict']])
  }
  expect(await both({})).toEqual([])
  expect(await both({ nameless: true })).toEqual([
    ['memfd:hidden', 'memory', 'would_kill'],
    ['throwaway', 'deleted', 'would_kill'],
  ])
  expect(await both({ nameless: true, trusted_starters: [process.execPath] })).toEqual([])
})

test('a file switches it off and on while it runs, and that is told', async () => {
  await using guard = await open({ mode: 'enforce', programs: [at('throwaway')] })
  const verdicts = () => guard.told.map(({ arguments: of }) => of?.['verdict'])
  writeFileSync(at('off'), '')
  await guard.until(() => verdicts().includes('switched_off'))
  expect(run(at('throwaway'), 'made')).toBeNull()
  await guard.until(() => guard.collector.blindSpots().some(({ code }) => code === 'prevention-off'))
  rmSync(at('off'))
  await guard.until(() => verdicts().includes('switched_on'))
  expect(run(at('throwaway'), 'again')).toBe('SIGKILL')
  await guard.until(() => verdicts().length === 3)
  expect(verdicts()).toEqual(['switched_off', 'switched_on', 'killed'])
})

test('nothing is stopped any more once it has ended', async () => {
  {
    await using guard = await open({ mode: 'enforce', programs: [at('throwaway')] })
    expect(run(at('throwaway'), 'made')).toBe('SIGKILL')
    await guard.until(() => guard.told.length === 1)
  }
  expect(run(at('throwaway'), 'made')).toBeNull()
})
