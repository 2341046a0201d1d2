import { readFile } from 'node:fs/promises'
import { graphql } from '@vedette/client'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { exitCodes } from '../../exit-codes.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'

const fields = graphql(`
  fragment ProviderFields on IdentityProvider {
    name
    issuer
    client_id
    has_secret
    role_claim
    roles {
      value
      tenant
      role
    }
  }
`)

const providerList = graphql(
  `
    query ProviderList {
      identity_providers {
        ...ProviderFields
      }
      tenants {
        id
        name
      }
    }
  `,
  [fields],
)

const setProvider = graphql(
  `
    mutation SetProvider(
      $name: String!
      $issuer: String!
      $client_id: String!
      $client_secret: String
      $role_claim: String!
      $roles: [ProviderRoleInput!]!
    ) {
      setIdentityProvider(
        name: $name
        issuer: $issuer
        client_id: $client_id
        client_secret: $client_secret
        role_claim: $role_claim
        roles: $roles
      ) {
        ...ProviderFields
      }
    }
  `,
  [fields],
)

const removeProvider = graphql(`
  mutation RemoveProvider($name: String!) {
    removeIdentityProvider(name: $name) {
      name
    }
  }
`)

export async function list(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const { identity_providers: providers, tenants } = await client.query(providerList)
  if (invocation.json) return printJson(invocation, providers)
  if (providers.length === 0)
    return printLine(invocation, 'There are no identity providers: people have passwords.')
  const names = new Map(tenants.map(({ id, name }) => [id, name]))
  printTable(
    invocation,
    [{ title: 'NAME' }, { title: 'ISSUER' }, { title: 'SECRET' }, { title: 'ROLES', flexible: true }],
    providers.map((provider) => [
      safe(provider.name, 64),
      safe(provider.issuer, 500),
      provider.has_secret ? 'yes' : 'no',
      provider.roles
        .map(({ value, role, tenant }) => {
          const where = tenants.length < 2 ? '' : ` in ${safe(names.get(tenant) ?? tenant, 64)}`
          return `${safe(provider.role_claim, 100)} ${safe(value, 300)}: ${safe(role, 64)}${where}`
        })
        .join('; '),
    ]),
  )
}

export interface SetOptions {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecretFile?: string
  readonly claim: string
  readonly role: readonly string[]
}

export async function set(invocation: Invocation, options: SetOptions, name: string): Promise<void> {
  const roles = options.role.map(roleOf)
  const secret = options.clientSecretFile === undefined ? undefined : await secretIn(options.clientSecretFile)
  using client = connect(invocation.paths)
  const { setIdentityProvider: provider } = await client.mutate(setProvider, {
    name,
    issuer: options.issuer,
    client_id: options.clientId,
    role_claim: options.claim,
    roles,
    ...(secret !== undefined && { client_secret: secret }),
  })
  if (invocation.json) return printJson(invocation, provider)
  printLine(invocation, `${safe(provider.name)} proves people now.`)
  printLine(
    invocation,
    'There it needs this address to send them back to: <address of the console>/auth/provider/callback',
  )
}

export async function remove(invocation: Invocation, _options: object, name: string): Promise<void> {
  using client = connect(invocation.paths)
  const { removeIdentityProvider: provider } = await client.mutate(removeProvider, { name })
  if (invocation.json) return printJson(invocation, provider)
  printLine(invocation, `${safe(provider.name)} proves nobody any more.`)
}

/** `soc=analyst@harbour`; a value may hold `=` and `@`. */
function roleOf(text: string): { value: string; role: string; tenant?: string } {
  const found = /^(.+)=([a-z][a-z0-9-]*)(?:@(.+))?$/.exec(text)
  const [, value, role, tenant] = found ?? []
  if (value === undefined || role === undefined) {
    throw new CliError(
      'bad-input',
      exitCodes.usage,
      `Cannot read the role ${safe(text, 200)}`,
      'Write value=role, or value=role@tenant',
    )
  }
  return { value, role, ...(tenant !== undefined && { tenant }) }
}

async function secretIn(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trimEnd()
  } catch (error) {
    throw new CliError('unreadable', exitCodes.usage, `Cannot read ${safe(file, 4096)}: ${String(error)}`)
  }
}
