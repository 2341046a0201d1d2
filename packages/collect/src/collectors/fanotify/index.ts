import { Fanotify } from '@vedette/linux'
import type { BlindSpot } from '@vedette/model'
import type { CollectorKind, Probe } from '../../collector.ts'
import { foreignPidNamespace } from '../../kernel/blind-spots.ts'
import { WorkerCollector } from '../../kernel/worker-collector.ts'
import { type FanotifyConfig, fanotifySchema } from './config.ts'

export type { FanotifyConfig } from './config.ts'

/** Watched files and who acts on them, beside a sensor that would compare them on a timer. */
export const fanotify: CollectorKind<FanotifyConfig> = {
  name: 'fanotify',
  description:
    "access to watched files, from the kernel's file notification; beside a sensor that is not eBPF",
  sees: { each: ['file'], byLooking: [] },
  schema: fanotifySchema,
  probe: async (config) => probe(config),
  open: (config) =>
    WorkerCollector.open({
      name: 'fanotify',
      worker: new URL('./fanotify.worker.ts', import.meta.url),
      config,
      blindSpots: blindSpots(),
      queueSize: config.queue_size,
    }),
}

function probe({ enabled }: FanotifyConfig): Probe {
  if (!enabled) return unusable('it is off in the configuration')
  const foreign = foreignPidNamespace()
  if (foreign) return { usable: false, reason: foreign }
  try {
    Fanotify.toNotify()[Symbol.dispose]()
    return { usable: true, blindSpots: blindSpots() }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return unusable(`${reason}; it asks for CAP_SYS_ADMIN and Linux 5.17`)
  }
}

function unusable(reason: string): Probe {
  return {
    usable: false,
    reason: {
      code: 'no-fanotify',
      message: `Who changes watched files cannot be told by fanotify: ${reason}`,
    },
  }
}

function blindSpots(): BlindSpot[] {
  return [
    {
      code: 'fanotify',
      message:
        'Watched files are told by fanotify: what one process does to one file in a moment may come in another order, a file ' +
        'that is moved in from a folder that is not watched is told as created, changes through mapped memory are told at its ' +
        'end, and who had ended before anybody looked may stay unknown; eBPF would tell',
    },
  ]
}
