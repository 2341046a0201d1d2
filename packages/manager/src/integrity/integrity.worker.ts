import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { Examiner } from './examiner.ts'
import type { FromWorker, ToWorker, WorkerOptions } from './messages.ts'

/** On Linux this is the priority of this thread alone: it gives way to everything else. */
setPriority(10)
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
const post = (message: FromWorker) => parentPort?.postMessage(message)
const examiner = new Examiner(workerData as WorkerOptions, post)
parentPort?.on('message', (message: ToWorker) => {
  if (message.type === 'look') examiner.look(message)
  else void examiner.scan(message)
})
