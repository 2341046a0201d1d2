import type { CgroupUse } from '@vedette/linux'
import { expect, test } from 'vitest'
import { OwnUse } from './own-use.ts'

/** A clock and a group that the test moves. */
function world() {
  const now = { ms: 5000, paused: 0 }
  const group = { memoryBytes: 10, throttledMs: 100, reclaims: 3 }
  const options = {
    clock: { now: () => now.ms, monotonic: () => now.ms },
    cpuLimitPercent: 50,
    memoryLimitBytes: 1000,
    pausedMs: () => now.paused,
  }
  return { now, group, options, readGroup: (): CgroupUse => ({ ...group }) }
}

test('how much of the time the group held it back, and how often its memory stood at the limit', () => {
  const { now, group, options, readGroup } = world()
  const use = new OwnUse({ ...options, readGroup })
  expect(use.latest).toBeUndefined()
  now.ms += 10_000
  group.throttledMs += 2500
  group.reclaims += 4
  group.memoryBytes = 900
  expect(use.look()).toMatchObject({
    keptBy: 'kernel',
    cpuLimitPercent: 50,
    memoryBytes: 900,
    memoryLimitBytes: 1000,
    heldBackPercent: 25,
    memoryReclaims: 4,
  })
  now.ms += 10_000
  expect(use.look()).toMatchObject({ heldBackPercent: 0, memoryReclaims: 0 })
  // Too soon to say anything new.
  now.ms += 10
  group.throttledMs += 10
  expect(use.look()).toBe(use.latest)
  expect(use.latest?.heldBackPercent).toBe(0)
})

test('without a group its own pauses are told, and what is resident', () => {
  const { now, options } = world()
  const use = new OwnUse(options)
  now.ms += 4000
  now.paused += 1000
  const look = use.look()
  expect(look).toMatchObject({ keptBy: 'agent', heldBackPercent: 25, memoryReclaims: 0 })
  expect(look?.memoryBytes).toBeGreaterThan(1 << 20)
  expect(look?.openFiles).toBeGreaterThan(2)
})

test('work of this process is in it', () => {
  const { now, options } = world()
  const use = new OwnUse(options)
  const workedUs = () => process.cpuUsage().user + process.cpuUsage().system
  for (const start = workedUs(); workedUs() - start < 50_000;);
  now.ms += 1000
  expect(use.look()?.cpuPercent).toBeGreaterThanOrEqual(5)
})
