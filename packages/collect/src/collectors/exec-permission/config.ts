import { z } from 'zod'
import { preventionShape } from '../../prevention/config.ts'
import { procEventsSchema } from '../proc-events/config.ts'

/** Section `collect.exec_permission` of the configuration. */
export const execPermissionSchema = z.strictObject({
  ...preventionShape,
  mounts: preventionShape.never
    .unwrap()
    .default([])
    .describe(
      'Mounts from which nothing may be run, such as /dev/shm: each a mount of its own; one that programs of the machine lie in is refused',
    ),
  time_limit_ms: z
    .int()
    .min(100)
    .max(30_000)
    .default(2000)
    .describe('A start that is not decided within so long is let through, and that is told, milliseconds'),
  queue_size: procEventsSchema.shape.queue_size,
})

export type ExecPermissionConfig = z.output<typeof execPermissionSchema>
