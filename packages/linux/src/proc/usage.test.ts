import { existsSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { expect, test } from 'vitest'
import { parsePressureLines } from './pressure.ts'
import { cpuTicks, diskTraffic, readUsage } from './usage.ts'

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

test('diskTraffic() counts what went to and came from disks, in bytes', () => {
  expect(diskTraffic('pgpgin 3\npgpgout 7\npgpgoutrun 9\n')).toEqual({
    diskReadBytes: 3072,
    diskWrittenBytes: 7168,
  })
})

test('parsePressureLines() gives the three averages of both lines, and nothing of other text', () => {
  const some = 'some avg10=1.50 avg60=0.25 avg300=0.00 total=12\n'
  const full = 'full avg10=0.50 avg60=0.00 avg300=12.01 total=3\n'
  expect(parsePressureLines(some + full)).toEqual({
    some: { avg10: 1.5, avg60: 0.25, avg300: 0 },
    full: { avg10: 0.5, avg60: 0, avg300: 12.01 },
  })
  expect(parsePressureLines(some)).not.toHaveProperty('full')
  expect(parsePressureLines('no such thing')).toBeUndefined()
})

test('readUsage() tells of open files and of pressure, where the kernel accounts for it', () => {
  const { openFiles, openFilesLimit, pressure } = readUsage('/')
  expect(openFiles).toBeGreaterThan(0)
  expect(openFilesLimit).toBeGreaterThan(openFiles)
  for (const resource of ['cpu', 'memory', 'io'] as const) {
    if (existsSync(`/proc/pressure/${resource}`))
      expect(pressure[resource]?.some.avg300).toBeGreaterThanOrEqual(0)
  }
})
