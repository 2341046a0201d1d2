import type { Indicator, IndicatorFacts, TenantId } from '@vedette/model'
import { type Selectable, sql, type Transaction } from 'kysely'
import { boundsOf } from '../../events/filter.ts'
import type { Database } from '../database.ts'
import type {
  IndicatorChange,
  IndicatorFilter,
  IndicatorKey,
  IndicatorPlan,
  Indicators,
  MatchedRow,
  PutMode,
  SeenCount,
} from '../indicators.ts'
import { containing, storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'

/** Rows of one statement. */
const CHUNK = 5000
const MOST_EXAMPLES = 1000

type Row = Selectable<Database['indicators']>

export function indicators(tenant: TenantId, scope: TenantScope): Indicators {
  return {
    list(filter, page) {
      const { limit, offset } = boundsOf(page)
      return scope('list indicators', async (trx) => {
        const rows = await matching(trx, filter)
          .selectAll()
          .orderBy('number', 'desc')
          .limit(limit)
          .offset(offset)
          .execute()
        return rows.map(fromRow)
      })
    },

    count(filter) {
      return scope('count indicators', async (trx) => {
        const row = await matching(trx, filter)
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow()
        return row.count
      })
    },

    get(number) {
      return scope('read an indicator', async (trx) => {
        const row = await trx
          .selectFrom('indicators')
          .selectAll()
          .where('number', '=', number)
          .executeTakeFirst()
        return row && fromRow(row)
      })
    },

    sources() {
      return scope('count the sources of indicators', async (trx) => {
        const rows = await trx
          .selectFrom('indicators')
          .select([
            'source',
            sql<number>`count(*)`.as('indicators'),
            sql<number>`count(*) FILTER (WHERE sightings > 0)`.as('sighted'),
            sql<number>`max(added_at)`.as('newest'),
          ])
          .groupBy('source')
          .orderBy('source')
          .execute()
        return rows.map(({ source, indicators: count, sighted, newest }) => ({
          source,
          indicators: count,
          sighted: sighted,
          newest,
        }))
      })
    },

    async *each(filter) {
      let after = 0
      for (;;) {
        const rows = await scope('read indicators', (trx) =>
          matching(trx, filter)
            .selectAll()
            .where('number', '>', after)
            .orderBy('number')
            .limit(CHUNK)
            .execute(),
        )
        if (rows.length > 0) yield rows.map(fromRow)
        if (rows.length < CHUNK) return
        after = rows.at(-1)?.number ?? after
      }
    },

    async *matched(now) {
      let after = 0
      // Lists are nearly always the same few texts: each is read once.
      const lists = new Map<string, readonly string[]>()
      for (;;) {
        const { rows } = await scope('read indicators', (trx) => matchedRows(trx, after, now))
        if (rows.length > 0) yield rows.map((row) => matchedRow(row, lists))
        if (rows.length < MATCHED_CHUNK) return
        after = rows.at(-1)?.number ?? after
      }
    },

    plan(source, given, mode) {
      return scope('compare indicators', async (trx) => planOf(await compare(trx, source, given, mode)))
    },

    put(source, given, mode, now) {
      return scope('keep indicators', async (trx) => {
        await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`indicators ${tenant} ${source}`}, 0))`.execute(
          trx,
        )
        const compared = await compare(trx, source, given, mode)
        const put: IndicatorChange['put'][number][] = []
        for (const chunk of chunks(compared.toAdd))
          put.push(...(await insert(trx, tenant, source, chunk, now)))
        for (const chunk of chunks(compared.toChange)) {
          await change(trx, chunk)
          put.push(...chunk)
        }
        for (const chunk of chunks(compared.toRemove))
          await removeNumbers(
            trx,
            chunk.map(({ number }) => number),
          )
        return { ...planOf(compared), put, taken: compared.toRemove }
      })
    },

    remove(numbers) {
      return scope('remove indicators', (trx) => removeNumbers(trx, numbers))
    },

    async sighted(seen) {
      if (seen.length === 0) return
      await scope('count sightings', async (trx) => {
        for (const chunk of chunks(seen)) await countSeen(trx, chunk)
      })
    },
  }
}

function matching(
  trx: Transaction<Database>,
  { type, source, severity, tlp, search, sighted, before }: IndicatorFilter,
) {
  let query = trx.selectFrom('indicators')
  if (type !== undefined) query = query.where('type', '=', type)
  if (source !== undefined) query = query.where('source', '=', storable(source, 1000))
  if (severity !== undefined) query = query.where('severity', '=', severity)
  if (tlp !== undefined) query = query.where('tlp', '=', tlp)
  if (before !== undefined) query = query.where('number', '<', before)
  if (sighted !== undefined) query = query.where('sightings', sighted ? '>' : '=', 0)
  if (search !== undefined && search !== '') {
    const pattern = containing(search)
    query = query.where((eb) =>
      eb.or([
        eb('value', 'ilike', pattern),
        eb('description', 'ilike', pattern),
        eb(sql<string>`tags::text`, 'ilike', pattern),
      ]),
    )
  }
  return query
}

const MATCHED_CHUNK = 2000
const MOST_LISTS = 10_000

interface RawMatched extends Pick<
  Row,
  'number' | 'type' | 'value' | 'source' | 'confidence' | 'severity' | 'tlp'
> {
  readonly from_s: number
  readonly until_s: number | null
  readonly tags: string
  readonly techniques: string
}

/** Times as seconds, lists as text: a million rows are read at every start. */
function matchedRows(trx: Transaction<Database>, after: number, now: number) {
  return sql<RawMatched>`
    SELECT number, type, value, source, confidence, severity, tlp, extract(epoch FROM valid_from)::float8 AS from_s,
      extract(epoch FROM valid_until)::float8 AS until_s, tags::text AS tags, techniques::text AS techniques
    FROM indicators WHERE number > ${after} AND (valid_until IS NULL OR valid_until > ${toTimestamp(now)}::timestamptz)
    ORDER BY number LIMIT ${MATCHED_CHUNK}`.execute(trx)
}

function matchedRow(row: RawMatched, lists: Map<string, readonly string[]>): MatchedRow {
  const { number, type, value, source, confidence, severity, tlp, from_s: from, until_s: until } = row
  const list = (text: string): readonly string[] => {
    const known = lists.get(text)
    if (known) return known
    const read = JSON.parse(text) as string[]
    if (lists.size < MOST_LISTS) lists.set(text, read)
    return read
  }
  return {
    number,
    type,
    value,
    source,
    confidence,
    severity,
    tlp,
    validFrom: from * 1000,
    ...(until !== null && { validUntil: until * 1000 }),
    tags: list(row.tags),
    techniques: list(row.techniques),
  }
}

interface Compared extends IndicatorPlan {
  readonly toAdd: readonly IndicatorFacts[]
  readonly toChange: readonly (IndicatorFacts & { readonly number: number })[]
  readonly toRemove: readonly (IndicatorKey & { readonly number: number })[]
}

/** What stands in the store of a source, against what it says now. */
async function compare(
  trx: Transaction<Database>,
  source: string,
  given: readonly IndicatorFacts[],
  mode: PutMode,
): Promise<Compared> {
  const toAdd: IndicatorFacts[] = []
  const toChange: (IndicatorFacts & { number: number })[] = []
  for (const chunk of chunks(given)) {
    const known = await knownOf(trx, source, chunk)
    for (const facts of chunk) {
      const before = known.get(keyOf(facts))
      if (before === undefined) toAdd.push(facts)
      else {
        const after = merged(before, facts)
        if (after) toChange.push({ ...after, number: before.number })
      }
    }
  }
  const toRemove = mode === 'replace' ? await missing(trx, source, given) : []
  return {
    added: toAdd.length,
    changed: toChange.length,
    unchanged: given.length - toAdd.length - toChange.length,
    removed: toRemove.length,
    examples: {
      added: toAdd.slice(0, MOST_EXAMPLES).map(({ type, value }) => ({ type, value })),
      removed: toRemove.slice(0, MOST_EXAMPLES).map(({ type, value }) => ({ type, value })),
    },
    toAdd,
    toChange,
    toRemove,
  }
}

function planOf({ added, changed, unchanged, removed, examples }: IndicatorPlan): IndicatorPlan {
  return { added, changed, unchanged, removed, examples }
}

async function knownOf(
  trx: Transaction<Database>,
  source: string,
  chunk: readonly IndicatorKey[],
): Promise<ReadonlyMap<string, Indicator>> {
  const asked = sql`unnest(${chunk.map(({ type }) => type)}::text[], ${chunk.map(({ value }) => value)}::text[])`
  const rows = await trx
    .selectFrom('indicators')
    .selectAll()
    .where('source', '=', source)
    .where(sql<boolean>`(type, value) IN (SELECT * FROM ${asked})`)
    .execute()
  return new Map(rows.map((row) => [keyOf(row), fromRow(row)]))
}

/** What the source said before and says no more. */
async function missing(
  trx: Transaction<Database>,
  source: string,
  given: readonly IndicatorKey[],
): Promise<(IndicatorKey & { number: number })[]> {
  const said = new Set(given.map(keyOf))
  const gone: (IndicatorKey & { number: number })[] = []
  let after = 0
  for (;;) {
    const rows = await trx
      .selectFrom('indicators')
      .select(['number', 'type', 'value'])
      .where('source', '=', source)
      .where('number', '>', after)
      .orderBy('number')
      .limit(CHUNK)
      .execute()
    for (const { number, type, value } of rows) {
      if (!said.has(keyOf({ type, value }))) gone.push({ number: number, type, value })
    }
    if (rows.length < CHUNK) return gone
    after = rows.at(-1)?.number ?? after
  }
}

/** The facts that hold from now on; undefined where nothing changes. */
function merged(before: Indicator, facts: IndicatorFacts): IndicatorFacts | undefined {
  // A source that tells no beginning tells the time of the import: the first one counts.
  const validFrom = Math.min(before.validFrom, facts.validFrom)
  const after = { ...facts, validFrom }
  return seconds(before) === seconds(after) ? undefined : after
}

/** All that may change, as one text; times in the whole seconds that count. */
function seconds(facts: IndicatorFacts): string {
  const { confidence, severity, tlp, validFrom, validUntil, description, tags, techniques } = facts
  return JSON.stringify([
    confidence,
    severity,
    tlp,
    Math.floor(validFrom / 1000),
    validUntil === undefined ? null : Math.ceil(validUntil / 1000),
    description === undefined ? null : storable(description),
    tags,
    techniques,
  ])
}

async function insert(
  trx: Transaction<Database>,
  tenant: TenantId,
  source: string,
  chunk: readonly IndicatorFacts[],
  now: number,
): Promise<(IndicatorFacts & { number: number })[]> {
  const { rows } = await sql<{ number: number; type: string; value: string }>`
    INSERT INTO indicators (tenant, source, added_at, type, value, confidence, severity, tlp, valid_from, valid_until,
      description, tags, techniques)
    SELECT ${tenant}, ${source}, ${toTimestamp(now)}::timestamptz, * FROM unnest(${columnsOf(chunk)})
    RETURNING number, type, value`.execute(trx)
  const numbers = new Map(rows.map(({ number, type, value }) => [`${type} ${value}`, number]))
  return chunk.map((facts) => ({ ...facts, number: numbers.get(keyOf(facts)) ?? 0 }))
}

async function change(
  trx: Transaction<Database>,
  chunk: readonly (IndicatorFacts & { readonly number: number })[],
): Promise<void> {
  await sql`
    UPDATE indicators SET confidence = c.confidence, severity = c.severity, tlp = c.tlp, valid_from = c.valid_from,
      valid_until = c.valid_until, description = c.description, tags = c.tags, techniques = c.techniques
    FROM unnest(${chunk.map(({ number }) => number)}::bigint[], ${columnsOf(chunk)}) AS c(number, ${COLUMNS})
    WHERE indicators.number = c.number`.execute(trx)
}

const COLUMNS = sql`type, value, confidence, severity, tlp, valid_from, valid_until, description, tags, techniques`

/** One array a column, for \`unnest\`. */
function columnsOf(chunk: readonly IndicatorFacts[]) {
  return sql`
    ${chunk.map(({ type }) => type)}::text[],
    ${chunk.map(({ value }) => value)}::text[],
    ${chunk.map(({ confidence }) => confidence)}::smallint[],
    ${chunk.map(({ severity }) => severity)}::text[],
    ${chunk.map(({ tlp }) => tlp)}::text[],
    ${chunk.map(({ validFrom }) => toTimestamp(validFrom))}::timestamptz[],
    ${chunk.map(({ validUntil }) => (validUntil === undefined ? null : toTimestamp(validUntil)))}::timestamptz[],
    ${chunk.map(({ description }) => (description === undefined ? null : storable(description)))}::text[],
    ${chunk.map(({ tags }) => JSON.stringify(tags))}::json[],
    ${chunk.map(({ techniques }) => JSON.stringify(techniques))}::json[]`
}

async function removeNumbers(
  trx: Transaction<Database>,
  numbers: readonly number[],
): Promise<(IndicatorKey & { readonly number: number })[]> {
  const taken: (IndicatorKey & { readonly number: number })[] = []
  for (const chunk of chunks(numbers)) {
    const { rows } = await sql<IndicatorKey & { number: number }>`
      DELETE FROM indicators WHERE number = ANY(${chunk}::bigint[]) RETURNING number, type, value`.execute(
      trx,
    )
    taken.push(...rows.map(({ type, value, number }) => ({ type, value, number: number })))
  }
  return taken
}

async function countSeen(trx: Transaction<Database>, seen: readonly SeenCount[]): Promise<void> {
  await sql`
    UPDATE indicators SET sightings = sightings + c.count,
      first_sighted = LEAST(first_sighted, c.first), last_sighted = GREATEST(last_sighted, c.last)
    FROM unnest(${seen.map(({ number }) => number)}::bigint[], ${seen.map(({ count }) => count)}::bigint[],
      ${seen.map(({ first }) => toTimestamp(first))}::timestamptz[],
      ${seen.map(({ last }) => toTimestamp(last))}::timestamptz[]) AS c(number, count, first, last)
    WHERE indicators.number = c.number`.execute(trx)
}

function* chunks<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += CHUNK) yield all.slice(from, from + CHUNK)
}

function keyOf({ type, value }: IndicatorKey): string {
  return `${type} ${value}`
}

function fromRow(row: Row): Indicator {
  const { number, type, value, source, confidence, severity, tlp, tags, techniques } = row
  return {
    number: number,
    type,
    value,
    source,
    confidence,
    severity,
    tlp,
    validFrom: row.valid_from,
    ...(row.valid_until !== null && { validUntil: row.valid_until }),
    ...(row.description !== null && { description: row.description }),
    tags,
    techniques,
    addedAt: row.added_at,
    sightings: {
      count: row.sightings,
      ...(row.first_sighted !== null && { first: row.first_sighted }),
      ...(row.last_sighted !== null && { last: row.last_sighted }),
    },
  }
}
