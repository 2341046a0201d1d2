/**
 * The part of an agent that must not lose anything, as a process that can be killed: batcher, sealed spool and line. It makes
 * events until it is told `finish` on standard input, and says on standard output which batches were kept and dropped, and
 * what its ledger of losses has.
 */
import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock } from '@vedette/base'
import { type AgentReport, type EventBatch, MAX_REPORTED_GAPS } from '@vedette/model'
import type { Spool } from '@vedette/store'
import { Keyring, spoolKeys } from '@vedette/store/keys'
import { openSpool } from '@vedette/store/spool'
import { Batcher } from '../../../apps/agent/src/batcher.ts'
import { Uplink } from '../../../apps/agent/src/uplink.ts'
import { launch } from '../../../packages/store/src/testing/sample-events.ts'
import { report as bareReport } from '../line/report.ts'

const EVENTS_AT_ONCE = 50
const PAUSE_MS = 20
const URGENT_EVERY = 25
const URGENT_EVENTS = 20
/** What no packing makes shorter, so that a spool of some hundred batches is full soon. */
const RANDOM_BYTES = 100
/** A line on which nothing has moved for so long will not move any more: all that it waits for comes sooner. */
const STUCK_MS = 2500
const LOOK_MS = 250

const [folder = '', url = '', capBytes = ''] = process.argv.slice(2)
const run = randomBytes(8).toString('hex')
const urgentRun = randomBytes(8).toString('hex')
const say = (...words: (string | number)[]) => writeSync(1, `${words.join(' ')}\n`)

const spool = await openSpool(folder, {
  log: silentLogger,
  keys: spoolKeys(
    Keyring.open({
      folder: join(folder, 'keys'),
      master: { from: 'generated', file: join(folder, 'keys', 'master.key') },
      clock: systemClock,
    }),
  ),
  capBytes: Number(capBytes),
})
const sayLosses = () => {
  const { events, gaps } = spool.losses()
  for (const gap of gaps) say('gap', gap.run, gap.from, gap.to, gap.batches, gap.events)
  say('lost', events)
}
sayLosses()
const telling: Spool = Object.create(spool, {
  waiting: { get: () => spool.waiting },
  pending: { value: (signal: AbortSignal) => spool.pending(signal) },
  acknowledge: { value: (...name: [string, number]) => spool.acknowledge(...name) },
  declare: { value: (...gap: Parameters<Spool['declare']>) => spool.declare(...gap) },
  append: {
    async value(...[batch, urgency]: Parameters<Spool['append']>) {
      const outcome = await spool.append(batch, urgency)
      say(outcome, batch.run, batch.sequence, batch.events.length)
      return outcome
    },
  },
}) as Spool
const report = (): AgentReport => {
  const { events, gaps } = spool.losses()
  return { ...bareReport, losses: { events, gaps: gaps.slice(-MAX_REPORTED_GAPS) } }
}
const uplink = new Uplink({
  run,
  credential: () => ({ headers: { authorization: 'Bearer credential' } }),
  spool: telling,
  log: silentLogger,
  clock: systemClock,
  random: Math.random,
  report,
  onRespond: () => undefined,
  onWatch: () => undefined,
  onConnection: () => undefined,
})
const batcher = new Batcher({
  run,
  clock: systemClock,
  capacity: 10_000,
  backlog: () => Math.max(uplink.inFlight, spool.waiting),
  declare: (gap) => uplink.declare(gap),
  deliver: (batch) => uplink.deliver(batch),
  urgentRun,
  deliverUrgent: (batch) => uplink.deliverUrgent(batch),
})
const finish = new AbortController()
process.stdin.once('data', () => finish.abort())
process.stdin.once('end', () => process.exit(0))
uplink.url = url
const stop = new AbortController()
const line = uplink.run(stop.signal)

const events = (of: string, from: number, count: number) =>
  Array.from({ length: count }, (_, i) =>
    launch(from + i, { run: of, cmdLine: randomBytes(RANDOM_BYTES).toString('base64') }),
  )
let urgentSequence = 0
const urgent = (): EventBatch => {
  const sequence = urgentSequence
  urgentSequence += 1
  return { run: urgentRun, sequence, events: events(urgentRun, sequence * URGENT_EVENTS, URGENT_EVENTS) }
}
const overtaking = new Set<Promise<void>>()
for (let turn = 0; !finish.signal.aborted; turn += 1) {
  batcher.add(events(run, turn * EVENTS_AT_ONCE, EVENTS_AT_ONCE))
  if (turn % URGENT_EVERY === 0) {
    const delivery = uplink.deliverUrgent(urgent()).finally(() => overtaking.delete(delivery))
    overtaking.add(delivery)
  }
  await delay(PAUSE_MS)
}
await batcher.flush()
await Promise.all(overtaking)
for (let before = spool.waiting, sinceMs = performance.now(); spool.waiting > 0;) {
  await uplink.settled(LOOK_MS)
  if (spool.waiting !== before) sinceMs = performance.now()
  before = spool.waiting
  if (performance.now() - sinceMs > STUCK_MS) break
}
uplink.report(report())
sayLosses()
say('settled', spool.waiting)
stop.abort()
await line
process.exit(0)
