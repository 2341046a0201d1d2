import { z } from 'zod'
import { preventionShape } from '../../prevention/config.ts'
import { procEventsSchema } from '../proc-events/config.ts'

/** Section `collect.kill_at_exec` of the configuration. */
export const killAtExecSchema = z.strictObject({
  ...preventionShape,
  nameless: z
    .boolean()
    .default(false)
    .describe('Whether programs are stopped whose file only memory holds (memfd_create) or has been deleted'),
  trusted_starters: preventionShape.never
    .unwrap()
    .default([
      '/usr/bin/runc',
      '/usr/sbin/runc',
      '/usr/bin/crun',
      '/usr/bin/containerd-shim-runc-v2',
      '/usr/bin/conmon',
    ])
    .describe('Programs that may start such files: container runtimes run a copy of themselves from memory'),
  queue_size: procEventsSchema.shape.queue_size,
})

export type KillAtExecConfig = z.output<typeof killAtExecSchema>
