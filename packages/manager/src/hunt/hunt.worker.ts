import { parentPort } from 'node:worker_threads'
import { systemClock } from '@vedette/base'
import { loadHuntIndicators } from './hunt-indicators.ts'
import { loadHuntRules } from './hunt-rules.ts'
import { huntUnit } from './hunt-unit.ts'
import { createRecordJudge, type RecordJudge } from './judge.ts'
import type { Unit } from './units.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

const port = parentPort
if (!port) throw new TypeError('hunt.worker.ts runs as a worker thread')

/** Batches that may be on their way: enough that a worker never waits for a coordinator that keeps up. */
const MOST_ON_THE_WAY = 4

let judge: RecordJudge | undefined
let onTheWay = 0
let wake: (() => void) | undefined
let queue = Promise.resolve()

const tell = (message: FromWorker) => port.postMessage(message)

port.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'load':
      queue = queue.then(async () => {
        judge = createRecordJudge(
          await loadHuntRules(message.rules),
          systemClock,
          await loadHuntIndicators(message.rules, systemClock),
        )
        tell({ type: 'ready', ruleIds: judge.ruleIds })
      })
      break
    case 'unit':
      queue = queue.then(() => work(message.unit))
      break
    default:
      onTheWay -= 1
      wake?.()
  }
})

async function work(unit: Unit): Promise<void> {
  if (!judge) throw new TypeError('a unit came before the rules')
  tell({ type: 'begun', unit: unit.index })
  await huntUnit(unit, judge, async (batch) => {
    onTheWay += 1
    tell({ type: 'batch', unit: unit.index, batch })
    while (onTheWay >= MOST_ON_THE_WAY) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  })
  tell({ type: 'done', unit: unit.index })
}
