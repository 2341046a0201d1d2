import { z } from 'zod'

/** Section `collect.journal` of the configuration. */
export const journalSchema = z.strictObject({
  /**
   * Whether the systemd journal is read. `auto`: where none of `unless_files` is there when the watch begins, since a syslog
   * daemon writes to those what the journal holds, and a sign-in that is read twice counts twice.
   */
  read: z.enum(['auto', 'always', 'never']).default('auto'),
  /** Folders of journals, absolute: of each its files, and those of the folders in it. */
  folders: z
    .array(z.string().startsWith('/').max(4096))
    .max(16)
    .default(['/var/log/journal', '/run/log/journal']),
  unless_files: z
    .array(z.string().startsWith('/').max(4096))
    .max(64)
    .default(['/var/log/auth.log', '/var/log/secure', '/var/log/syslog', '/var/log/messages']),
  /** Where to begin in files that are there when the journal is read for the first time. */
  start: z.enum(['end', 'beginning']).default('end'),
  /** Pause between two looks where the kernel tells of no change, milliseconds. */
  poll_interval_ms: z.int().min(20).max(60_000).default(1000),
  /** Most files that are open at a time. */
  max_files: z.int().min(1).max(4096).default(512),
})

export type JournalConfig = z.output<typeof journalSchema>
