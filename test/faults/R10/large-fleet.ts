import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { generateLoad } from '@vedette/agent/load'
import { findUser } from '@vedette/linux'
import { type LoneServer, startLoneServer } from '../../../bench/load/server.ts'
import type { Figure } from '../row.ts'
import type { FleetMember } from './identities.ts'

const LET_IN = fileURLToPath(new URL('let-in.ts', import.meta.url))
const LOOK_MS = 1000

export interface LargeFleet {
  readonly agents: number
  readonly heartbeatMs: number
  /** How long it goes on, before the restart and after it. */
  readonly restMs: number
  readonly processes: number
}

/**
 * A server in a process of its own, with all rules and its own stores, and its fleet in others. A process that holds 10,000
 * connections needs as many file descriptors: `ulimit -n` of 16,384 or more.
 */
export async function largeFleet(plan: LargeFleet): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-fleet-'))
  try {
    chmodSync(folder, 0o711)
    const members = await letIn(folder, plan.agents)
    await using server = await startLoneServer({ folder })
    return await endure(server, members, plan)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function letIn(folder: string, count: number): Promise<FleetMember[]> {
  const stores = join(folder, 'server')
  mkdirSync(stores)
  const user = process.getuid?.() === 0 ? findUser('nobody') : undefined
  if (user) chownSync(stores, user.uid, user.gid)
  const file = join(stores, 'members.json')
  await using server = await startLoneServer({ folder, program: [LET_IN, String(count), file] })
  void server
  return JSON.parse(readFileSync(file, 'utf8')) as FleetMember[]
}

async function endure(
  server: LoneServer,
  members: readonly FleetMember[],
  plan: LargeFleet,
): Promise<Figure[]> {
  const answer = await server.call('/api/agents/secrets', { method: 'POST', body: '{}' })
  const { server: url } = (await answer.json()) as { server: string }
  const agents = members.map((member) => ({ ...member, identity: { ...member.identity, server: url } }))
  let mostBytes = 0
  const look = setInterval(() => {
    mostBytes = Math.max(mostBytes, server.memoryBytes())
  }, LOOK_MS)
  const durationMs = 2 * plan.restMs + 600_000
  await using load = generateLoad(
    {
      agents,
      rate: 0,
      durationMs,
      heartbeatMs: plan.heartbeatMs,
      connecting: plan.agents,
      settleMs: 0,
    },
    plan.processes,
    new AbortController().signal,
  )
  const startedMs = performance.now()
  await load.started
  const firstMs = performance.now() - startedMs
  await delay(plan.restMs)
  const cpuBefore = server.cpuSeconds()
  const backMs = await load.restart()
  const cpuSeconds = server.cpuSeconds() - cpuBefore
  await delay(plan.restMs)
  load.stop()
  const { counts, answered } = await load.done
  clearInterval(look)
  const silent = await toldAsSilent(server)
  return [
    { name: 'agents', value: counts.connected, must: { be: plan.agents } },
    { name: 'heartbeats', value: counts.heartbeats },
    { name: 'all welcome at first, s', value: tenths(firstMs / 1000) },
    { name: 'all back after a restart at once, s', value: tenths(backMs / 1000), must: { beAtMost: 90 } },
    { name: "server's CPU for a return, ms an agent", value: tenths((cpuSeconds * 1000) / plan.agents) },
    { name: 'answer, p50 ms', value: tenths(answered.quantile(0.5) ?? 0) },
    { name: 'answer, p99 ms', value: tenths(answered.quantile(0.99) ?? 0), must: { beAtMost: 500 } },
    { name: "server's memory, most MiB", value: Math.round(mostBytes / 2 ** 20), must: { beAtMost: 1024 } },
    { name: 'told as silent although they are there', value: silent, must: { be: 0 } },
  ]
}

async function toldAsSilent(server: LoneServer): Promise<number> {
  const query = '{ events(limit: 1000, event_type: "sensor") { data } }'
  const response = await server.call('/graphql', { method: 'POST', body: JSON.stringify({ query }) })
  const { data } = (await response.json()) as { data: { events: { data: { cause?: string } }[] } }
  return data.events.filter((event) => event.data.cause === 'silent').length
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10
}
