import { cpus, totalmem } from 'node:os'
import { expect, test } from 'vitest'
import { cpuTicks, readUsage } from './usage.ts'

test('cpuTicks() counts neither waiting nor the time of guests twice', () => {
  expect(cpuTicks('cpu  100 20 30 1000 50 1 2 3 40 5\ncpu0 1 1 1 1 1 1 1 1 1 1\n')).toEqual({
    busy: 156,
    total: 1206,
  })
})

test('readUsage() tells what the system tells elsewhere', () => {
  const usage = readUsage('/')
  expect(usage.memoryTotalBytes).toBe(totalmem())
  expect(usage.memoryAvailableBytes).toBeGreaterThan(0)
  expect(usage.memoryAvailableBytes).toBeLessThan(usage.memoryTotalBytes)
  expect(usage.diskFreeBytes).toBeLessThanOrEqual(usage.diskTotalBytes)
  // In milliseconds, while clock ticks are of ten.
  const busyMs = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0)
  expect(usage.cpuTicks.busy / (busyMs / 10)).toBeCloseTo(1, 1)
  expect(usage.load1m).toBeGreaterThanOrEqual(0)
})

test('a busy processor is seen', () => {
  const before = readUsage('/').cpuTicks
  for (let after = before; after.busy - before.busy < 3; after = readUsage('/').cpuTicks) {
    expect(after.total).toBeGreaterThanOrEqual(before.total)
  }
})

test('a folder that is not there is said', () => {
  expect(() => readUsage('/no/such/folder')).toThrow('ENOENT')
})
