import { z } from 'zod'

/** Section `collect.kmsg` of the configuration. */
export const kmsgSchema = z.strictObject({
  /**
   * Whether the kernel's log is read. `auto`: where nothing of `unless` is there when the watch begins, since the journal and
   * syslog daemons hold what the kernel says too.
   */
  read: z.enum(['auto', 'always', 'never']).default('auto'),
  unless: z
    .array(z.string().startsWith('/').max(4096))
    .max(64)
    .default([
      '/run/log/journal',
      '/var/log/journal',
      '/var/log/kern.log',
      '/var/log/syslog',
      '/var/log/messages',
    ]),
  /** Whether what was written before the watch began is told too. */
  start: z.enum(['end', 'beginning']).default('end'),
  /** Pause between two looks, milliseconds. */
  poll_interval_ms: z.int().min(10).max(60_000).default(250),
  /** Most messages that are read in a second. More wait in the kernel, and what it has no room for is counted as lost. */
  max_per_second: z.int().min(1).max(1_000_000).default(500),
})

export type KmsgConfig = z.output<typeof kmsgSchema>
