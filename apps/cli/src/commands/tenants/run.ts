import { graphql } from '@vedette/client'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'

const tenantList = graphql(`
  query TenantList {
    tenants {
      id
      name
      created_at
    }
  }
`)

const addTenant = graphql(`
  mutation AddTenant($name: String!) {
    addTenant(name: $name) {
      id
      name
      created_at
    }
  }
`)

const renameTenant = graphql(`
  mutation RenameTenant($tenant: String!, $name: String!) {
    renameTenant(tenant: $tenant, name: $name) {
      id
      name
    }
  }
`)

export async function list(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const { tenants } = await client.query(tenantList)
  if (invocation.json) return printJson(invocation, tenants)
  printTable(
    invocation,
    [{ title: 'NAME', flexible: true }, { title: 'ADDED' }, { title: 'ID' }],
    tenants.map(({ id, name, created_at: added }) => [
      safe(name, 64),
      added?.slice(0, 10) ?? 'from the start',
      id,
    ]),
  )
}

export async function add(invocation: Invocation, _options: object, name: string): Promise<void> {
  using client = connect(invocation.paths)
  const { addTenant: tenant } = await client.mutate(addTenant, { name })
  if (invocation.json) return printJson(invocation, tenant)
  printLine(invocation, `${safe(tenant.name)} is a tenant now (${tenant.id}); nobody has a role in it yet.`)
}

export async function rename(
  invocation: Invocation,
  _options: object,
  tenant: string,
  name: string,
): Promise<void> {
  using client = connect(invocation.paths)
  const { renameTenant: renamed } = await client.mutate(renameTenant, { tenant, name })
  if (invocation.json) return printJson(invocation, renamed)
  printLine(invocation, `${safe(tenant)} is called ${safe(renamed.name)} now.`)
}
