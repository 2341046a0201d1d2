import { graphql } from '@vedette/client'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { count } from '../../format/quantity.ts'
import { ago, until } from '../../format/time.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'

const fields = graphql(`
  fragment AllowFields on AllowEntry {
    id
    type
    value
    owner
    reason
    added_at
    expires_at
    hits
    last_hit
  }
`)

const allowList = graphql(
  `
    query AllowList {
      allow_entries {
        ...AllowFields
      }
    }
  `,
  [fields],
)

const addEntry = graphql(
  `
    mutation AddAllowEntry(
      $type: String
      $value: String!
      $reason: String!
      $owner: String
      $expires_at: DateTime
    ) {
      addAllowEntry(type: $type, value: $value, reason: $reason, owner: $owner, expires_at: $expires_at) {
        ...AllowFields
      }
    }
  `,
  [fields],
)

const removeEntry = graphql(
  `
    mutation RemoveAllowEntry($id: ID!) {
      removeAllowEntry(id: $id) {
        ...AllowFields
      }
    }
  `,
  [fields],
)

export async function list(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const { allow_entries: entries } = await client.query(allowList)
  if (invocation.json) return printJson(invocation, entries)
  if (entries.length === 0) return printLine(invocation, 'Nothing is allowed.')
  const { style, clock } = invocation
  const now = clock.now()
  printTable(
    invocation,
    [
      { title: 'ID', align: 'right' },
      { title: 'TYPE' },
      { title: 'VALUE' },
      { title: 'OWNER' },
      { title: 'ENDS' },
      { title: 'HELD', align: 'right' },
      { title: 'REASON', flexible: true },
    ],
    entries.map((entry) => [
      entry.id,
      entry.type,
      safe(entry.value, 120),
      safe(entry.owner, 40),
      ending(entry.expires_at, now, style.warn),
      entry.last_hit === null ? 'never' : `${count(entry.hits)}, ${ago(Date.parse(entry.last_hit), now)}`,
      safe(entry.reason, 300),
    ]),
  )
}

function ending(expires: string | null, now: number, warn: (text: string) => string): string {
  if (expires === null) return 'never'
  return Date.parse(expires) <= now ? warn('ended') : expires.slice(0, 10)
}

export interface AddOptions {
  readonly type?: string
  readonly reason: string
  readonly owner?: string
  readonly until?: string
}

export async function add(invocation: Invocation, options: AddOptions, value: string): Promise<void> {
  using client = connect(invocation.paths)
  const { type, reason, owner } = options
  const expires =
    options.until === undefined
      ? undefined
      : new Date(until(options.until, invocation.clock.now())).toISOString()
  const { addAllowEntry: entry } = await client.mutate(addEntry, {
    value,
    reason,
    ...(type !== undefined && { type }),
    ...(owner !== undefined && { owner }),
    ...(expires !== undefined && { expires_at: expires }),
  })
  if (invocation.json) return printJson(invocation, entry)
  const end =
    entry.expires_at === null ? 'without an end' : `until ${entry.expires_at.slice(0, 16).replace('T', ' ')}Z`
  printLine(
    invocation,
    `Allowed ${safe(entry.value)} (${entry.type}) ${end}; ${safe(entry.owner)} answers for it.`,
  )
}

export async function remove(invocation: Invocation, _options: object, id: string): Promise<void> {
  using client = connect(invocation.paths)
  const { removeAllowEntry: entry } = await client.mutate(removeEntry, { id })
  if (invocation.json) return printJson(invocation, entry)
  printLine(invocation, `${safe(entry.value)} is allowed no more; it held ${count(entry.hits)} times.`)
}
