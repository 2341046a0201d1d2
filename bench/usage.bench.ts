/**
 * Promise: watching the use of 500 processes costs at most 1 % of a core.
 *
 * A fifth of the processes does something between two looks; the others sleep, as on any server. Processor time of the
 * thread is what counts, so that a busy machine changes little. Told per look, for the default pause of five seconds.
 *
 *   npm run bench -- usage [--processes 500] [--looks 20] [--save]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { usageSchema } from '../packages/collect/src/collectors/usage/config.ts'
import { UsageSource } from '../packages/collect/src/collectors/usage/source.ts'
import { quantile, report } from './figures.ts'

const { values: flags } = parseArgs({
  options: {
    processes: { type: 'string', default: '500' },
    looks: { type: 'string', default: '20' },
    save: { type: 'boolean' },
  },
})
const many = Number(flags.processes)
const config = usageSchema.parse({})
const children: ChildProcess[] = []
try {
  for (let i = 0; i < many; i += 1) {
    const busy = i % 5 === 0
    children.push(
      busy
        ? spawn('sh', ['-c', 'while :; do i=0; while [ $i -lt 300 ]; do i=$((i+1)); done; sleep 0.9; done'])
        : spawn('sleep', ['300']),
    )
  }
  await delay(1000)
  using source = new UsageSource(config)
  source.look(Date.now())
  const looks: number[] = []
  for (let i = 0; i < Number(flags.looks); i += 1) {
    await delay(500)
    const before = process.threadCpuUsage()
    source.look(Date.now())
    const { user, system } = process.threadCpuUsage(before)
    looks.push((user + system) / 1000)
  }
  const perLookMs = quantile(looks, 0.5)
  report('usage', {
    processes: many,
    looks,
    cpuMsPerLook: perLookMs,
    microsecondsPerProcess: (1000 * perLookMs) / many,
    percentOfACore: (100 * perLookMs) / config.interval_ms,
    kept: (100 * perLookMs) / config.interval_ms <= 1,
  })
} finally {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
}
