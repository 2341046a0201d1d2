import { createHash } from 'node:crypto'
import type { RulePack, RulePackSet, TenantId } from '@vedette/model'
import { sql, type Transaction } from 'kysely'
import type { Database } from '../database.ts'
import type { NewRulePack, RulePacks } from '../rules.ts'
import { storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'

/** Steps back that are kept. */
const MOST_SETS = 20

type Db = Transaction<Database>

export function rulePacks(tenant: TenantId, scope: TenantScope): RulePacks {
  return {
    history: () => scope('list installed rules', (trx) => sets(trx, MOST_SETS)),

    active() {
      return scope('read installed rules', async (trx) => {
        const [set] = await sets(trx, 1)
        const packs = set?.packs ?? []
        if (packs.length === 0) return []
        const rows = await trx
          .selectFrom('rule_pack_files as f')
          .innerJoin('rule_files as c', (join) => join.onRef('c.sha256', '=', 'f.sha256'))
          .select(['f.pack', 'f.path', 'c.content'])
          .where(
            'f.pack',
            'in',
            packs.map(({ number }) => number),
          )
          .orderBy('f.path')
          .execute()
        return packs.map((pack) => ({
          pack,
          files: rows
            .filter((row) => row.pack === pack.number)
            .map(({ path, content }) => ({ file: path, text: content.toString('utf8') })),
        }))
      })
    },

    install(pack, actor, now) {
      return scope('install rules', async (trx) => {
        await lock(trx, tenant)
        const number = await keep(trx, tenant, pack, actor, now)
        const [before] = await sets(trx, 1)
        const others = (before?.packs ?? []).filter(({ name }) => name !== pack.name)
        const packs = [...others.map((other) => other.number), number]
        return push(trx, tenant, packs, `install ${pack.name}`, actor, now)
      })
    },

    remove(name, actor, now) {
      return scope('remove installed rules', async (trx) => {
        await lock(trx, tenant)
        const [before] = await sets(trx, 1)
        if (!before?.packs.some((pack) => pack.name === name)) return undefined
        const packs = before.packs.filter((pack) => pack.name !== name).map(({ number }) => number)
        return push(trx, tenant, packs, `remove ${name}`, actor, now)
      })
    },

    undo() {
      return scope('go back to the rules before', async (trx) => {
        await lock(trx, tenant)
        const [last] = await sets(trx, 1)
        if (!last) return undefined
        await trx.deleteFrom('rule_pack_sets').where('number', '=', last.number).execute()
        await forget(trx)
        return last
      })
    },
  }
}

/** One change of a tenant at a time. */
async function lock(trx: Db, tenant: TenantId): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`rule packs of ${tenant}`}, 0))`.execute(trx)
}

/** The newest sets, with what their packs are. */
async function sets(trx: Db, limit: number): Promise<RulePackSet[]> {
  const rows = await trx
    .selectFrom('rule_pack_sets')
    .selectAll()
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()
  const numbers = [...new Set(rows.flatMap(({ packs }) => packs))]
  const packs = new Map((await readPacks(trx, numbers)).map((pack) => [pack.number, pack]))
  return rows.map((row) => ({
    number: row.number,
    time: row.time,
    actor: row.actor,
    action: row.action,
    packs: row.packs.flatMap((number) => packs.get(number) ?? []),
  }))
}

async function readPacks(trx: Db, numbers: readonly number[]): Promise<RulePack[]> {
  if (numbers.length === 0) return []
  const rows = await trx.selectFrom('rule_packs').selectAll().where('number', 'in', numbers).execute()
  const counts = await trx
    .selectFrom('rule_pack_files')
    .select((eb) => ['pack', eb.fn.countAll<number>().as('files')])
    .where('pack', 'in', numbers)
    .groupBy('pack')
    .execute()
  const files = new Map(counts.map((row) => [row.pack, row.files]))
  return rows.map(({ number, name, source, digest, rules, actor, added_at: addedAt }) => ({
    number,
    name,
    source,
    digest,
    rules,
    actor,
    addedAt,
    files: files.get(number) ?? 0,
  }))
}

async function keep(
  trx: Db,
  tenant: TenantId,
  pack: NewRulePack,
  actor: string,
  now: number,
): Promise<number> {
  const files = pack.files
    .map(({ file, text }) => {
      const content = Buffer.from(text, 'utf8')
      return { path: storable(file, 1000), content, sha256: sha256(content) }
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
  // Arrays of columns: thousands of rows would be more parameters than a statement may have.
  await sql`
    INSERT INTO rule_files (tenant, sha256, content)
    SELECT ${tenant}, c.sha256, c.content
    FROM unnest(${files.map((file) => file.sha256)}::text[], ${files.map((file) => file.content)}::bytea[])
      AS c(sha256, content)
    ON CONFLICT DO NOTHING`.execute(trx)
  const { number } = await trx
    .insertInto('rule_packs')
    .values({
      tenant,
      name: storable(pack.name, 200),
      source: storable(pack.source, 1000),
      digest: sha256(files.map((file) => `${file.sha256} ${file.path}\n`).join('')),
      rules: pack.rules,
      actor: storable(actor, 200),
      added_at: toTimestamp(now),
    })
    .returning('number')
    .executeTakeFirstOrThrow()
  await sql`
    INSERT INTO rule_pack_files (tenant, pack, path, sha256)
    SELECT ${tenant}, ${number}, f.path, f.sha256
    FROM unnest(${files.map((file) => file.path)}::text[], ${files.map((file) => file.sha256)}::text[])
      AS f(path, sha256)`.execute(trx)
  return number
}

async function push(
  trx: Db,
  tenant: TenantId,
  packs: readonly number[],
  action: string,
  actor: string,
  now: number,
): Promise<RulePackSet> {
  await trx
    .insertInto('rule_pack_sets')
    .values({
      tenant,
      time: toTimestamp(now),
      actor: storable(actor, 200),
      action: storable(action, 300),
      packs: JSON.stringify(packs),
    })
    .execute()
  await sql`
    DELETE FROM rule_pack_sets WHERE number NOT IN (
      SELECT number FROM rule_pack_sets ORDER BY number DESC LIMIT ${MOST_SETS})`.execute(trx)
  await forget(trx)
  const [set] = await sets(trx, 1)
  if (!set) throw new TypeError('the set that was just kept is not there')
  return set
}

/** Lets go of packs that no set has any more, and of texts that no pack has. */
async function forget(trx: Db): Promise<void> {
  await sql`
    DELETE FROM rule_packs WHERE number NOT IN (
      SELECT json_array_elements_text(packs)::bigint FROM rule_pack_sets)`.execute(trx)
  await sql`
    DELETE FROM rule_files f WHERE NOT EXISTS (
      SELECT FROM rule_pack_files p WHERE p.sha256 = f.sha256)`.execute(trx)
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
