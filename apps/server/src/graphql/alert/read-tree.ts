import { treeRoot } from '@vedette/correlate'
import type { Alert, AlertId, Event, ProcessUid } from '@vedette/model'
import type { TenantEvents } from '@vedette/store'
import type { Context } from '../context.ts'
import { processTree, type TreeNode } from './process-tree.ts'

/** What happened so long before and after an alert belongs to its story. */
const AROUND_MS = 10 * 60_000
/** How far down is asked; each step is a query. */
const MAX_LEVELS = 12
const MAX_EVENTS = 5000
/** As many processes as the store looks up at once. */
const MAX_PROCESSES = 1000

/** Reads the events of an alert's process tree and draws it. */
export async function readTree(alert: Alert, { events, state }: Context): Promise<TreeNode[]> {
  if (!alert.process) return []
  const found = await eventsOfStory(alert, events)
  const others = alert.incident === undefined ? [] : await state.incidents.alerts(alert.incident)
  const alertsOf = new Map<ProcessUid, AlertId>()
  for (const { process, id } of others) if (process) alertsOf.set(process.uid, id)
  return processTree(alert, found, alertsOf)
}

/** Level by level down from where the story begins, as far as the bounds reach. */
async function eventsOfStory(alert: Alert, events: TenantEvents): Promise<Event[]> {
  const since = alert.time - AROUND_MS
  const until = alert.lastSeen + AROUND_MS
  const found: Event[] = []
  const asked = new Set<ProcessUid>()
  let level: readonly ProcessUid[] = storyOf(alert)
  for (let depth = 0; depth < MAX_LEVELS && level.length > 0 && found.length < MAX_EVENTS; depth += 1) {
    for (const uid of level) asked.add(uid)
    const rows = await events.ofProcesses(level, since, until, MAX_EVENTS - found.length)
    found.push(...rows)
    const started = rows.flatMap((event) =>
      event.kind === 'process' && event.activity === 'launch' ? [event.process.uid] : [],
    )
    level = [...new Set(started)]
      .filter((uid) => !asked.has(uid))
      .slice(0, Math.max(0, MAX_PROCESSES - asked.size))
  }
  return found
}

/** The processes from the subject up to the root of its tree, where its story begins. */
export function storyOf({ process }: Alert): ProcessUid[] {
  if (!process) return []
  const root = treeRoot(process).uid
  const line = [process, ...(process.ancestry ?? [])].map(({ uid }) => uid)
  return line.slice(0, line.indexOf(root) + 1)
}
