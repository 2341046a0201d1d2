import { type AlertRow, incidentUpdatesDocument, newAlertsDocument } from '../api/documents.ts'
import { api, refresh } from '../api/api.ts'

/** Not more often than this does the page ask again because of what happens. */
const REFRESH_EVERY_MS = 3000

const alertListeners = new Set<(alert: AlertRow) => void>()
const incidentListeners = new Set<(id: string) => void>()

/** Called with each alert the moment it is stored, and again when its count rises. Returns how to stop. */
export function onNewAlert(listener: (alert: AlertRow) => void): () => void {
  alertListeners.add(listener)
  return () => alertListeners.delete(listener)
}

/** Called with the id of each incident that changes. Returns how to stop. */
export function onIncidentUpdate(listener: (id: string) => void): () => void {
  incidentListeners.add(listener)
  return () => incidentListeners.delete(listener)
}

/** Follows what happens until the signal aborts. */
export function follow(signal: AbortSignal): void {
  const soon = throttled(() => void refresh('live'), REFRESH_EVERY_MS, signal)
  void read(async () => {
    for await (const { newAlerts } of api.subscribe(newAlertsDocument, {}, signal)) {
      for (const listener of alertListeners) listener(newAlerts)
      soon()
    }
  })
  void read(async () => {
    for await (const { incidentUpdates } of api.subscribe(incidentUpdatesDocument, {}, signal)) {
      for (const listener of incidentListeners) listener(incidentUpdates.id)
      soon()
    }
  })
  // What no subscription tells: rates, hosts that fall silent.
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') soon()
  }, 15_000)
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
}

async function read(stream: () => Promise<void>): Promise<void> {
  try {
    await stream()
  } catch {
    // The session is over, or the server refuses: the next question to it finds out and says so.
    void refresh('live')
  }
}

/** Runs at once, then at most once in `everyMs`, the last call never left out. */
export function throttled(run: () => void, everyMs: number, signal: AbortSignal): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let again = false
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  const call = () => {
    if (signal.aborted) return
    if (timer !== undefined) {
      again = true
      return
    }
    run()
    timer = setTimeout(() => {
      timer = undefined
      if (again) {
        again = false
        call()
      }
    }, everyMs)
  }
  return call
}
