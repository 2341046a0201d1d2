import { z } from 'zod'
import { runSchema } from './batch.ts'

const counters = z.object({ emitted: z.number(), delivered: z.number(), lost: z.number() })

const kindNames = z.array(z.string().max(64)).max(256)
const share = z.number().min(0).max(100)
const pressure = z.object({ avg10: share, avg60: share, avg300: share })
const resourcePressure = z.object({ some: pressure, full: pressure.optional() }).optional()

/** Gaps that an agent tells of one by one. */
export const MAX_REPORTED_GAPS = 64

const size = z.number().min(0).max(Number.MAX_SAFE_INTEGER)

/** What an agent tells of itself, in `hello` and every ten seconds: an `AgentReport`. */
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
  losses: z
    .object({
      events: size,
      gaps: z
        .array(z.object({ run: runSchema, from: size, to: size, batches: size, events: size }))
        .max(MAX_REPORTED_GAPS),
    })
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

/** How it is with the agent now. */
export const reportMessageSchema = z.object({ type: z.literal('report'), report: agentReportSchema })
