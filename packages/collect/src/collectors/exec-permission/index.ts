import { Fanotify } from '@vedette/linux'
import type { CollectorKind, Probe } from '../../collector.ts'
import { foreignPidNamespace } from '../../kernel/blind-spots.ts'
import { WorkerCollector } from '../../kernel/worker-collector.ts'
import { type ExecPermissionConfig, execPermissionSchema } from './config.ts'

/** Refuses to start programs, by a process of its own that the kernel asks. Off unless the configuration says otherwise. */
export const execPermission: CollectorKind<ExecPermissionConfig> = {
  name: 'exec-permission',
  description: 'programs that are not let start, by fanotify; off by default',
  schema: execPermissionSchema,
  isWanted: ({ mode }) => mode !== 'off',
  probe: async () => probe(),
  open: (config) =>
    WorkerCollector.open({
      name: 'exec-permission',
      worker: new URL('./exec-permission.worker.ts', import.meta.url),
      config,
      blindSpots: [],
      queueSize: config.queue_size,
    }),
}

function probe(): Probe {
  const foreign = foreignPidNamespace()
  if (foreign) return { usable: false, reason: foreign }
  try {
    Fanotify.toDecide()[Symbol.dispose]()
    return { usable: true, blindSpots: [] }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return {
      usable: false,
      reason: {
        code: 'no-exec-permission',
        message: `No program can be refused its start: ${reason}; it asks for CAP_SYS_ADMIN and CONFIG_FANOTIFY_ACCESS_PERMISSIONS`,
      },
    }
  }
}
