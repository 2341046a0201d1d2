import type { TenantId } from '@vedette/model'
import type { Account, TenantState } from '@vedette/store'
import { PublicError } from '../access/public-error.ts'
import type { Viewer } from '../access/viewer.ts'
import type { Services } from '../services.ts'

/** Whoever looks after people or keys, and the organisation that they do it in. */
export interface Manager {
  readonly services: Services
  readonly viewer: Viewer
}

/**
 * The people of the viewer's organisation. Only from its first tenant: an admin of another one is none of the whole.
 *
 * @throws {PublicError} `forbidden`
 */
export function peopleOf({ services, viewer }: Manager): TenantState {
  if (viewer.tenant !== viewer.organisation) {
    throw new PublicError('forbidden', 'People are looked after from the first tenant of their organisation')
  }
  return services.state.of(viewer.organisation)
}

/** @throws {PublicError} `not-found` */
export async function existingAccount(manager: Manager, nameOrId: string): Promise<Account> {
  const { accounts } = peopleOf(manager)
  const account = (await accounts.byName(nameOrId)) ?? (await accounts.get(nameOrId))
  if (!account) throw new PublicError('not-found', 'Nobody here has that name')
  return account
}

/**
 * A tenant of the organisation by its id or name; the first one when left out.
 *
 * @throws {PublicError} `not-found`
 */
export async function tenantNamed(manager: Manager, nameOrId: string | null | undefined): Promise<TenantId> {
  const { organisation } = manager.viewer
  const people = peopleOf(manager)
  if (nameOrId === null || nameOrId === undefined || nameOrId === organisation || nameOrId === FIRST_TENANT) {
    return organisation
  }
  const wanted = nameOrId.normalize('NFC').toLowerCase()
  const found = (await people.tenants.list()).find(
    ({ id, name }) => id === nameOrId || name.toLowerCase() === wanted,
  )
  if (!found) throw new PublicError('not-found', 'This organisation has no such tenant')
  return found.id
}

/** What an organisation's first tenant is called. */
export const FIRST_TENANT = 'first'
