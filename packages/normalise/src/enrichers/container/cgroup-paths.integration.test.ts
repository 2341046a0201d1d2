import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CgroupPaths } from './cgroup-paths.ts'

needsRoot()

/** These make a control group of their own in the unified hierarchy, for which they must be root. */
const mount = /^(?:\S+ ){4}(\S+) .* - cgroup2 /m.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1]
const outer = `/vedette-test-${process.pid}`
const inner = `${outer}/docker-${'a'.repeat(64)}.scope`
let child: ChildProcess | undefined

beforeEach(() => {
  if (mount === undefined) throw new Error('No unified control group hierarchy is mounted')
  mkdirSync(`${mount}${inner}`, { recursive: true })
})
afterEach(async () => {
  if (child?.kill('SIGKILL')) await once(child, 'exit')
  child = undefined
  rmdirSync(`${mount}${inner}`)
  rmdirSync(`${mount}${outer}`)
})

test('the number of a group leads to its path, through the process or without it', async () => {
  const id = statSync(`${mount}${inner}`).ino
  child = spawn('/usr/bin/sleep', ['60'])
  await once(child, 'spawn')
  writeFileSync(`${mount}${inner}/cgroup.procs`, String(child.pid))

  expect(new CgroupPaths(systemClock, true).pathOf(id, child.pid ?? 0)).toBe(inner)
  // A process that is gone, or is elsewhere by now, does not mislead.
  expect(new CgroupPaths(systemClock, true).pathOf(id, 4_194_305)).toBe(inner)
  expect(new CgroupPaths(systemClock, true).pathOf(id, process.pid)).toBe(inner)
  expect(new CgroupPaths(systemClock, true).pathOf(1, 4_194_305)).toBe('/')
})

test('an unknown number costs one walk a second', () => {
  let now = 0
  const paths = new CgroupPaths({ now: () => 0, monotonic: () => now }, true)
  expect(paths.pathOf(2 ** 40, 4_194_305)).toBeUndefined()
  const later = `${inner}/later`
  mkdirSync(`${mount}${later}`)
  const id = statSync(`${mount}${later}`).ino
  try {
    expect(paths.pathOf(id, 4_194_305)).toBeUndefined()
    now = 1000
    expect(paths.pathOf(id, 4_194_305)).toBe(later)
  } finally {
    rmdirSync(`${mount}${later}`)
  }
})
