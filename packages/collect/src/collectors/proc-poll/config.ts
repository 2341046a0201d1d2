import { z } from 'zod'
import { ebpfSchema } from '../ebpf/config.ts'

/** Section `collect.proc_poll` of the configuration. */
export const procPollSchema = z.strictObject({
  /** Pause between two looks at /proc, milliseconds. Grows by itself so that looking takes at most 2 % of a processor. */
  interval_ms: z.int().min(20).max(60_000).default(200),
  /** Most records that wait for the rest of the agent. */
  queue_size: z.int().min(1).max(1_000_000).default(65_536),
  /** Pause between two looks at the tables of TCP sockets, milliseconds. */
  socket_interval_ms: z.int().min(20).max(60_000).default(500),
  /** Pause between two looks at watched files, milliseconds. */
  file_interval_ms: z.int().min(20).max(60_000).default(500),
  /** Files and folders of which a change is told: the same as of `ebpf`. */
  watch_paths: ebpfSchema.shape.watch_paths,
})

export type ProcPollConfig = z.output<typeof procPollSchema>
