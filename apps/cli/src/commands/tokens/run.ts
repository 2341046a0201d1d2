import { graphql } from '@vedette/client'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { ago, until } from '../../format/time.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'

const fields = graphql(`
  fragment ApiKeyFields on ApiKey {
    id
    name
    tenant
    role
    operations
    made_by
    created_at
    expires_at
    last_used_at
  }
`)

const keyList = graphql(
  `
    query ApiKeyList {
      api_keys {
        ...ApiKeyFields
      }
      tenants {
        id
        name
      }
    }
  `,
  [fields],
)

const createKey = graphql(
  `
    mutation CreateApiKey(
      $name: String!
      $role: String!
      $tenant: String
      $operations: [String!]
      $expires_at: DateTime
    ) {
      createApiKey(
        name: $name
        role: $role
        tenant: $tenant
        operations: $operations
        expires_at: $expires_at
      ) {
        key {
          ...ApiKeyFields
        }
        token
      }
    }
  `,
  [fields],
)

const revokeKey = graphql(
  `
    mutation RevokeApiKey($key: String!) {
      revokeApiKey(key: $key) {
        ...ApiKeyFields
      }
    }
  `,
  [fields],
)

export async function list(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const { api_keys: keys, tenants } = await client.query(keyList)
  if (invocation.json) return printJson(invocation, keys)
  if (keys.length === 0) return printLine(invocation, 'There are no API keys.')
  const names = new Map(tenants.map(({ id, name }) => [id, name]))
  const now = invocation.clock.now()
  const { style } = invocation
  printTable(
    invocation,
    [
      { title: 'NAME' },
      { title: 'ROLE' },
      { title: 'TENANT' },
      { title: 'ONLY FOR', flexible: true },
      { title: 'MADE BY' },
      { title: 'LAST USED' },
      { title: 'ENDS' },
    ],
    keys.map((key) => [
      safe(key.name, 64),
      key.role,
      safe(names.get(key.tenant) ?? key.tenant, 64),
      key.operations === null
        ? 'all that the role may'
        : key.operations.map((each) => safe(each, 64)).join(', '),
      safe(key.made_by, 64),
      key.last_used_at === null ? 'never' : ago(Date.parse(key.last_used_at), now),
      ending(key.expires_at, now, style.warn),
    ]),
  )
}

function ending(expires: string | null, now: number, warn: (text: string) => string): string {
  if (expires === null) return 'never'
  return Date.parse(expires) <= now ? warn('ended') : expires.slice(0, 10)
}

export interface CreateOptions {
  readonly role: string
  readonly tenant?: string
  readonly only?: string[]
  readonly until: string
}

export async function create(invocation: Invocation, options: CreateOptions, name: string): Promise<void> {
  const { role, tenant, only } = options
  const expiresAt = new Date(until(options.until, invocation.clock.now())).toISOString()
  using client = connect(invocation.paths)
  const { createApiKey: made } = await client.mutate(createKey, {
    name,
    role,
    expires_at: expiresAt,
    ...(tenant !== undefined && { tenant }),
    ...(only && { operations: only }),
  })
  if (invocation.json) return printJson(invocation, made)
  printLine(invocation, made.token)
  printLine(
    invocation,
    `This is the key ${safe(made.key.name)} (${role}, until ${expiresAt.slice(0, 10)}). It is not shown again.`,
  )
}

export async function revoke(invocation: Invocation, _options: object, key: string): Promise<void> {
  using client = connect(invocation.paths)
  const { revokeApiKey: gone } = await client.mutate(revokeKey, { key })
  if (invocation.json) return printJson(invocation, gone)
  printLine(invocation, `The key ${safe(gone.name)} is of no use any more.`)
}
