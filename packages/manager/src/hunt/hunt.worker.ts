import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '@vedette/base'
import { loadHuntRules } from './hunt-rules.ts'
import { huntUnit } from './hunt-unit.ts'
import { createRecordJudge } from './judge.ts'
import type { FromWorker, ToWorker, WorkerTask } from './worker-messages.ts'

const port = parentPort
if (!port) throw new TypeError('hunt.worker.ts runs as a worker thread')

/** Batches that may be on their way: enough that a worker never waits for a coordinator that keeps up. */
const MOST_ON_THE_WAY = 4

const { rules } = await loadHuntRules((workerData as WorkerTask).rules)
const judge = createRecordJudge(rules, systemClock)

let onTheWay = 0
let wake: (() => void) | undefined
let queue = Promise.resolve()

const tell = (message: FromWorker) => port.postMessage(message)

port.on('message', (message: ToWorker) => {
  if (message.type === 'taken') {
    onTheWay -= 1
    wake?.()
    return
  }
  const { unit } = message
  queue = queue.then(async () => {
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
  })
})
tell({ type: 'ready', ruleIds: judge.ruleIds })
