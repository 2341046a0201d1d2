import type { TenantId } from '@vedette/model'
import { type RoleName, roles } from '@vedette/store'
import { isBuiltIn } from '../access/permissions.ts'
import { PublicError } from '../access/public-error.ts'
import type { Services } from '../services.ts'

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
