import type { Clock } from '@vedette/base'
import type { Connection } from './connection.ts'

const DAY_MS = 86_400_000

/**
 * A clock that does not believe a jump forward of more than a day until it has lasted for a day of running time. Nothing
 * is deleted too early because somebody set the clock to another year.
 */
export class CautiousClock {
  readonly #clock: Clock
  #baseMs: number
  #baseMonotonic: number
  #aheadSince: number | undefined

  /** @param lastKnownMs newest time that is known to have been right */
  constructor(clock: Clock, lastKnownMs: number) {
    this.#clock = clock
    this.#baseMs = lastKnownMs
    this.#baseMonotonic = clock.monotonic()
  }

  now(): number {
    const wall = this.#clock.now()
    const monotonic = this.#clock.monotonic()
    const expected = this.#baseMs + (monotonic - this.#baseMonotonic)
    if (wall > expected + DAY_MS) {
      this.#aheadSince ??= monotonic
      if (monotonic - this.#aheadSince < DAY_MS) return expected
    }
    this.#aheadSince = undefined
    this.#baseMs = wall
    this.#baseMonotonic = monotonic
    return wall
  }
}

/**
 * Days that are over, as partition names (`20260131`): every event in them arrived more than `retentionDays` days and
 * one spare day before `nowMs`.
 */
export function expiredDays(partitions: readonly string[], nowMs: number, retentionDays: number): string[] {
  return partitions.filter((partition) => {
    const match = /^(\d{4})(\d{2})(\d{2})$/.exec(partition)
    if (match === null) return false
    const endOfDay = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) + DAY_MS
    return endOfDay + (retentionDays + 1) * DAY_MS < nowMs
  })
}

/** When the newest event arrived, milliseconds since the epoch; left out when there is none. */
export async function newestArrival(connection: Connection): Promise<number | undefined> {
  const [row] = await connection.select<{ events: number | string; newest: number | string }>(
    `SELECT count() AS events, toUnixTimestamp64Milli(max(received)) AS newest FROM ${connection.database}.events`,
  )
  return row === undefined || Number(row.events) === 0 ? undefined : Number(row.newest)
}

/** Drops the days that are over, and says which they were. */
export async function dropExpired(
  connection: Connection,
  nowMs: number,
  retentionDays: number,
): Promise<string[]> {
  const rows = await connection.select<{ partition: string }>(
    `SELECT DISTINCT partition FROM system.parts
    WHERE database = {database:String} AND table = 'events' AND active ORDER BY partition`,
    { database: connection.database },
  )
  const expired = expiredDays(
    rows.map(({ partition }) => partition),
    nowMs,
    retentionDays,
  )
  for (const partition of expired) {
    await connection.command(`ALTER TABLE ${connection.database}.events DROP PARTITION ${partition}`)
  }
  return expired
}
