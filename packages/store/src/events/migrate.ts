import type { Connection } from './connection.ts'
import { eventMigrations } from './migrations.ts'

interface Applied {
  readonly number: number | string
  readonly state: 'up' | 'down'
}

/**
 * Brings the schema of events to a version, up or down, one step at a time. A step that was cut off by a crash is
 * done again, so each of its statements must bear that.
 *
 * @param target number of a migration, 0 for none; the newest by default
 * @throws {RangeError} when the database is newer than this program
 */
export async function migrateEvents(connection: Connection, target = eventMigrations.length): Promise<void> {
  const { database } = connection
  await connection.command(
    `CREATE TABLE IF NOT EXISTS ${database}.migrations (
      number UInt32, name String, state Enum8('up' = 1, 'down' = 2), step UInt64
    ) ENGINE = MergeTree ORDER BY (number, step) SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
  )
  const current = await versionOf(connection)
  if (current > eventMigrations.length) {
    throw new RangeError(
      `the event store has schema ${current}, but this program knows only ${eventMigrations.length}`,
    )
  }
  for (let number = current + 1; number <= target; number += 1) await step(connection, number, 'up')
  for (let number = current; number > target; number -= 1) await step(connection, number, 'down')
}

/** Number of the newest migration that is in force; 0 for none. */
export async function versionOf(connection: Connection): Promise<number> {
  const rows = await connection.select<Applied>(
    `SELECT number, argMax(state, step) AS state FROM ${connection.database}.migrations GROUP BY number`,
  )
  return Math.max(0, ...rows.filter(({ state }) => state === 'up').map(({ number }) => Number(number)))
}

async function step(connection: Connection, number: number, direction: 'up' | 'down'): Promise<void> {
  const { database } = connection
  const migration = eventMigrations[number - 1]
  if (migration === undefined) throw new RangeError(`there is no event migration ${number}`)
  for (const statement of migration[direction]) {
    await connection.command(statement.replaceAll('{db}', database))
  }
  await connection.command(
    `INSERT INTO ${database}.migrations SELECT ${number}, '${migration.name}', '${direction}',
      (SELECT coalesce(max(step), 0) + 1 FROM ${database}.migrations)`,
  )
}
