import type { AlertStatus, Verdict } from '@vedette/model'
import { ask } from '../../api/api.ts'
import { alertsDocument } from '../../api/documents.ts'
import { AlertQueue } from './alert-queue.ts'
import { type AlertFilter, sinceOf, statusOf } from './filter.ts'

const CAPACITY = 6
const queues = new Map<string, AlertQueue>()
let latest: AlertQueue | undefined

/** The queue of a filter; kept, so that Back finds it as it was. */
export function queueFor(filter: AlertFilter): AlertQueue {
  const key = JSON.stringify([
    filter.status,
    filter.severity,
    filter.host,
    filter.process,
    filter.range,
    filter.q,
  ])
  const known = queues.get(key)
  queues.delete(key)
  const queue =
    known ??
    new AlertQueue(
      async (limit, offset) => {
        const { analytics_alerts } = await ask(alertsDocument, {
          limit,
          offset,
          status: statusOf(filter) ?? null,
          severity: filter.severity ?? null,
          host: filter.host ?? null,
          process_uid: filter.process ?? null,
          search: filter.q ?? null,
        })
        return analytics_alerts
      },
      sinceOf(filter, Date.now()),
    )
  queues.set(key, queue)
  for (const oldest of queues.keys()) {
    if (queues.size <= CAPACITY) break
    queues.delete(oldest)
  }
  latest = queue
  return queue
}

/** Has the lists begin anew: the person asked for them by name, and not by Back. */
export function renewQueues(): void {
  for (const [key, queue] of queues) {
    if (queue === latest) void queue.reload()
    else queues.delete(key)
  }
}

/** Writes what was done with an alert into every list that shows it. */
export function markAlert(id: string, change: { status: AlertStatus; verdict?: Verdict | null }): void {
  for (const queue of queues.values()) queue.mark(id, change)
}

/** The alert before or after one, in the order of the list that was open last. */
export function neighbour(
  id: string,
  step: 1 | -1,
  order: readonly string[] = orderOf(latest),
): string | undefined {
  const at = order.indexOf(id)
  return at < 0 ? undefined : order[at + step]
}

/** The list has the alert as its own place, for when it is opened again. */
export function pointLatest(id: string): void {
  if (latest?.alert(id)) latest.point(id)
}

const orders = new WeakMap<AlertQueue, readonly string[]>()

/** The list tells in which order it shows its alerts. */
export function setOrder(queue: AlertQueue, order: readonly string[]): void {
  orders.set(queue, order)
}

function orderOf(queue: AlertQueue | undefined): readonly string[] {
  return (queue && orders.get(queue)) ?? []
}
