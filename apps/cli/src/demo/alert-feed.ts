import type { Client } from '@vedette/client'
import { alertDetail } from '../commands/alerts/documents.ts'
import type { AlertDetail } from '../commands/alerts/show.ts'
import { newAlerts, recentAlerts } from './documents.ts'

const LOOK_MS = 500

/**
 * Alerts as they come: each once when it is new, and once more whenever it has been seen again (a second demo within the
 * suppression window adds to the alerts of the first).
 */
export class AlertFeed {
  readonly #client: Client
  readonly #host: string
  readonly #seen = new Map<string, string>()
  readonly #listeners = new Set<(alert: AlertDetail) => void>()

  constructor(client: Client, host: string) {
    this.#client = client
    this.#host = host
  }

  /** Runs until the signal aborts. @param onReady told once nothing that comes is missed any more */
  async run(onReady: () => void, signal: AbortSignal): Promise<void> {
    for (const { id, last_seen } of await this.#recent()) this.#seen.set(id, last_seen)
    const timer = setInterval(() => {
      this.#look().catch(() => undefined)
    }, LOOK_MS)
    try {
      onReady()
      for await (const { newAlerts: found } of this.#client.subscribe(newAlerts, {}, signal)) {
        await this.#tell(found.id)
      }
    } finally {
      clearInterval(timer)
    }
  }

  /** The first alert that `matches` from now on; undefined when the signal aborts before. */
  first(matches: (alert: AlertDetail) => boolean, signal: AbortSignal): Promise<AlertDetail | undefined> {
    return new Promise((resolve) => {
      const finish = (alert?: AlertDetail) => {
        this.#listeners.delete(listen)
        signal.removeEventListener('abort', onAbort)
        resolve(alert)
      }
      const listen = (alert: AlertDetail) => {
        if (matches(alert)) finish(alert)
      }
      const onAbort = () => finish()
      signal.addEventListener('abort', onAbort, { once: true })
      this.#listeners.add(listen)
      if (signal.aborted) finish()
    })
  }

  async #recent() {
    const { analytics_alerts: alerts } = await this.#client.query(recentAlerts, { host: this.#host })
    return alerts
  }

  async #look(): Promise<void> {
    for (const { id, last_seen } of await this.#recent()) {
      if (this.#seen.get(id) === last_seen) continue
      this.#seen.set(id, last_seen)
      await this.#tell(id)
    }
  }

  async #tell(id: string): Promise<void> {
    const { alert } = await this.#client.query(alertDetail, { id })
    if (!alert) return
    this.#seen.set(id, alert.last_seen)
    for (const listen of this.#listeners) listen(alert)
  }
}
