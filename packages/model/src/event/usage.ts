import { z } from 'zod'
import { eventBaseSchema, type EventBase } from './base.ts'
import { processSchema, type Process } from './objects.ts'

/** What is measured, and in which unit; `pressure` is the kernel's own account of who had to wait (PSI). */
export const usageResources = [
  /** Cores: 1 is one processor kept busy. */
  'cpu',
  /** Bytes resident. */
  'memory',
  /** Bytes read from and written to disks, a second. */
  'io',
  /** Open ones, in number. */
  'descriptors',
  'sockets',
  'processes',
  /** Percent of the last ten seconds in which something had to wait. */
  'pressure',
] as const

/** Extension: a process, a cgroup or the host uses much more of something than it uses as a rule, or no longer does. */
export interface UsageEvent extends EventBase {
  readonly kind: 'usage'
  /** OCSF Base Event: the schema has no class for it. */
  readonly class_uid: 0
  readonly activity: 'high' | 'normal'
  readonly resource: (typeof usageResources)[number]
  /** For `pressure`: what there was too little of. */
  readonly pressure_of?: 'cpu' | 'memory' | 'io'
  /** What it is about: a process, else the cgroup, else the host. A process is given with its cgroup. */
  readonly process?: Process
  readonly cgroup?: string
  /** The highest while it is high; what it came back to when it is `normal` again. */
  readonly value: number
  /** Above this it counted as high. */
  readonly threshold: number
  /** The most that the kernel gives it, where there is a limit. */
  readonly limit?: number
  /** `value` in percent of `limit`. */
  readonly percent?: number
  /**
   * What is usual for the program, the cgroup or the host: mean and standard deviation, weighted towards the last days.
   * `learning`: from too few samples to judge by; then the fixed threshold of the configuration decides.
   */
  readonly baseline: {
    readonly state: 'learning' | 'known'
    readonly mean: number
    readonly deviation: number
    readonly samples: number
  }
  /** So many standard deviations above what is usual, where that is known. */
  readonly deviations?: number
  /** For how long it has been, or was, high; milliseconds. */
  readonly duration_ms: number
}

export const usageEventSchema = eventBaseSchema.extend({
  kind: z.literal('usage'),
  class_uid: z.literal(0),
  activity: z.enum(['high', 'normal']),
  resource: z.enum(usageResources),
  pressure_of: z.enum(['cpu', 'memory', 'io']).optional(),
  process: processSchema.optional(),
  cgroup: z.string().max(4096).optional(),
  value: z.number(),
  threshold: z.number(),
  limit: z.number().optional(),
  percent: z.number().optional(),
  baseline: z.object({
    state: z.enum(['learning', 'known']),
    mean: z.number(),
    deviation: z.number(),
    samples: z.int(),
  }),
  deviations: z.number().optional(),
  duration_ms: z.number(),
})
