import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { cgroupHierarchies, type CgroupSample, Cgroups } from './cgroups.ts'

const folder = mkdtempSync(join(tmpdir(), 'vedette-cgroups-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(path: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(folder, path), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, path, name), text)
}

/** The samples of a look, by path. */
function look(cgroups: Cgroups, nowMs: number): Map<string, CgroupSample> {
  const samples = new Map<string, CgroupSample>()
  const steps = cgroups.look(
    () => nowMs,
    (sample) => samples.set(sample.path, sample),
    () => undefined,
  )
  for (const _ of steps) continue
  return samples
}

test('a hybrid host: rates and amounts of both versions, joined by path, the root left out', () => {
  write('unified/web', {
    'cpu.stat': 'usage_usec 1000000\nuser_usec 1\n',
    'io.stat': '8:0 rbytes=1000 wbytes=500 rios=1\n8:16 rbytes=10 wbytes=0 rios=1\n',
    'cpu.pressure': 'some avg10=12.50 avg60=0 avg300=0 total=1\n',
  })
  write('memory/web/inner', {
    'memory.usage_in_bytes': '4096\n',
    'memory.limit_in_bytes': '9223372036854771712\n',
  })
  write('memory/web', { 'memory.usage_in_bytes': '8192\n', 'memory.limit_in_bytes': '16384\n' })
  const mounts = `cgroup ${folder}/memory cgroup rw,memory 0 0\nnone ${folder}/unified cgroup2 rw 0 0\nnone /proc proc rw 0 0\n`
  using cgroups = new Cgroups(10, cgroupHierarchies(mounts))
  expect(look(cgroups, 0).get('/web')).toEqual({
    path: '/web',
    memoryBytes: 8192,
    memoryLimitBytes: 16_384,
    pressure: { cpu: 12.5 },
  })
  write('unified/web', {
    'cpu.stat': 'usage_usec 4000000\n',
    'io.stat': '8:0 rbytes=3000 wbytes=510 rios=1\n',
  })
  const samples = look(cgroups, 2000)
  expect([...samples.keys()].sort()).toEqual(['/web', '/web/inner'])
  expect(samples.get('/web')).toMatchObject({ cpuCores: 1.5, ioBytesPerSecond: 1000 })
  expect(samples.get('/web/inner')).toEqual({ path: '/web/inner', memoryBytes: 4096, pressure: {} })
})

test('beyond the limit cgroups are left out, and counted', () => {
  for (const name of ['a', 'b', 'c']) write(`unified/${name}`, { 'pids.current': '7\n', 'pids.max': 'max\n' })
  using cgroups = new Cgroups(2, cgroupHierarchies(`none ${folder}/unified cgroup2 rw 0 0\n`))
  const samples = look(cgroups, 0)
  expect(samples.size).toBe(2)
  expect([...samples.values()][0]).toMatchObject({ processes: 7, pressure: {} })
  expect(cgroups.missed).toBe(1)
})
