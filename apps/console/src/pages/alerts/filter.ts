import type { AlertStatus, Severity } from '@vedette/model'
import type { AlertRow } from '../../api/documents.ts'

/** Which alerts the list shows; stands in the address. */
export interface AlertFilter {
  /** Left out: open ones. */
  readonly status?: 'acknowledged' | 'resolved' | 'all'
  readonly severity?: Severity
  readonly host?: string
  /** About this process. */
  readonly process?: string
  /** `24h`: only of the last 24 hours. */
  readonly range?: '24h'
  readonly q?: string
}

const STATUSES: readonly string[] = ['acknowledged', 'resolved', 'all']
const SEVERITIES: readonly string[] = ['informational', 'low', 'medium', 'high', 'critical']
const DAY_MS = 86_400_000

/** Reads an address; what makes no sense is left out. */
export function readFilter(search: Record<string, unknown>): AlertFilter {
  const { status, severity, host, process, range, q } = search
  return {
    ...(typeof status === 'string' && STATUSES.includes(status) && { status: status as 'all' }),
    ...(typeof severity === 'string' && SEVERITIES.includes(severity) && { severity: severity as Severity }),
    ...(typeof host === 'string' && host !== '' && { host: host.slice(0, 200) }),
    ...(typeof process === 'string' && process !== '' && { process: process.slice(0, 200) }),
    ...(range === '24h' && { range }),
    ...(typeof q === 'string' && q.trim() !== '' && { q: q.trim().slice(0, 200) }),
  }
}

/** The status to ask the server for; undefined for all. */
export function statusOf(filter: AlertFilter): AlertStatus | undefined {
  return filter.status === 'all' ? undefined : (filter.status ?? 'open')
}

/** The oldest time that is shown, milliseconds since the epoch. */
export function sinceOf(filter: AlertFilter, now: number): number {
  return filter.range === '24h' ? now - DAY_MS : -Infinity
}

/** Whether a live alert belongs into the list. The search is the server's to judge: here it is by the words. */
export function belongs(alert: AlertRow, filter: AlertFilter): boolean {
  const status = statusOf(filter)
  if (status !== undefined && alert.status !== status) return false
  if (filter.severity && alert.severity !== filter.severity) return false
  if (filter.host !== undefined && alert.host_id !== filter.host) return false
  if (filter.process !== undefined && alert.process?.uid !== filter.process) return false
  if (filter.q === undefined) return true
  const text = [
    alert.title,
    alert.rule.title,
    alert.rule.id,
    alert.host,
    alert.entity,
    alert.process?.cmd_line ?? '',
    ...alert.matches.map(({ value }) => value),
  ]
  return text.join('\n').toLowerCase().includes(filter.q.toLowerCase())
}
