import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock } from '@vedette/base'
import { readUsage, type Usage } from '@vedette/linux'
import type { HostUsage } from '@vedette/model'
import { expect, test } from 'vitest'
import { UsageSampler } from './usage-sampler.ts'

const usage: Usage = {
  cpuTicks: { busy: 100, total: 1000 },
  load1m: 0.5,
  memoryTotalBytes: 8,
  memoryAvailableBytes: 4,
  diskTotalBytes: 16,
  diskFreeBytes: 12,
  diskReadBytes: 1000,
  diskWrittenBytes: 2000,
  openFiles: 30,
  openFilesLimit: 900,
  pressure: {},
}

/** The samples that came of these reads; the last one is repeated. */
async function samplesOf(reads: readonly (Usage | Error)[], count: number): Promise<readonly HostUsage[]> {
  const samples: HostUsage[] = []
  let at = 0
  using sampler = new UsageSampler({
    intervalMs: 5,
    clock: systemClock,
    log: silentLogger,
    read: () => {
      const next = reads[Math.min(at, reads.length - 1)] ?? usage
      at += 1
      if (next instanceof Error) throw next
      return next
    },
    onSample: (sample) => samples.push(sample),
  })
  expect(sampler.latest).toBeUndefined()
  while (samples.length < count) await delay(1)
  expect(sampler.latest).toBe(samples.at(-1))
  return samples
}

test('tells the processors’ work since the look before, and the rest as it is', async () => {
  const reads = [usage, { ...usage, cpuTicks: { busy: 150, total: 1200 }, diskReadBytes: 1_001_000 }]
  const [first, second] = await samplesOf(reads, 2)
  const { cpuTicks: _, diskReadBytes: __, diskWrittenBytes: ___, ...figures } = usage
  const rates = { diskReadBytesPerS: expect.any(Number), diskWriteBytesPerS: 0 }
  expect(first).toEqual({ time: expect.any(Number), cpuPercent: 25, ...figures, ...rates })
  expect(first?.diskReadBytesPerS).toBeGreaterThan(0)
  expect(second?.diskReadBytesPerS).toBe(0)
  // Nothing went on since.
  expect(second?.cpuPercent).toBe(0)
})

test('stays within 0 and 100, and survives a look that fails', async () => {
  const reads = [
    usage,
    { ...usage, cpuTicks: { busy: 90, total: 1100 } },
    new Error('EIO'),
    usage,
    { ...usage, cpuTicks: { busy: 400, total: 1100 } },
  ]
  expect((await samplesOf(reads, 2)).map(({ cpuPercent }) => cpuPercent)).toEqual([0, 100])
})

test('reads this machine', async () => {
  const [sample] = await samplesOf([readUsage('/')], 1)
  expect(sample?.memoryTotalBytes).toBeGreaterThan(1 << 20)
})

test('stops when it is disposed of', async () => {
  let samples = 0
  const options = { intervalMs: 1, clock: systemClock, log: silentLogger, read: () => usage }
  new UsageSampler({ ...options, onSample: () => (samples += 1) })[Symbol.dispose]()
  await delay(20)
  expect(samples).toBe(0)
})
