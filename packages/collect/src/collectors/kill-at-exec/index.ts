import { BpfObject } from '@vedette/linux'
import type { CollectorKind, Probe } from '../../collector.ts'
import { foreignPidNamespace } from '../../kernel/blind-spots.ts'
import { WorkerCollector } from '../../kernel/worker-collector.ts'
import { type KillAtExecConfig, killAtExecSchema } from './config.ts'
import { guardFile } from './source.ts'

/** Ends programs at their start, before their first instruction. Off unless the configuration says otherwise. */
export const killAtExec: CollectorKind<KillAtExecConfig> = {
  name: 'kill-at-exec',
  description: 'programs that are ended at their start, by eBPF; off by default',
  schema: killAtExecSchema,
  isWanted: ({ mode }) => mode !== 'off',
  probe: async () => probe(),
  open: (config) =>
    WorkerCollector.open({
      name: 'kill-at-exec',
      worker: new URL('./kill-at-exec.worker.ts', import.meta.url),
      config,
      blindSpots: [],
      queueSize: config.queue_size,
    }),
}

function probe(): Probe {
  const foreign = foreignPidNamespace()
  if (foreign) return { usable: false, reason: foreign }
  try {
    BpfObject.load({ file: guardFile() })[Symbol.dispose]()
    return { usable: true, blindSpots: [] }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return {
      usable: false,
      reason: { code: 'no-kill-at-exec', message: `No program can be ended at its start: ${reason}` },
    }
  }
}
