import { silentLogger, systemClock } from '@vedette/base'
import { openEventStore } from '../events/open-event-store.ts'
import { openEventWriter } from '../events/event-writer.ts'
import { agentA, batch, tenantA } from './sample-events.ts'

/**
 * Stores batches from a sequence on until it is killed, and says `stored N` once batch N is acknowledged.
 * Arguments: folder, first sequence, random run.
 */
const [folder = '', first = '0', run = ''] = process.argv.slice(2)
const store = await openEventStore({ folder, log: silentLogger, clock: systemClock })
const writer = openEventWriter(store, { maxDelayMs: 5 })
process.stdout.write('open\n')
const waiting = new Set<Promise<void>>()
for (let sequence = Number(first); ; sequence += 1) {
  const write = writer
    .write({ tenant: tenantA, agent: agentA, batch: batch(sequence, 20, run) })
    .then(() => void process.stdout.write(`stored ${sequence}\n`))
  waiting.add(write)
  void write.finally(() => waiting.delete(write))
  if (waiting.size >= 8) await Promise.race(waiting)
}
