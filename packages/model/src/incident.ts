import { z } from 'zod'
import type { IncidentId, TenantId } from './ids.ts'
import type { Severity } from './severity.ts'

export const incidentStatuses = ['open', 'investigating', 'closed'] as const
export type IncidentStatus = (typeof incidentStatuses)[number]
export const incidentStatusSchema = z.enum(incidentStatuses)

/** A story that people work on: alerts of one process tree, or whatever a person opened. */
export interface Incident {
  readonly id: IncidentId
  readonly tenant: TenantId
  readonly title: string
  readonly description: string
  readonly severity: Severity
  readonly status: IncidentStatus
  readonly assignee?: string
  readonly resolution?: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly closedAt?: number
  readonly alertCount: number
  /** Host where it began; left out for one that a person opened. */
  readonly host?: string
}

/** One line of an incident's history. */
export interface IncidentEntry {
  readonly time: number
  /** A person's name, or `vedette`. */
  readonly actor: string
  readonly action: 'created' | 'alert_added' | 'assigned' | 'closed' | 'reopened' | 'noted' | 'response'
  readonly text: string
}
