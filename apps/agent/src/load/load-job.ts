import { z } from 'zod'
import { identitySchema } from '../identity.ts'

/** What one process of a load test is to do: a line of JSON on its standard input. */
export const loadJobSchema = z.strictObject({
  agents: z
    .array(
      z.strictObject({
        identity: identitySchema,
        /** As it was enrolled; its events say the same. */
        hostname: z.string().min(1).max(255),
        run: z.string().regex(/^[0-9a-f]{16}$/),
      }),
    )
    .min(1)
    .max(20_000),
  /** Events a second of all of them together; 0 for none. */
  rate: z.number().min(0).max(1_000_000),
  durationMs: z.number().positive().max(86_400_000),
  /** Each tells of itself so often. */
  heartbeatMs: z.number().min(100).max(3_600_000),
  /** Connections that may be on their way to being welcome at a time. */
  connecting: z.int().min(1).max(10_000),
  /** What is not acknowledged so long after the end is given up. */
  settleMs: z.number().min(0).max(600_000),
})

export type LoadJob = z.output<typeof loadJobSchema>

/** A further line on standard input: end every connection at once and come back, or stop now. */
export const loadOrderSchema = z.strictObject({ type: z.enum(['restart', 'stop']) })

const count = z.number().min(0)
const buckets = z.array(z.tuple([z.int(), count]))

export const loadCountsSchema = z.object({
  /** Agents that are welcome now. */
  connected: count,
  /** Connections that were lost, and opened again. */
  lines: count,
  sent: count,
  acknowledged: count,
  refused: count,
  heartbeats: count,
  answered: count,
})

export type LoadCounts = z.output<typeof loadCountsSchema>

const ofRun = z.object({
  agent: z.string(),
  run: z.string(),
  /** Events of each batch, by its sequence from 0 on. */
  batchEvents: z.int().min(0),
  batches: z.int().min(0),
  /** Sequences that were sent and not acknowledged. */
  open: z.array(z.int()),
})

/** What a run of a generated agent sent: batch `i` has the events `i * batchEvents` to `(i + 1) * batchEvents - 1`. */
export type SentRun = z.output<typeof ofRun>

/** Lines on its standard output. */
export const loadReportSchema = z.discriminatedUnion('type', [
  /** Every agent is welcome; the time of the test begins. */
  z.object({ type: z.literal('started'), connectMs: z.number() }),
  z.object({ type: z.literal('progress'), counts: loadCountsSchema }),
  /** Every agent is back after a restart. */
  z.object({ type: z.literal('back'), ms: z.number(), slowestMs: z.number() }),
  z.object({
    type: z.literal('done'),
    counts: loadCountsSchema,
    /** From the first event to the last acknowledgement, milliseconds. */
    spanMs: count,
    acknowledgeMs: buckets,
    answerMs: buckets,
    runs: z.array(ofRun),
  }),
  z.object({ type: z.literal('failed'), code: z.string(), message: z.string() }),
])

export type LoadReport = z.output<typeof loadReportSchema>
