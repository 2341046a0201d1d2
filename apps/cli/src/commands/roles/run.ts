import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { graphql } from '@vedette/client'
import { roleChoices } from '../../choices.ts'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { ago } from '../../format/time.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'

const roleList = graphql(`
  query CustomRoleList {
    custom_roles {
      name
      tenant
      description
      policies
      updated_at
      updated_by
    }
    tenants {
      id
      name
    }
  }
`)

const setRole = graphql(`
  mutation SetCustomRole($name: String!, $policies: String!, $description: String, $tenant: String) {
    setCustomRole(name: $name, policies: $policies, description: $description, tenant: $tenant) {
      name
      tenant
      updated_at
    }
  }
`)

const removeRole = graphql(`
  mutation RemoveCustomRole($name: String!, $tenant: String) {
    removeCustomRole(name: $name, tenant: $tenant) {
      name
      tenant
    }
  }
`)

const testRole = graphql(`
  query TestRole($role: String!, $operation: String!, $tenant: String) {
    test_role(role: $role, operation: $operation, tenant: $tenant) {
      allowed
      policies
    }
  }
`)

/** What the roles of the house are for. */
const OF_THE_HOUSE: Readonly<Record<string, string>> = {
  viewer: 'reads',
  analyst: 'works alerts and incidents',
  responder: 'works cases and acts on hosts',
  engineer: 'decides what is detected',
  admin: 'may do everything',
  auditor: 'reads, also the audit log and who the others are',
}

interface InTenant {
  readonly tenant?: string
}

export async function list(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const { custom_roles: own, tenants } = await client.query(roleList)
  if (invocation.json) {
    const house = roleChoices.map((name) => ({ name, description: OF_THE_HOUSE[name] ?? '' }))
    return printJson(invocation, { house, own })
  }
  const names = new Map(tenants.map(({ id, name }) => [id, name]))
  const now = invocation.clock.now()
  printTable(
    invocation,
    [{ title: 'ROLE' }, { title: 'TENANT' }, { title: 'FOR', flexible: true }, { title: 'CHANGED' }],
    [
      ...roleChoices.map((name) => [name, 'all', OF_THE_HOUSE[name] ?? '', '']),
      ...own.map((role) => [
        safe(role.name, 64),
        safe(names.get(role.tenant) ?? role.tenant, 64),
        safe(role.description, 500),
        `${ago(Date.parse(role.updated_at), now)} by ${safe(role.updated_by, 64)}`,
      ]),
    ],
  )
}

export async function show(invocation: Invocation, options: InTenant, name: string): Promise<void> {
  using client = connect(invocation.paths)
  const { custom_roles: own, tenants } = await client.query(roleList)
  const named = options.tenant?.toLowerCase()
  const tenant =
    named === undefined
      ? tenants[0]
      : tenants.find((each) => each.id === options.tenant || each.name.toLowerCase() === named)
  const role = own.find((each) => each.name === name && each.tenant === tenant?.id)
  if (!role) {
    const hint = roleChoices.includes(name)
      ? "It is a role of the house: 'vedette roles test' tells what it may do"
      : "'vedette roles list' tells which there are"
    throw new CliError(
      'not-found',
      exitCodes.notFound,
      `There is no role ${safe(name, 64)} of that tenant's own`,
      hint,
    )
  }
  if (invocation.json) return printJson(invocation, role)
  for (const line of role.policies.replace(/\n$/, '').split('\n')) printLine(invocation, safe(line, 4096))
}

export async function set(
  invocation: Invocation,
  options: InTenant & { readonly description?: string },
  name: string,
  file: string,
): Promise<void> {
  const policies = await policiesIn(file)
  using client = connect(invocation.paths)
  const { setCustomRole: role } = await client.mutate(setRole, { name, policies, ...options })
  if (invocation.json) return printJson(invocation, role)
  printLine(invocation, `${safe(role.name)} is in force.`)
}

export async function remove(invocation: Invocation, options: InTenant, name: string): Promise<void> {
  using client = connect(invocation.paths)
  const { removeCustomRole: role } = await client.mutate(removeRole, { name, ...options })
  if (invocation.json) return printJson(invocation, role)
  printLine(invocation, `${safe(role.name)} is gone.`)
}

export async function test(
  invocation: Invocation,
  options: InTenant,
  role: string,
  operations: readonly string[],
): Promise<ExitCode> {
  using client = connect(invocation.paths)
  const decisions = []
  for (const operation of operations) {
    const { test_role: decision } = await client.query(testRole, { role, operation, ...options })
    decisions.push({ operation, ...decision })
  }
  if (invocation.json) printJson(invocation, decisions)
  else {
    const { style } = invocation
    printTable(
      invocation,
      [{ title: 'OPERATION' }, { title: 'DECISION' }, { title: 'BY', flexible: true }],
      decisions.map(({ operation, allowed, policies }) => [
        safe(operation, 100),
        allowed ? 'allowed' : style.warn('denied'),
        roleChoices.includes(role)
          ? 'the table of the house'
          : policies.length === 0
            ? 'no policy'
            : policies.map((number) => `policy ${number}`).join(', '),
      ]),
    )
  }
  return decisions.every(({ allowed }) => allowed) ? exitCodes.ok : exitCodes.refused
}

async function policiesIn(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8')
  } catch (error) {
    throw new CliError('unreadable', exitCodes.usage, `Cannot read ${safe(file, 4096)}: ${String(error)}`)
  }
}
