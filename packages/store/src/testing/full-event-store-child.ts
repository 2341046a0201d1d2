import { createInterface } from 'node:readline'
import { silentLogger, systemClock } from '@vedette/base'
import { openEventStore } from '../events/open-event-store.ts'
import { agentA, batch, tenantA } from './sample-events.ts'

/** Stores a batch, another one while the disk is full, and that one again. Says what became of it, and waits for a line. */
const [folder = ''] = process.argv.slice(2)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const say = async (text: string) => {
  process.stdout.write(`${text}\n`)
  await lines.next()
}

const store = await openEventStore({ folder, log: silentLogger, clock: systemClock })
const append = (sequence: number) =>
  store.append([{ tenant: tenantA, agent: agentA, batch: batch(sequence, 10_000) }])
await append(0)
await say('stored 1')
await append(1).then(
  () => say('stored in spite of it'),
  (error: { code?: string }) => say(String(error.code)),
)
await append(1)
await say('stored 2')
await say(`rows ${await store.of(tenantA).count({})}`)
await store[Symbol.asyncDispose]()
process.exit(0)
