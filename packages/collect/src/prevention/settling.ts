import type { SystemRecord } from '@vedette/model'

/** The sensor tells of the process itself within so long, on a machine that is not too busy. */
const SETTLE_MS = 500

/**
 * Decisions that wait a moment before they are told: the sensor, which sees the same start in another thread, is to tell
 * first what process that is. Who was killed is in /proc no more.
 */
export class Settling {
  #waiting: { readonly sinceMs: number; readonly record: SystemRecord }[] = []

  add(records: readonly SystemRecord[]): void {
    const sinceMs = performance.now()
    for (const record of records) this.#waiting.push({ sinceMs, record })
  }

  /** Those that have waited long enough, or all of them, in the order in which they were added. */
  take(all = false): SystemRecord[] {
    const untilMs = all ? Infinity : performance.now() - SETTLE_MS
    const count = this.#waiting.findIndex(({ sinceMs }) => sinceMs > untilMs)
    return this.#waiting.splice(0, count < 0 ? this.#waiting.length : count).map(({ record }) => record)
  }
}
