import { expect, test } from 'vitest'
import { Governor } from './governor.ts'

/** Runs batches that each take so much processor time, for so long, and gives the share that was used. */
function shareOf(cpuPercent: number, batchMs: number, forMs: number) {
  let nowMs = 1000
  let cpuMs = 300
  const clock = { now: () => nowMs, monotonic: () => nowMs }
  const governor = new Governor({ clock, cpuPercent, cpuMs: () => cpuMs })
  let waitedMs = 0
  while (nowMs < 1000 + forMs) {
    nowMs += batchMs
    cpuMs += batchMs
    const pauseMs = governor.pauseMs()
    waitedMs += pauseMs
    nowMs += pauseMs
  }
  expect(governor.pausedMs).toBe(waitedMs)
  return {
    share: (100 * (cpuMs - 300)) / (nowMs - 1000),
    isLasting: governor.isLasting,
  }
}

test('who would take all of a processor gets the share of the budget', () => {
  const { share, isLasting } = shareOf(20, 10, 60_000)
  expect(share).toBeGreaterThan(15)
  expect(share).toBeLessThan(23)
  expect(isLasting).toBe(true)
  // A start that takes a processor for a while is nothing to tell anybody.
  expect(shareOf(20, 10, 20_000)).toMatchObject({ isLasting: false })
})

test('batches that are long are followed by pauses until the share is right', () => {
  expect(shareOf(50, 200, 60_000).share).toBeLessThan(60)
})

test('who stays within it is not held back', () => {
  expect(shareOf(100, 10, 20_000)).toEqual({ share: 100, isLasting: false })
})
