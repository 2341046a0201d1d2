import { z } from 'zod'
import { responseRequestSchema, type ResponseRequest, type ResponseResult } from '../action.ts'
import type { Event } from '../event/index.ts'
import { eventSchema } from '../event/index.ts'
import type { AgentReport } from '../health.ts'

/**
 * What agent and server say to each other: JSON messages over one WebSocket, `GET /agent/v1/stream`, opened by the agent
 * with its credential as a bearer token. Tenant and agent come from that credential alone.
 */
export const PROTOCOL_VERSION = 1

/** Events of one run of an agent, in order. `(tenant, agent, run, sequence)` names a batch for ever. */
export interface EventBatch {
  /** Random, new at each start of the agent: 16 hex digits. */
  readonly run: string
  /** From 0, without a gap, within the run. */
  readonly sequence: number
  readonly events: readonly Event[]
}

/** At most this many events in a batch. */
export const MAX_BATCH_EVENTS = 5000

export type AgentMessage =
  | { readonly type: 'hello'; readonly protocol: number; readonly run: string; readonly report: AgentReport }
  | { readonly type: 'batch'; readonly batch: EventBatch }
  | { readonly type: 'report'; readonly report: AgentReport }
  | { readonly type: 'response'; readonly result: ResponseResult }

export type ServerMessage =
  /** Batches may flow. Sent once, after `hello`. */
  | { readonly type: 'welcome'; readonly agent: string }
  /** That batch is stored for good; the agent may forget it. */
  | { readonly type: 'stored'; readonly run: string; readonly sequence: number }
  /** That batch will never be taken (it is not what the schema says); it is counted as lost. */
  | { readonly type: 'refused'; readonly run: string; readonly sequence: number; readonly reason: string }
  | { readonly type: 'respond'; readonly request: ResponseRequest }
  /** Watch a file or folder for this long (1 s to 24 h); the agent's own policy has the last word. */
  | { readonly type: 'watch'; readonly path: string; readonly leaseMs: number; readonly actor: string }

const counters = z.object({ emitted: z.number(), delivered: z.number(), lost: z.number() })

const kindNames = z.array(z.string().max(64)).max(256)
const share = z.number().min(0).max(100)
const pressure = z.object({ avg10: share, avg60: share, avg300: share })
const resourcePressure = z.object({ some: pressure, full: pressure.optional() }).optional()

const size = z.number().min(0).max(Number.MAX_SAFE_INTEGER)

export const agentReportSchema = z.object({
  hostname: z.string().max(255),
  kernel: z.string().max(255),
  version: z.string().max(64),
  bootId: z.string().max(64),
  parts: z
    .array(
      z.object({
        name: z.string().max(64),
        state: z.enum(['running', 'unavailable', 'failed', 'stopped']),
        counters,
        kinds: z
          .record(z.string().max(64), counters)
          .refine((kinds) => Object.keys(kinds).length <= 256, 'more than 256 kinds')
          .optional(),
      }),
    )
    .max(64),
  blindSpots: z.array(z.object({ code: z.string().max(64), message: z.string().max(1000) })).max(256),
  books: z
    .array(
      z.object({
        name: z.enum(['records', 'events']),
        emitted: z.number(),
        delivered: z.number(),
        lost: z.number(),
        waiting: z.number(),
        difference: z.number(),
      }),
    )
    .max(8)
    .optional(),
  spooled: z.number(),
  memoryBytes: z.number(),
  usage: z
    .object({
      time: z.number(),
      cpuPercent: z.number().min(0).max(100),
      load1m: size,
      memoryTotalBytes: size,
      memoryAvailableBytes: size,
      diskTotalBytes: size,
      diskFreeBytes: size,
      diskReadBytesPerS: size.optional(),
      diskWriteBytesPerS: size.optional(),
      openFiles: size.optional(),
      openFilesLimit: size.optional(),
      pressure: z
        .object({ cpu: resourcePressure, memory: resourcePressure, io: resourcePressure })
        .optional(),
    })
    .optional(),
  ownUse: z
    .object({
      time: z.number(),
      keptBy: z.enum(['kernel', 'agent']),
      cpuPercent: size,
      cpuLimitPercent: size,
      memoryBytes: size,
      memoryLimitBytes: size,
      diskReadBytesPerS: size,
      diskWriteBytesPerS: size,
      openFiles: size,
      heldBackPercent: share,
      memoryReclaims: size,
    })
    .optional(),
  sensor: z
    .object({
      tier: z.string().max(64),
      description: z.string().max(1000),
      each: kindNames,
      byLooking: kindNames,
      unseen: kindNames,
    })
    .optional(),
})

export const eventBatchSchema = z.object({
  run: z.string().regex(/^[0-9a-f]{16}$/),
  sequence: z.int().nonnegative(),
  events: z.array(eventSchema).max(MAX_BATCH_EVENTS),
})

export const serverMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('welcome'), agent: z.string() }),
  z.object({ type: z.literal('stored'), run: z.string(), sequence: z.int() }),
  z.object({ type: z.literal('refused'), run: z.string(), sequence: z.int(), reason: z.string() }),
  z.object({ type: z.literal('respond'), request: responseRequestSchema }),
  z.object({
    type: z.literal('watch'),
    path: z.string().startsWith('/').max(4096),
    leaseMs: z.int().min(1000).max(86_400_000),
    actor: z.string().max(200),
  }),
])

const responseResultSchema = z.object({
  id: z.string().max(64),
  agent: z.string().max(128),
  action: z.enum(['freeze', 'thaw', 'kill']),
  outcome: z.enum(['preview', 'done', 'refused', 'failed', 'undone']),
  summary: z.string().max(4000),
  affected: z
    .array(
      z.object({
        uid: z.string().max(64),
        pid: z.int(),
        name: z.string().max(4096),
        cmdLine: z.string().max(65_536),
        user: z.string().max(256),
        protectedBecause: z.string().max(1000).optional(),
      }),
    )
    .max(10_000),
  undo: z.literal('thaw').optional(),
  leaseEnds: z.number().optional(),
  time: z.number(),
})

export const agentMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.int(),
    run: z.string().regex(/^[0-9a-f]{16}$/),
    report: agentReportSchema,
  }),
  z.object({ type: z.literal('batch'), batch: eventBatchSchema }),
  z.object({ type: z.literal('report'), report: agentReportSchema }),
  z.object({ type: z.literal('response'), result: responseResultSchema }),
])
