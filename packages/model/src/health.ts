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
  /** Batches that wait in the spool for the server. */
  readonly spooled: number
  readonly memoryBytes: number
  /** Left out until the host was looked at. */
  readonly usage?: HostUsage
}
