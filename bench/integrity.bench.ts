/**
 * What a baseline of /etc, /usr/bin and /usr/sbin costs: made for the first time, and looked at again when nothing changed. By the
 * worker that the agent has for it; CPU and memory are those of the whole process, less what it had before.
 *
 *     npm run bench -- integrity [--save]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import { SideProcess } from '@vedette/collect/side'
import { baselineStatus, checkFiles, FileIntegrity, integrityConfigSchema } from '@vedette/manager/integrity'
import { report } from './figures.ts'

const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'))
const config = integrityConfigSchema.parse({
  paths: ['/etc', '/usr/bin', '/usr/sbin'],
  // As fast as it goes: the agent takes its time.
  bytes_per_second: 1_099_511_627_776,
})

interface Cost {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly grownMiB: number
}

/** One look at all files, from the start of the part to its end. */
async function look(): Promise<Cost> {
  const rss = process.memoryUsage.rss()
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  let found = 0
  await using side = new SideProcess()
  const integrity = new FileIntegrity({
    config,
    folder,
    side,
    found: () => {
      found += 1
    },
    clock: systemClock,
    log: silentLogger,
  })
  await integrity.start(async () => undefined)
  await integrity.settled()
  const seconds = (performance.now() - startMs) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const grownMiB = (process.memoryUsage.rss() - rss) / 2 ** 20
  await integrity[Symbol.asyncDispose]()
  if (found > 0) process.stderr.write(`${found} files changed meanwhile\n`)
  return { seconds, cpuSeconds: (user + system) / 1e6, grownMiB }
}

try {
  const first = await look()
  const again = [await look(), await look(), await look()].sort((a, b) => a.cpuSeconds - b.cpuSeconds)[1]
  const { files } = await baselineStatus(folder)
  const startMs = performance.now()
  const { readBytes } = await checkFiles(folder, [])
  const checkSeconds = (performance.now() - startMs) / 1000
  report('integrity', {
    files,
    mebibytes: Math.round(readBytes / 2 ** 20),
    baseline_bytes: statSync(join(folder, 'baseline')).size,
    made: {
      files_per_second: Math.round(files / first.seconds),
      mebibytes_per_second: Math.round(readBytes / 2 ** 20 / first.seconds),
      cpu_seconds: Number(first.cpuSeconds.toFixed(2)),
      grown_mib: Math.round(first.grownMiB),
    },
    looked_at_again: {
      files_per_second: Math.round(files / (again?.seconds ?? 1)),
      cpu_seconds: Number((again?.cpuSeconds ?? 0).toFixed(2)),
      grown_mib: Math.round(again?.grownMiB ?? 0),
    },
    checked_with_packages_seconds: Number(checkSeconds.toFixed(2)),
  })
} finally {
  rmSync(folder, { recursive: true })
}
