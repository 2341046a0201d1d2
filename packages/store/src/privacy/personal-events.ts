import type { Event, TenantId } from '@vedette/model'
import type { Connection } from '../events/connection.ts'
import { storeFailure } from '../failure.ts'
import { type PersonNames, wordPattern } from './named.ts'

/** What a tenant's events hold of a person, and all of them. */
export interface PersonalEvents {
  /** Events that name the person anywhere. */
  naming(names: PersonNames): Promise<number>
  /** The events themselves, oldest first, in pages of at most 1000. */
  list(names: PersonNames, limit: number, offset: number): Promise<readonly Event[]>
  /** Deletes them, and says how many there were; resolves once what held them was written anew without them. */
  erase(names: PersonNames): Promise<number>
  /** Deletes all events of the tenant, and says how many there were. */
  eraseAll(): Promise<number>
}

export function personalEvents(connection: Connection, tenant: TenantId): PersonalEvents {
  const table = `${connection.database}.events`
  const ours = `tenant = ${literal(tenant)}`
  const named = (names: PersonNames) => `${ours} AND match(event, ${literal(`(?i)${wordPattern(names)}`)})`

  async function attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw storeFailure('event-store-failed', what, error)
    }
  }

  async function count(where: string): Promise<number> {
    const [row] = await connection.select<{ events: number | string }>(
      `SELECT count() AS events FROM ${table} WHERE ${where} SETTINGS max_threads = 2`,
    )
    return Number(row?.events ?? 0)
  }

  /** A mutation and not a mark: the parts that held the rows are replaced by parts that do not. */
  async function remove(where: string): Promise<number> {
    const there = await count(where)
    if (there > 0) {
      await connection.command(`ALTER TABLE ${table} DELETE WHERE ${where} SETTINGS mutations_sync = 2`)
      await connection.sync('events')
    }
    return there
  }

  return {
    naming: (names) => attempt('look for a person', () => count(named(names))),

    list: (names, limit, offset) =>
      attempt('look for a person', async () => {
        const rows = await connection.select<{ event: string }>(
          `SELECT event FROM ${table} WHERE ${named(names)} ORDER BY time, id
          LIMIT {limit:UInt32} OFFSET {offset:UInt32} SETTINGS max_threads = 2`,
          { limit, offset },
        )
        return rows.map(({ event }) => JSON.parse(event) as Event)
      }),

    erase: (names) => attempt('erase a person', () => remove(named(names))),
    eraseAll: () => attempt('erase a tenant', () => remove(ours)),
  }
}

/** A text within a statement that takes no parameters, whatever it holds. */
function literal(text: string): string {
  return `unhex('${Buffer.from(text.toWellFormed()).toString('hex')}')`
}
