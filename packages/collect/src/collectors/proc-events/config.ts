import { z } from 'zod'
import { ebpfSchema } from '../ebpf/config.ts'

/** Section `collect.proc_events` of the configuration. */
export const procEventsSchema = z.strictObject({
  /** Memory in the kernel for events that were not read yet, bytes. */
  buffer_bytes: z
    .int()
    .min(1 << 16)
    .max(1 << 28)
    .default(8 << 20),
  /** Most records that wait for the rest of the agent. */
  queue_size: z.int().min(1).max(1_000_000).default(65_536),
  /** Pause between two looks at the tables of TCP sockets, milliseconds. */
  socket_interval_ms: z.int().min(20).max(60_000).default(250),
  /** Pause between two looks at watched files, milliseconds. */
  file_interval_ms: z.int().min(20).max(60_000).default(500),
  /** Files and folders of which a change is told: the same as of `ebpf`. */
  watch_paths: ebpfSchema.shape.watch_paths,
})

export type ProcEventsConfig = z.output<typeof procEventsSchema>
