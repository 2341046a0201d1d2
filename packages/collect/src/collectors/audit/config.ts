import { z } from 'zod'
import { procEventsSchema } from '../proc-events/config.ts'

/** Section `collect.audit` of the configuration. */
export const auditSchema = z.strictObject({
  /** Memory for records that were not read yet, bytes. */
  buffer_bytes: procEventsSchema.shape.buffer_bytes,
  /** Most records that wait in the kernel; about eight are the start of a program. What comes then is lost, and counted. */
  backlog_limit: z.int().min(64).max(1_000_000).default(65_536),
  /** Most records that wait for the rest of the agent. */
  queue_size: procEventsSchema.shape.queue_size,
  /** Pause between two looks at the tables of TCP sockets, milliseconds. */
  socket_interval_ms: procEventsSchema.shape.socket_interval_ms,
  /** Pause between two looks at watched files, milliseconds. */
  file_interval_ms: procEventsSchema.shape.file_interval_ms,
  /** Files and folders of which a change is told: the same as of `ebpf`. */
  watch_paths: procEventsSchema.shape.watch_paths,
})

export type AuditConfig = z.output<typeof auditSchema>
