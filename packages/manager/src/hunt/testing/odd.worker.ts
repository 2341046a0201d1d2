import { parentPort } from 'node:worker_threads'
import type { UnitBatch } from '../hunt-unit.ts'
import type { FromWorker, ToWorker } from '../worker-messages.ts'

/** A worker that does what the path of its unit says: `good`, `die`, `hang`, `fill` its memory. */
const port = parentPort
if (!port) throw new TypeError('odd.worker.ts runs as a worker thread')
const tell = (message: FromWorker) => port.postMessage(message)

function batchOf(text: string): UnitBatch {
  return {
    events: 1,
    readBytes: 1,
    lineFeeds: 0,
    unreadable: [],
    unreadableCount: 0,
    matches: {
      rules: [1, 0],
      records: [1, 1],
      times: [0, 0],
      hosts: ['', ''],
      values: [null, null],
      events: [0, 0],
      texts: [text],
    },
  }
}

let doomed = false

port.on('message', (message: ToWorker) => {
  // As the real one: one unit after the other.
  if (message.type !== 'unit' || doomed) return
  const { unit } = message
  tell({ type: 'begun', unit: unit.index })
  tell({ type: 'batch', unit: unit.index, batch: batchOf(unit.path) })
  doomed = unit.path !== 'good'
  switch (unit.path) {
    case 'die':
      // A tick later: what was posted is on its way then.
      setTimeout(() => process.exit(7), 50)
      return
    case 'hang':
      setTimeout(() => {
        for (;;);
      }, 50)
      return
    case 'fill':
      setTimeout(() => {
        const all: unknown[] = []
        for (;;) all.push(Array.from({ length: 10_000 }, (_, i) => ({ i })))
      }, 50)
      return
    default:
      tell({ type: 'done', unit: unit.index })
  }
})
tell({ type: 'ready', ruleIds: ['b', 'a', 'gone'] })
