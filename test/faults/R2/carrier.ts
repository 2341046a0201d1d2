/**
 * The part of an agent that must not lose anything, as a process that can be killed: batcher, sealed spool and line. It makes
 * events until it is told `finish` on standard input, and says on standard output which batches were kept and dropped.
 */
import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock } from '@vedette/base'
import { openSpool, type Spool } from '@vedette/store'
import { Batcher } from '../../../apps/agent/src/batcher.ts'
import { Uplink } from '../../../apps/agent/src/uplink.ts'
import { launch } from '../../../packages/store/src/testing/sample-events.ts'
import { report } from '../line/report.ts'

const EVENTS_AT_ONCE = 50
const PAUSE_MS = 20

const [folder = '', url = ''] = process.argv.slice(2)
const run = randomBytes(8).toString('hex')
const say = (...words: (string | number)[]) => writeSync(1, `${words.join(' ')}\n`)

const spool = await openSpool(folder, { log: silentLogger, keyFile: join(folder, 'key') })
const telling: Spool = Object.create(spool, {
  waiting: { get: () => spool.waiting },
  pending: { value: (signal: AbortSignal) => spool.pending(signal) },
  acknowledge: { value: (...name: [string, number]) => spool.acknowledge(...name) },
  append: {
    async value(...[batch, urgency]: Parameters<Spool['append']>) {
      const outcome = await spool.append(batch, urgency)
      say(outcome, batch.run, batch.sequence, batch.events.length)
      return outcome
    },
  },
}) as Spool
const uplink = new Uplink({
  run,
  credential: () => ({ headers: { authorization: 'Bearer credential' } }),
  spool: telling,
  log: silentLogger,
  clock: systemClock,
  random: Math.random,
  report: () => report,
  onRespond: () => undefined,
  onWatch: () => undefined,
  onConnection: () => undefined,
})
const batcher = new Batcher({
  run,
  clock: systemClock,
  capacity: 10_000,
  backlog: () => Math.max(uplink.inFlight, spool.waiting),
  deliver: (batch) => uplink.deliver(batch),
  urgentRun: randomBytes(8).toString('hex'),
  deliverUrgent: (batch) => uplink.deliverUrgent(batch),
})
const finish = new AbortController()
process.stdin.once('data', () => finish.abort())
process.stdin.once('end', () => process.exit(0))
uplink.url = url
const stop = new AbortController()
const line = uplink.run(stop.signal)
for (let number = 0; !finish.signal.aborted; number += EVENTS_AT_ONCE) {
  batcher.add(Array.from({ length: EVENTS_AT_ONCE }, (_, i) => launch(number + i, { run })))
  await delay(PAUSE_MS)
}
await batcher.flush()
await uplink.settled(20_000)
say('settled', spool.waiting, batcher.counters.lost)
stop.abort()
await line
process.exit(0)
