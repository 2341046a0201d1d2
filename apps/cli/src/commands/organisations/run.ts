import { graphql } from '@vedette/client'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'

const organisationList = graphql(`
  query OrganisationList {
    organisations {
      id
      name
      created_at
    }
  }
`)

const addOrganisation = graphql(`
  mutation AddOrganisation($name: String!, $admin: String!) {
    addOrganisation(name: $name, admin: $admin) {
      organisation {
        id
        name
      }
      sign_in_name
      password
    }
  }
`)

export async function list(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const { organisations } = await client.query(organisationList)
  if (invocation.json) return printJson(invocation, organisations)
  if (organisations.length === 0) return printLine(invocation, 'There is the first organisation alone.')
  printTable(
    invocation,
    [{ title: 'NAME', flexible: true }, { title: 'FOUNDED' }, { title: 'ID OF ITS FIRST TENANT' }],
    organisations.map(({ id, name, created_at: founded }) => [safe(name, 64), founded.slice(0, 10), id]),
  )
}

export async function add(
  invocation: Invocation,
  { admin }: { readonly admin: string },
  name: string,
): Promise<void> {
  using client = connect(invocation.paths)
  const { addOrganisation: made } = await client.mutate(addOrganisation, { name, admin })
  if (invocation.json) return printJson(invocation, made)
  printLine(invocation, `${safe(made.organisation.name)} is an organisation now (${made.organisation.id}).`)
  printLine(invocation, `Its admin signs in as ${safe(made.sign_in_name, 129)}.`)
  printLine(invocation, `Their password until the first sign-in: ${made.password}`)
  printLine(invocation, 'It is not shown again.')
}
