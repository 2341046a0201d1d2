import { z } from 'zod'
import { auditSchema } from './collectors/audit/config.ts'
import { ebpfSchema } from './collectors/ebpf/config.ts'
import { execPermissionSchema } from './collectors/exec-permission/config.ts'
import { fanotifySchema } from './collectors/fanotify/config.ts'
import { fileSchema } from './collectors/file/config.ts'
import { inventorySchema } from './collectors/inventory/config.ts'
import { killAtExecSchema } from './collectors/kill-at-exec/config.ts'
import { journalSchema } from './collectors/journal/config.ts'
import { kmsgSchema } from './collectors/kmsg/config.ts'
import { packetSchema } from './collectors/packet/config.ts'
import { procEventsSchema } from './collectors/proc-events/config.ts'
import { usageSchema } from './collectors/usage/config.ts'
import { procPollSchema } from './collectors/proc-poll/config.ts'

/** Section `collect` of the configuration: one part for each collector. */
export const collectSchema = z.strictObject({
  /** Which collector watches processes. `auto`: the best that works. */
  kernel: z.enum(['auto', 'ebpf', 'audit', 'proc-events', 'proc-poll']).default('auto'),
  ebpf: ebpfSchema.prefault({}),
  audit: auditSchema.prefault({}),
  proc_events: procEventsSchema.prefault({}),
  proc_poll: procPollSchema.prefault({}),
  fanotify: fanotifySchema.prefault({}),
  file: fileSchema.prefault({}),
  journal: journalSchema.prefault({}),
  kmsg: kmsgSchema.prefault({}),
  inventory: inventorySchema.prefault({}),
  packet: packetSchema.prefault({}),
  usage: usageSchema.prefault({}),
  kill_at_exec: killAtExecSchema.prefault({}),
  exec_permission: execPermissionSchema.prefault({}),
})

export type CollectConfig = z.output<typeof collectSchema>

/** A collector's own part. Its key is the collector's name in snake_case. */
export function sectionOf(config: CollectConfig, collector: string): unknown {
  return (config as Readonly<Record<string, unknown>>)[collector.replaceAll('-', '_')]
}
