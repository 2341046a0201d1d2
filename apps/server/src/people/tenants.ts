import { randomUUID } from 'node:crypto'
import type { TenantId } from '@vedette/model'
import type { Tenant } from '@vedette/store'
import { PublicError } from '../access/public-error.ts'
import { FIRST_TENANT, type Manager, peopleOf, tenantNamed } from './manager.ts'
import { checkedName } from './names.ts'
import { unlessRefused } from './refusals.ts'

/** A tenant, and whether it is the one with which the organisation began. */
export interface ListedTenant {
  readonly id: TenantId
  readonly name: string
  readonly createdAt?: number
}

/** The first one first, then by name. */
export async function listTenants(manager: Manager): Promise<ListedTenant[]> {
  return [
    { id: manager.viewer.organisation, name: FIRST_TENANT },
    ...(await peopleOf(manager).tenants.list()),
  ]
}

export async function addTenant(manager: Manager, text: string): Promise<Tenant> {
  const { services, viewer } = manager
  const people = peopleOf(manager)
  const name = tenantName(text)
  const id = randomUUID() as TenantId
  const act = { actor: viewer.name, action: 'tenant.add', target: `tenant ${name}`, detail: { id } }
  return services.audited.act(act, () =>
    unlessRefused(() => people.tenants.create({ id, name }, services.clock.now())),
  )
}

export async function renameTenant(manager: Manager, nameOrId: string, text: string): Promise<ListedTenant> {
  const { services, viewer } = manager
  const people = peopleOf(manager)
  const id = await tenantNamed(manager, nameOrId)
  const name = tenantName(text)
  if (id === viewer.organisation) throw new PublicError('bad-input', 'The first tenant keeps its name')
  const act = {
    actor: viewer.name,
    action: 'tenant.rename',
    target: `tenant ${nameOrId}`,
    detail: { id, name },
  }
  await services.audited.act(act, () => unlessRefused(() => people.tenants.rename(id, name)))
  return { id, name }
}

function tenantName(text: string): string {
  const name = checkedName(text)
  if (name.toLowerCase() === FIRST_TENANT) {
    throw new PublicError(
      'name-refused',
      `Choose another name: ${FIRST_TENANT} is what the first tenant is called`,
    )
  }
  return name
}
