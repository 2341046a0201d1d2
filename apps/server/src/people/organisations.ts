import { randomUUID } from 'node:crypto'
import { DEFAULT_TENANT, type TenantId } from '@vedette/model'
import type { Organisation } from '@vedette/store'
import { PublicError } from '../access/public-error.ts'
import { hashPassword } from '../access/password.ts'
import type { Manager } from './manager.ts'
import { accountName, checkedName } from './names.ts'
import { unlessRefused } from './refusals.ts'
import { newPassword } from './users.ts'

/** An organisation that was just made, and how its first admin signs in. */
export interface NewOrganisation {
  readonly organisation: Organisation
  /** `harbour/anna`. */
  readonly signInName: string
  readonly password: string
}

/**
 * All but the first. Only who looks after the house itself knows that there are others.
 *
 * @throws {PublicError} `forbidden`
 */
export async function listOrganisations(manager: Manager): Promise<Organisation[]> {
  requireHouse(manager)
  return manager.services.state.credentials.organisations()
}

/**
 * Founds an organisation: people, tenants and all of its own, and nothing of ours.
 *
 * @throws {PublicError} `forbidden`, `name-taken`, `name-refused`
 */
export async function addOrganisation(
  manager: Manager,
  input: { readonly name: string; readonly admin: string },
): Promise<NewOrganisation> {
  requireHouse(manager)
  const { services, viewer } = manager
  const name = checkedName(input.name)
  const admin = accountName(input.admin)
  const id = randomUUID() as TenantId
  const password = newPassword()
  const passwordHash = await hashPassword(password)
  const now = services.clock.now()
  const account = { id: randomUUID(), name: admin, passwordHash, role: 'admin', mustChange: true } as const
  const act = {
    actor: viewer.name,
    action: 'organisation.add',
    target: `organisation ${name}`,
    detail: { id, admin },
  }
  await services.audited.act(act, () =>
    unlessRefused(() => services.state.of(id).organisation.found(name, account, now)),
  )
  return { organisation: { id, name, createdAt: now }, signInName: `${name}/${admin}`, password }
}

function requireHouse({ viewer }: Manager): void {
  if (viewer.organisation !== DEFAULT_TENANT || viewer.tenant !== DEFAULT_TENANT) {
    throw new PublicError('forbidden', 'Organisations are looked after by admins of the whole house')
  }
}
