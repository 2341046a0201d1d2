import type { AlertRow } from '../../api/documents.ts'

/** One line of the list. */
export type Line =
  | {
      readonly kind: 'story'
      readonly key: string
      /** Left out for the alerts that belong to no incident. */
      readonly incident?: { readonly id: string; readonly title: string }
      readonly alerts: number
      /** All of them come from one process tree. */
      readonly oneTree: boolean
      /** The story began further up; these are its older alerts. */
      readonly continued: boolean
    }
  | {
      readonly kind: 'alert'
      readonly key: string
      readonly alert: AlertRow
      /** Hangs on the alert above it: the same process tree. */
      readonly hangs: boolean
    }

/**
 * Lays a list out as stories: alerts of one incident together, where its newest alert stands; those of no incident at
 * the end. Each chunk is laid out by itself, so that older alerts that arrive later move nothing above them.
 */
export function linesOf(chunks: readonly (readonly AlertRow[])[]): Line[] {
  const lines: Line[] = []
  const told = new Set<string>()
  for (const [at, chunk] of chunks.entries()) {
    const stories = new Map<string, AlertRow[]>()
    const alone: AlertRow[] = []
    for (const alert of chunk) {
      if (!alert.incident) alone.push(alert)
      else {
        const story = stories.get(alert.incident.id)
        if (story) story.push(alert)
        else stories.set(alert.incident.id, [alert])
      }
    }
    for (const [id, alerts] of stories) {
      const [first] = alerts
      if (!first?.incident) continue
      const tree = alerts.map((alert) => alert === first || sameTree(first, alert))
      lines.push({
        kind: 'story',
        key: `story ${at} ${id}`,
        incident: first.incident,
        alerts: alerts.length,
        oneTree: alerts.length > 1 && tree.every(Boolean),
        continued: told.has(id),
      })
      told.add(id)
      for (const [index, alert] of alerts.entries()) {
        lines.push({ kind: 'alert', key: alert.id, alert, hangs: index > 0 && tree[index] === true })
      }
    }
    // A heading over everything would say nothing.
    if (alone.length > 0 && told.size > 0) {
      lines.push({
        kind: 'story',
        key: `alone ${at}`,
        alerts: alone.length,
        oneTree: false,
        continued: told.has(''),
      })
    }
    if (alone.length > 0) told.add('')
    for (const alert of alone) lines.push({ kind: 'alert', key: alert.id, alert, hangs: false })
  }
  return lines
}

/** How many stories: incidents, and each alert of none is one. */
export function storyCount(chunks: readonly (readonly AlertRow[])[]): number {
  const incidents = new Set<string>()
  let alone = 0
  for (const alert of chunks.flat()) {
    if (alert.incident) incidents.add(alert.incident.id)
    else alone += 1
  }
  return incidents.size + alone
}

/** Two alerts share a process below init. */
function sameTree(a: AlertRow, b: AlertRow): boolean {
  const processes = (alert: AlertRow) =>
    [alert.process, ...alert.ancestry].flatMap((process) => (process && process.pid > 2 ? [process.uid] : []))
  const known = new Set(processes(a))
  return processes(b).some((uid) => known.has(uid))
}
