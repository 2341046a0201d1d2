import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { KeptProcFile } from './kept-proc-file.ts'
import { parsePressure } from './pressure.ts'
import { parseProcessUsage, type ProcessUsage } from './process-usage.ts'

const nothing = (): ProcessUsage => ({
  cpuTicks: 0,
  threads: 0,
  startTicks: 0,
  residentPages: 0,
  kernelThread: false,
})

test('fields are counted from the last parenthesis of the name', () => {
  const usage = nothing()
  const text =
    '4711 (a) 1 (b) S 1 2 3 4 5 2129984 6 7 8 9 1200 34 1 2 20 0 17 0 987654 1000000 2048 18446744073709551615 0\n'
  expect(parseProcessUsage(Buffer.from(text), usage)).toBe(true)
  expect(usage).toEqual({
    cpuTicks: 1234,
    threads: 17,
    startTicks: 987_654,
    residentPages: 2048,
    kernelThread: true,
  })
})

test('what is not of that form is refused', () => {
  expect(parseProcessUsage(Buffer.from(''), nothing())).toBe(false)
  expect(parseProcessUsage(Buffer.from('1 (x) S 1 2 3'), nothing())).toBe(false)
})

test('a kept file tells of now, and of the same process only', () => {
  using own = KeptProcFile.open('/proc/self/stat')
  const before = nothing()
  expect(parseProcessUsage(own?.read() as Buffer, before)).toBe(true)
  const end = process.cpuUsage().user + 50_000
  while (process.cpuUsage().user < end);
  const after = nothing()
  parseProcessUsage(own?.read() as Buffer, after)
  expect(after.cpuTicks).toBeGreaterThan(before.cpuTicks)
  expect(after.startTicks).toBe(before.startTicks)
  expect(after.residentPages).toBeGreaterThan(1000)
  expect(KeptProcFile.open('/proc/0/stat')).toBeUndefined()
})

test('a kept file of a process that ended gives nothing', async () => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  using kept = KeptProcFile.open(`/proc/${child.pid}/stat`)
  expect(kept?.read()).toBeDefined()
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(kept?.read()).toBeUndefined()
})

test('pressure is the share of ten seconds', () => {
  expect(
    parsePressure(Buffer.from('some avg10=12.34 avg60=1.00 avg300=0.00 total=5\nfull avg10=0.00 avg60=0\n')),
  ).toBe(12.34)
  expect(parsePressure(Buffer.from('nothing'))).toBeUndefined()
})
