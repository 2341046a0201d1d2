import { z } from 'zod'
import { eventBaseSchema, type EventBase } from './base.ts'
import { type ProcessEntity, processEntitySchema } from './objects.ts'

/** Extension: Vedette itself sees less of this host than it did, or sees as before again. */
export interface SensorEvent extends EventBase {
  readonly kind: 'sensor'
  /** OCSF Base Event: the schema has no class for it. */
  readonly class_uid: 0
  /** `degraded` begins an episode of a part, `restored` ends it: so there are as many of one as of the other. */
  readonly activity: 'degraded' | 'restored'
  /** Which part of the agent, as `vedette status` names it: `ebpf`, `normalise`, `spool`, `agent`. */
  readonly part: string
  /**
   * Why: records were lost, the part failed and is started again, it did not answer and was ended, it was held back to
   * stay within its budget, the server does not hear of the host any more, what it had written was altered,
   * or another host came with the agent's identity.
   */
  readonly cause: 'loss' | 'failed' | 'stuck' | 'budget' | 'silent' | 'altered' | 'cloned'
  /** Records or events that the part lost in this episode: up to now, or in all. Of a part that was ended, those that are known. */
  readonly lost: number
  /** The same by kind, where the part tells them apart; at most 64 kinds. */
  readonly lost_by_kind?: Readonly<Record<string, number>>
  /** How long the episode lasted; 0 when it begins. Milliseconds. */
  readonly duration_ms: number
  /** The error in its own words. */
  readonly detail?: string
  /** Of a part that was ended or halted by a signal: which, and who sent the last one that was seen, where that is known. */
  readonly ended_by?: SensorEnd
}

/** A signal to a process of Vedette that was none of its own. */
export interface SensorEnd {
  /** `SIGKILL`, `SIGSTOP` */
  readonly signal: string
  /** Who sent it; `parent_process` is who had started that. */
  readonly process?: ProcessEntity & {
    readonly parent_process?: { readonly pid: number; readonly name: string }
  }
}

export const sensorEventSchema = eventBaseSchema.extend({
  kind: z.literal('sensor'),
  class_uid: z.literal(0),
  activity: z.enum(['degraded', 'restored']),
  part: z.string().min(1).max(64),
  cause: z.enum(['loss', 'failed', 'stuck', 'budget', 'silent', 'altered', 'cloned']),
  lost: z.number().nonnegative(),
  lost_by_kind: z
    .record(z.string().max(64), z.number().nonnegative())
    .refine((record) => Object.keys(record).length <= 64, 'more than 64 kinds')
    .optional(),
  duration_ms: z.number().nonnegative(),
  detail: z.string().max(1000).optional(),
  ended_by: z
    .object({
      signal: z.string().max(32),
      process: processEntitySchema
        .extend({ parent_process: z.object({ pid: z.int().min(0), name: z.string().max(64) }).optional() })
        .optional(),
    })
    .optional(),
})
