import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock } from '@vedette/base'
import type { EventBatch } from '@vedette/model'
import { openSpool } from '@vedette/store'
import { Keyring, spoolKeys } from '@vedette/store/keys'
import { Uplink } from '../../../apps/agent/src/uplink.ts'
import { seeded } from '../../../packages/store/src/testing/forgetful-files.ts'
import { agentA, launch } from '../../../packages/store/src/testing/sample-events.ts'
import { quantile } from '../../../bench/figures.ts'
import type { Figure } from '../row.ts'
import { Receiver } from '../line/receiver.ts'
import { report } from '../line/report.ts'

/** An agent whose server is away gathers events for 250 ms: of 500 a second, so many. */
const BATCH_EVENTS = 125
const BATCH_MS = 250
const URGENT_EVENTS = 60
const LIVE_RATE = (BATCH_EVENTS * 1000) / BATCH_MS
const RUN = 'aaaaaaaaaaaaaaaa'
const URGENT_RUN = 'bbbbbbbbbbbbbbbb'
/** Batches of the live load that may be on their way when the backlog has left. */
const LIVE_BATCHES = 4
/** So long at most the live load goes on; a backlog that has not left by then never will. */
const DRAIN_WITHIN_MS = 600_000

export interface Outage {
  readonly capBytes: number
  /** Batches while the server is away: 14,400 are an hour. */
  readonly batches: number
  /** An urgent batch after so many. */
  readonly urgentEvery: number
  /** The cap is small enough for that. */
  readonly mustDrop?: boolean
  readonly urgentWithinMs?: number
}

/** A real spool, a real line, and the server's end of it, first away and then there. */
export async function outage(seed: number, plan: Outage): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-outage-'))
  try {
    return await endure(folder, seed, plan)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function endure(folder: string, seed: number, plan: Outage): Promise<Figure[]> {
  const random = seeded(seed)
  await using resources = new AsyncDisposableStack()
  const ring = Keyring.open({
    folder: join(folder, 'keys'),
    master: { from: 'generated', file: join(folder, 'keys', 'master.key') },
    clock: systemClock,
  })
  const spool = resources.use(
    await openSpool(folder, { log: silentLogger, capBytes: plan.capBytes, keys: spoolKeys(ring) }),
  )
  const uplink = new Uplink({
    run: RUN,
    credential: () => ({ headers: { authorization: 'Bearer credential' } }),
    spool,
    log: silentLogger,
    clock: systemClock,
    random,
    report: () => report,
    onRespond: () => undefined,
    onWatch: () => undefined,
    onConnection: () => undefined,
  })
  const stop = new AbortController()
  const line = uplink.run(stop.signal)
  resources.defer(async () => {
    stop.abort()
    await line
  })

  const made = { bulk: 0, urgent: 0, events: 0 }
  const sentAtMs = new Map<string, number>()
  const one = (run: string, sequence: number, size: number): EventBatch => {
    const events = Array.from({ length: size }, () => {
      made.events += 1
      return launch(made.events, { run, cmdLine: `tool --key ${words(random)}` })
    })
    return { run, sequence, events }
  }
  const giveBulk = async () => {
    const batch = one(RUN, made.bulk, BATCH_EVENTS)
    made.bulk += 1
    sentAtMs.set(`${RUN}/${batch.sequence}`, performance.now())
    await uplink.deliver(batch)
  }
  const giveUrgent = async () => {
    const batch = one(URGENT_RUN, made.urgent, URGENT_EVENTS)
    made.urgent += 1
    sentAtMs.set(`${URGENT_RUN}/${batch.sequence}`, performance.now())
    await uplink.deliverUrgent(batch)
  }

  let mostBytes = 0
  for (let i = 0; i < plan.batches; i += 1) {
    await giveBulk()
    // Each time: over the cap it may be for a moment only, until an urgent batch makes room.
    mostBytes = Math.max(mostBytes, bytesIn(folder))
    if (i % plan.urgentEvery === 0) await giveUrgent()
  }

  const receiver = resources.use(await Receiver.open(agentA))
  const liveFrom = { bulk: made.bulk, urgent: made.urgent }
  const waits: Record<'bulk' | 'urgent', number[]> = { bulk: [], urgent: [] }
  receiver.onBatch = ({ run, sequence }) => {
    const urgency = run === RUN ? 'bulk' : 'urgent'
    const atMs = sentAtMs.get(`${run}/${sequence}`) ?? 0
    if (sequence >= liveFrom[urgency]) waits[urgency].push(performance.now() - atMs)
  }
  const startedMs = performance.now()
  uplink.url = receiver.url
  // What is made before is of the outage.
  while (!uplink.connected) await delay(5)
  let drainedMs: number | undefined
  while (drainedMs === undefined && performance.now() - startedMs < DRAIN_WITHIN_MS) {
    await Promise.all([giveBulk(), giveUrgent(), delay(BATCH_MS)])
    mostBytes = Math.max(mostBytes, bytesIn(folder))
    if (spool.waiting <= LIVE_BATCHES) drainedMs = performance.now() - startedMs
  }
  await uplink.settled(60_000)

  const missing = missingFrom(receiver, RUN, made.bulk, BATCH_EVENTS)
  const urgentMissing = missingFrom(receiver, URGENT_RUN, made.urgent, URGENT_EVENTS)
  const { lost } = spool.counters()
  const rate = Math.round(receiver.events / ((drainedMs ?? Number.POSITIVE_INFINITY) / 1000))
  return [
    { name: 'events given', value: made.events, must: { beAtLeast: plan.batches * BATCH_EVENTS } },
    {
      name: 'dropped and counted, events',
      value: lost,
      must: plan.mustDrop === true ? { beAtLeast: 1 } : { be: 0 },
    },
    { name: 'missing and not counted', value: missing + urgentMissing - lost, must: { be: 0 } },
    { name: 'refused by the server', value: receiver.refused, must: { be: 0 } },
    { name: 'alerts lost', value: urgentMissing, must: { be: 0 } },
    {
      name: 'most on disk over the cap, bytes',
      value: Math.max(0, mostBytes - plan.capBytes),
      must: { be: 0 },
    },
    { name: 'most on disk, bytes', value: mostBytes },
    { name: 'events a second that left', value: rate, must: { beAtLeast: 3 * LIVE_RATE } },
    {
      name: 'an alert while it drains, p99 ms',
      value: waits.urgent.length === 0 ? 0 : Math.round(quantile(waits.urgent, 0.99)),
      ...(plan.urgentWithinMs !== undefined && { must: { beAtMost: plan.urgentWithinMs } }),
    },
    // It waits behind what came before it, in order.
    { name: 'bulk while it drains, most ms', value: Math.round(Math.max(0, ...waits.bulk)) },
  ]
}

/** Events of batches that never came. */
function missingFrom(receiver: Receiver, run: string, made: number, size: number): number {
  return (made - (receiver.runs.get(run)?.size ?? 0)) * size
}

/** What cannot be packed: 64 hex digits. */
function words(random: () => number): string {
  return Array.from({ length: 8 }, () => Math.floor(random() * 2 ** 32).toString(16)).join('')
}

function bytesIn(folder: string): number {
  let bytes = 0
  for (const name of readdirSync(folder)) {
    try {
      if (/^\d+\./.test(name)) bytes += statSync(join(folder, name)).size
    } catch {
      // It left between the two looks.
    }
  }
  return bytes
}
