import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { Examiner } from './examiner.ts'
import type { ToWorker, WorkerOptions } from './messages.ts'

/** On Linux this is the priority of this thread alone: it gives way to everything else. */
setPriority(10)
const examiner = new Examiner(workerData as WorkerOptions, (message) => parentPort?.postMessage(message))
parentPort?.on('message', (message: ToWorker) => {
  if (message.type === 'look') examiner.look(message)
  else void examiner.scan(message)
})
