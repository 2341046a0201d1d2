import { z } from 'zod'
import { eventBaseSchema, type EventBase } from './base.ts'
import { processSchema, type Process } from './objects.ts'

/** Extension: a process, a cgroup or the host used much more of something than it uses as a rule. */
export interface UsageEvent extends EventBase {
  readonly kind: 'usage'
  /** OCSF Base Event: the schema has no class for it. */
  readonly class_uid: 0
  readonly activity: 'high' | 'normal'
  /** `cpu` in cores, `memory` in bytes resident, `io` in bytes a second, `descriptors` and `sockets` in number, `pressure` in percent. */
  readonly resource: 'cpu' | 'memory' | 'io' | 'descriptors' | 'sockets' | 'pressure'
  /** What it is about: a process, else the cgroup, else the host. */
  readonly process?: Process
  readonly cgroup?: string
  readonly value: number
  /** What is usual for it: the mean, and the standard deviation, of so many samples. */
  readonly baseline: { readonly mean: number; readonly deviation: number; readonly samples: number }
  /** For how long, milliseconds. */
  readonly duration_ms: number
}

export const usageEventSchema = eventBaseSchema.extend({
  kind: z.literal('usage'),
  class_uid: z.literal(0),
  activity: z.enum(['high', 'normal']),
  resource: z.enum(['cpu', 'memory', 'io', 'descriptors', 'sockets', 'pressure']),
  process: processSchema.optional(),
  cgroup: z.string().max(4096).optional(),
  value: z.number(),
  baseline: z.object({ mean: z.number(), deviation: z.number(), samples: z.int() }),
  duration_ms: z.number(),
})
