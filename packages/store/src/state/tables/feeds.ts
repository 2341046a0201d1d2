import type { Feed, FeedSettings, FeedState, TenantId } from '@vedette/model'
import { type Selectable, sql } from 'kysely'
import type { Database } from '../database.ts'
import type { Feeds } from '../indicators.ts'
import { type ColumnSeal, feedSettings } from '../sealed-columns.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'

const MAX_FEEDS = 1000
const NEW: FeedState = { indicators: 0, malformed: 0, leftOut: 0, failures: 0 }

export function feeds(tenant: TenantId, scope: TenantScope, seal: ColumnSeal): Feeds {
  const fromRow = (row: Selectable<Database['feeds']>): Feed => ({
    settings: JSON.parse(seal.open(feedSettings, row.name, row.settings)) as FeedSettings,
    state: row.state,
    configured: row.configured,
    addedAt: row.added_at,
  })

  return {
    list() {
      return scope('list feeds', async (trx) => {
        const rows = await trx.selectFrom('feeds').selectAll().orderBy('name').limit(MAX_FEEDS).execute()
        return rows.map(fromRow)
      })
    },

    get(name) {
      return scope('read a feed', async (trx) => {
        const row = await trx.selectFrom('feeds').selectAll().where('name', '=', name).executeTakeFirst()
        return row && fromRow(row)
      })
    },

    put(settings, configured, now) {
      return scope('keep a feed', async (trx) => {
        const row = await trx
          .insertInto('feeds')
          .values({
            tenant,
            name: settings.name,
            settings: JSON.stringify(seal.seal(feedSettings, settings.name, JSON.stringify(settings))),
            state: JSON.stringify(NEW),
            configured,
            added_at: toTimestamp(now),
          })
          .onConflict((conflict) =>
            conflict
              .columns(['tenant', 'name'])
              .doUpdateSet({ settings: sql`excluded.settings`, configured: sql`excluded.configured` }),
          )
          .returningAll()
          .executeTakeFirstOrThrow()
        return fromRow(row)
      })
    },

    remove(name) {
      return scope('remove a feed', async (trx) => {
        const row = await trx.deleteFrom('feeds').where('name', '=', name).returningAll().executeTakeFirst()
        return row && fromRow(row)
      })
    },

    async setState(name, state) {
      await scope('keep the state of a feed', (trx) =>
        trx
          .updateTable('feeds')
          .set({ state: JSON.stringify(state) })
          .where('name', '=', name)
          .execute(),
      )
    },

    versions(name) {
      return scope('list versions of a feed', async (trx) => {
        const rows = await trx
          .selectFrom('feed_versions')
          .select(['number', 'fetched_at', 'sha256', 'size_bytes', 'indicators'])
          .where('feed', '=', name)
          .orderBy('number', 'desc')
          .execute()
        return rows.map((row) => ({
          number: row.number,
          fetchedAt: row.fetched_at,
          sha256: row.sha256,
          sizeBytes: row.size_bytes,
          indicators: row.indicators,
        }))
      })
    },

    addVersion(name, { fetchedAt, sha256, sizeBytes, indicators }, content, keep) {
      return scope('keep a version of a feed', async (trx) => {
        const { number } = await trx
          .insertInto('feed_versions')
          .values({
            tenant,
            feed: name,
            fetched_at: toTimestamp(fetchedAt),
            sha256,
            size_bytes: sizeBytes,
            indicators,
            content: Buffer.from(content),
          })
          .returning('number')
          .executeTakeFirstOrThrow()
        await sql`
          DELETE FROM feed_versions WHERE feed = ${name} AND number NOT IN (
            SELECT number FROM feed_versions WHERE feed = ${name} ORDER BY number DESC LIMIT ${keep})`.execute(
          trx,
        )
        return number
      })
    },

    content(name, number) {
      return scope('read a version of a feed', async (trx) => {
        const row = await trx
          .selectFrom('feed_versions')
          .select('content')
          .where('feed', '=', name)
          .where('number', '=', number)
          .executeTakeFirst()
        return row?.content
      })
    },
  }
}
