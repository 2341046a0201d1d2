import { accessSync } from 'node:fs'
import type { CollectorKind } from '../../collector.ts'
import { pollingBlindSpots } from '../../kernel/blind-spots.ts'
import { seenByPolling } from '../../kernel/sees.ts'
import { WorkerCollector } from '../../kernel/worker-collector.ts'
import { type ProcPollConfig, procPollSchema } from './config.ts'

/** Processes by looking at /proc again and again: works for everybody, and misses what is short. */
export const procPoll: CollectorKind<ProcPollConfig> = {
  name: 'proc-poll',
  description: 'programs started and ended, by comparing /proc on a timer',
  sees: { each: [], byLooking: ['exec', 'fork', 'exit', ...seenByPolling] },
  schema: procPollSchema,
  probe: async (config) => {
    try {
      accessSync('/proc/self/stat')
      return { usable: true, blindSpots: blindSpots(config) }
    } catch {
      return { usable: false, reason: { code: 'no-proc', message: 'The file system /proc is not mounted' } }
    }
  },
  open: (config) =>
    WorkerCollector.open({
      name: 'proc-poll',
      worker: new URL('./proc-poll.worker.ts', import.meta.url),
      config,
      blindSpots: blindSpots(config),
      queueSize: config.queue_size,
    }),
}

function blindSpots({ interval_ms: intervalMs }: ProcPollConfig) {
  return [
    {
      code: 'short-processes',
      message:
        `Processes are compared every ${intervalMs} ms: one that lives shorter than that is not seen at all, nor how a ` +
        'process ended; the process connector or eBPF would see it',
    },
    ...pollingBlindSpots(),
  ]
}
