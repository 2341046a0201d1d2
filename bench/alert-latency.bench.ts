/**
 * Promise: from an attack's exec to the alert in the GraphQL subscription p50 <= 50 ms and p99 <= 500 ms, over 200 attacks
 * under a background of 2,000 events/s.
 *
 * The clock starts before the attacker's `spawn`, so that fork and exec are in the figure, and stops when the alert is in
 * the subscriber's hands. Every attack is a program run from memory-backed storage under a name of its own, so that none
 * is a repeat of another.
 *
 *   npm run bench -- alert-latency [--collector ebpf|proc-events|proc-poll] [--attacks 200] [--save]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createClient, graphql } from '@vedette/client'
import { startHouse } from '../test/house.ts'
import { quantile, report } from './figures.ts'
import { startBackground } from './load/background.ts'

const { values: flags } = parseArgs({
  options: {
    collector: { type: 'string', default: 'auto' },
    attacks: { type: 'string', default: '200' },
    save: { type: 'boolean' },
  },
})
const attacks = Number(flags.attacks)
const EXECS_PER_SECOND = 250
const CONNECTIONS_PER_SECOND = 375
const PAUSE_MS = 100
const GRACE_MS = 10_000

const NewAlerts = graphql(`
  subscription {
    newAlerts {
      id
      rule {
        title
      }
      process {
        path
      }
    }
  }
`)

const folder = mkdtempSync('/dev/shm/vedette-bench-')
const config = join(folder, 'vedette.yml')
writeFileSync(config, `collect: { kernel: ${flags.collector} }\n`)
await using house = await startHouse({ args: ['--config', config] })
using client = createClient({ url: house.ready.url, token: house.token() })
const stop = new AbortController()
const startedMs = new Map<string, number>()
const latencies = new Map<string, number>()
const listening = (async () => {
  for await (const { newAlerts } of client.subscribe(NewAlerts, {}, stop.signal)) {
    const path = newAlerts.process?.path ?? ''
    const started = startedMs.get(path)
    if (started !== undefined && !latencies.has(path)) latencies.set(path, performance.now() - started)
  }
})()

try {
  await using background = await startBackground(EXECS_PER_SECOND, CONNECTIONS_PER_SECOND, 120)
  await delay(3000)
  const before = { ms: performance.now(), ...background.counts() }
  for (let i = 0; i < attacks; i += 1) {
    const path = join(folder, `attack-${i}`)
    copyFileSync('/bin/sleep', path)
    startedMs.set(path, performance.now())
    // Long enough to be seen by a collector that polls.
    const attacker = spawn(path, ['0.3'], { stdio: 'ignore' })
    await once(attacker, 'spawn')
    await delay(PAUSE_MS)
  }
  const seconds = (performance.now() - before.ms) / 1000
  const { execs, connections } = background.counts()
  const deadlineMs = performance.now() + GRACE_MS
  while (latencies.size < attacks && performance.now() < deadlineMs) await delay(50)

  const status = await house.vedette('status', '--json')
  const measured = [...latencies.values()]
  report(flags.collector === 'auto' ? 'alert-latency' : `alert-latency-${flags.collector}`, {
    attacks,
    alerts: measured.length,
    backgroundEventsPerSecond: Math.round(
      ((execs - before.execs) * 2 + (connections - before.connections) * 4) / seconds,
    ),
    p50Ms: round(quantile(measured, 0.5)),
    p99Ms: round(quantile(measured, 0.99)),
    maxMs: round(Math.max(...measured)),
    losses: lossesOf(status.stdout),
  })
  if (measured.length < attacks) process.exitCode = 1
} finally {
  stop.abort()
  await listening.catch(() => undefined)
  rmSync(folder, { recursive: true })
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}

/** What each part lost, by its name: a figure with hidden losses is none. */
function lossesOf(json: string): Record<string, number> {
  const { hosts } = JSON.parse(json) as { hosts: { parts: { name: string; lost: number }[] }[] }
  const parts = hosts.flatMap((host) => host.parts)
  return Object.fromEntries(parts.filter(({ lost }) => lost > 0).map(({ name, lost }) => [name, lost]))
}
