import type { TenantId } from '@vedette/model'
import { type CustomRole, type RoleName, roles } from '@vedette/store'
import type { Decision } from '../access/custom-role.ts'
import { isBuiltIn, permissions } from '../access/permissions.ts'
import { PublicError } from '../access/public-error.ts'
import type { Services } from '../services.ts'
import { type Manager, peopleOf, tenantNamed } from './manager.ts'

const MOST_ROLES = 200

/** A role of a tenant's own. */
export type RoleOfTenant = CustomRole & { readonly tenant: TenantId }

/**
 * A role that there is in a tenant: one of the house, or one of its own.
 *
 * @throws {PublicError} `bad-input`
 */
export async function roleIn(services: Services, tenant: TenantId, text: string): Promise<RoleName> {
  if (isBuiltIn(text)) return text
  if ((await services.state.of(tenant).customRoles.get(text)) !== undefined) return text
  throw new PublicError(
    'bad-input',
    `role: expected one of ${roles.join(', ')}, or a role of that tenant's own`,
  )
}

/** Of all tenants of the organisation. */
export async function listRoles(manager: Manager): Promise<RoleOfTenant[]> {
  const tenants = [
    manager.viewer.organisation,
    ...(await peopleOf(manager).tenants.list()).map(({ id }) => id),
  ]
  const lists = await Promise.all(
    tenants.map(async (tenant) => {
      const own = await manager.services.state.of(tenant).customRoles.list()
      return own.map((role) => ({ ...role, tenant }))
    }),
  )
  return lists.flat()
}

/**
 * Makes a role, or changes what one allows: in force at the next request of whoever has it.
 *
 * @throws {PublicError} `role-refused` with line and column, `name-refused`
 */
export async function setRole(
  manager: Manager,
  input: {
    readonly name: string
    readonly policies: string
    readonly description?: string | null | undefined
    readonly tenant?: string | null | undefined
  },
): Promise<RoleOfTenant> {
  const { services, viewer } = manager
  const tenant = await tenantNamed(manager, input.tenant)
  const { name, policies } = input
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(name) || isBuiltIn(name)) {
    throw new PublicError(
      'name-refused',
      'name: expected small letters, digits and -, and none of the roles of the house',
    )
  }
  await services.customRoles.check(policies)
  const { customRoles } = services.state.of(tenant)
  const known = await customRoles.list()
  if (known.length >= MOST_ROLES && known.every((role) => role.name !== name)) {
    throw new PublicError('bad-input', `A tenant has at most ${MOST_ROLES} roles of its own`)
  }
  const role: CustomRole = {
    name,
    description: input.description ?? known.find((each) => each.name === name)?.description ?? '',
    policies,
    updatedAt: services.clock.now(),
    updatedBy: viewer.name,
  }
  const act = { actor: viewer.name, action: 'role.set', target: `role ${name}`, detail: { tenant, policies } }
  await services.audited.act(act, () => customRoles.put(role))
  return { ...role, tenant }
}

/**
 * Removes a role that nobody has.
 *
 * @throws {PublicError} `not-found`, `role-in-use`
 */
export async function removeRole(
  manager: Manager,
  name: string,
  tenantText: string | null | undefined,
): Promise<RoleOfTenant> {
  const { services, viewer } = manager
  const tenant = await tenantNamed(manager, tenantText)
  const role = await existingRole(services, tenant, name)
  const people = (await peopleOf(manager).accounts.list()).filter((account) =>
    account.roles.some((each) => each.tenant === tenant && each.role === name),
  )
  const keys = (await services.state.of(tenant).apiTokens.list()).filter((key) => key.role === name)
  const [who] = [...people, ...keys]
  if (who) throw new PublicError('role-in-use', `${who.name} has this role: give another one first`)
  const act = { actor: viewer.name, action: 'role.remove', target: `role ${name}`, detail: { tenant } }
  await services.audited.act(act, () => services.state.of(tenant).customRoles.remove(name))
  return { ...role, tenant }
}

/** What a role, of the house or a tenant's own, says of an operation. */
export async function testRole(
  manager: Manager,
  input: { readonly role: string; readonly operation: string; readonly tenant?: string | null | undefined },
): Promise<Decision> {
  const { services, viewer } = manager
  const tenant = await tenantNamed(manager, input.tenant)
  const { role, operation } = input
  const access = Object.hasOwn(permissions, operation) ? permissions[operation] : undefined
  if (access === undefined) throw new PublicError('not-found', 'There is no such operation')
  if (access === 'anyone' || access === 'signed-in') return { allowed: true, policies: [] }
  if (isBuiltIn(role)) return { allowed: access === 'local' || access.includes(role), policies: [] }
  return services.customRoles.decide(
    tenant,
    await existingRole(services, tenant, role),
    operation,
    viewer.name,
  )
}

async function existingRole({ state }: Services, tenant: TenantId, name: string): Promise<CustomRole> {
  const role = await state.of(tenant).customRoles.get(name)
  if (!role) throw new PublicError('not-found', 'This tenant has no such role of its own')
  return role
}
