import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { type InventoryOptions, readInventory } from './read/index.ts'

/** One look, after which it ends. On Linux the priority is that of this thread alone: it gives way to everything else. */
setPriority(10)
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(readInventory(workerData as InventoryOptions))
