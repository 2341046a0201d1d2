import type { Counters } from '@vedette/base'
import type { BlindSpot } from './blind-spot.ts'

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy'

/** One check of one part. */
export interface HealthCheck {
  readonly name: string
  readonly status: HealthStatus
  /** The measured value as text, where there is one. */
  readonly value?: string
  readonly message: string
}

/** One part of an agent as it reports itself. */
export interface PartReport {
  readonly name: string
  readonly state: 'running' | 'unavailable' | 'failed' | 'stopped'
  readonly counters: Counters
  /** The same by kind of record or Event, where the part tells them apart. They add up to `counters`. */
  readonly kinds?: Readonly<Record<string, Counters>>
}

/**
 * The books of a whole way, added up at one moment. `difference = emitted - delivered - lost - waiting` is 0, or something
 * was lost that nobody counted.
 */
export interface Book {
  /** `records`: from the collectors to their understanding. `events`: from there until the server has stored them. */
  readonly name: 'records' | 'events'
  readonly emitted: number
  readonly delivered: number
  readonly lost: number
  /** On their way, as each queue and buffer between counts them. */
  readonly waiting: number
  readonly difference: number
}

/** What is missing in a run of an agent. */
export interface Gap {
  /** Where a damaged file was all that could be told, a name of that file that begins with `ffffffff`. */
  readonly run: string
  /** Sequences of the batches among which it is, first and last. */
  readonly from: number
  readonly to: number
  /** So many of those batches; 0 when the events were lost before they were in one. */
  readonly batches: number
  readonly events: number
}

/** What an agent lost on its way to the server, in all its lives on a host. */
export interface Losses {
  readonly events: number
  /** The newest of them, of each run in order; earlier ones are known by their sum alone. */
  readonly gaps: readonly Gap[]
}

/** How much of the last ten seconds, minute and five minutes something had to wait, percent (PSI: psi.rst). */
export interface Pressure {
  readonly avg10: number
  readonly avg60: number
  readonly avg300: number
}

export const pressureResources = ['cpu', 'memory', 'io'] as const

export type PressureResource = (typeof pressureResources)[number]

/** What had to wait for a resource: one process at least, or all that were there (`full`, where the kernel tells it). */
export interface ResourcePressure {
  readonly some: Pressure
  readonly full?: Pressure
}

/** How much of its resources a host used when it was last looked at. */
export interface HostUsage {
  /** When, milliseconds since the epoch. */
  readonly time: number
  /** Of all processors since the look before, 0 to 100. */
  readonly cpuPercent: number
  /** Processes that ran or waited for the disk, averaged over a minute. */
  readonly load1m: number
  readonly memoryTotalBytes: number
  /** What programs may still take without swapping. */
  readonly memoryAvailableBytes: number
  /** Of the file system that holds the agent's data. */
  readonly diskTotalBytes: number
  readonly diskFreeBytes: number
  /** Read from disks and written to them since the look before. */
  readonly diskReadBytesPerS?: number
  readonly diskWriteBytesPerS?: number
  /** Files that all processes have open, and how many the kernel allows. */
  readonly openFiles?: number
  readonly openFilesLimit?: number
  /** Left out where the kernel does not account for it. */
  readonly pressure?: Readonly<Partial<Record<PressureResource, ResourcePressure>>>
}

/** What an agent takes of its host, beside what it may take. */
export interface AgentUse {
  /** When it was looked at, milliseconds since the epoch. */
  readonly time: number
  /** Who keeps it to its budget: the kernel, by a control group, or the agent itself, which cannot limit its memory. */
  readonly keptBy: 'kernel' | 'agent'
  /** Of one processor, since the look before. */
  readonly cpuPercent: number
  readonly cpuLimitPercent: number
  /** What counts against the limit; where the agent keeps it itself, what is resident. */
  readonly memoryBytes: number
  readonly memoryLimitBytes: number
  readonly diskReadBytesPerS: number
  readonly diskWriteBytesPerS: number
  readonly openFiles: number
  /** How much of the time since the look before it was held back for want of processor time, 0 to 100. */
  readonly heldBackPercent: number
  /** How often since the look before its memory stood at the limit, so that the kernel took some back. */
  readonly memoryReclaims: number
}

/** Which sensor of the kernel runs on a host: the best that it allows. */
export interface SensorReport {
  /** `ebpf`, `audit`, `proc-events`, `proc-poll`. */
  readonly tier: string
  readonly description: string
  /** Kinds of record that it tells, each as it happens; those that it finds by looking again; and those that only a better one tells. */
  readonly each: readonly string[]
  readonly byLooking: readonly string[]
  readonly unseen: readonly string[]
}

/** What an agent tells about itself with each heartbeat. */
export interface AgentReport {
  readonly hostname: string
  readonly kernel: string
  readonly version: string
  readonly bootId: string
  readonly parts: readonly PartReport[]
  readonly blindSpots: readonly BlindSpot[]
  readonly books?: readonly Book[]
  /** Does not begin anew with the agent, as the counters of parts do. */
  readonly losses?: Losses
  /** Batches that wait in the spool for the server. */
  readonly spooled: number
  readonly memoryBytes: number
  /** Left out until the host was looked at. */
  readonly usage?: HostUsage
  /** Left out until it was looked at. */
  readonly ownUse?: AgentUse
  readonly sensor?: SensorReport
}
