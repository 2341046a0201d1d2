import { openProcConnector } from '@vedette/linux'
import type { CollectorKind, Probe } from '../../collector.ts'
import { foreignPidNamespace, pollingBlindSpots } from '../../kernel/blind-spots.ts'
import { seenByPolling } from '../../kernel/sees.ts'
import { WorkerCollector } from '../../kernel/worker-collector.ts'
import { type ProcEventsConfig, procEventsSchema } from './config.ts'

/** Processes from the kernel's process connector, where eBPF is not to be had. */
export const procEvents: CollectorKind<ProcEventsConfig> = {
  name: 'proc-events',
  description: 'programs started and ended, from the process connector and /proc',
  sees: { each: ['exec', 'fork', 'exit'], byLooking: seenByPolling },
  schema: procEventsSchema,
  probe: async (config) => probe(config),
  open: (config) =>
    WorkerCollector.open({
      name: 'proc-events',
      worker: new URL('./proc-events.worker.ts', import.meta.url),
      config,
      blindSpots: blindSpots(),
      queueSize: config.queue_size,
    }),
}

function probe(config: ProcEventsConfig): Probe {
  const foreign = foreignPidNamespace()
  if (foreign) return { usable: false, reason: foreign }
  try {
    openProcConnector({ bufferBytes: config.buffer_bytes })[Symbol.dispose]()
    return { usable: true, blindSpots: blindSpots() }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return {
      usable: false,
      reason: {
        code: 'no-process-connector',
        message: `The process connector cannot be used: ${reason}; it asks for CAP_NET_ADMIN outside of containers`,
      },
    }
  }
}

function blindSpots() {
  return [
    {
      code: 'short-processes',
      message:
        'A program that ends within about a millisecond is counted as lost: the connector names only its pid, and what ' +
        'it was is read from /proc right after; eBPF would see it',
    },
    ...pollingBlindSpots(),
  ]
}
