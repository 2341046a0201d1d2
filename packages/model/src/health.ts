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
}

/** What an agent tells about itself with each heartbeat. */
export interface AgentReport {
  readonly hostname: string
  readonly kernel: string
  readonly version: string
  readonly bootId: string
  readonly parts: readonly PartReport[]
  readonly blindSpots: readonly BlindSpot[]
  /** Batches that wait in the spool for the server. */
  readonly spooled: number
  readonly memoryBytes: number
}
