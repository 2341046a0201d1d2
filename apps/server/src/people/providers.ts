import { randomUUID } from 'node:crypto'
import { DEFAULT_TENANT } from '@vedette/model'
import type { IdentityProvider } from '@vedette/store'
import { isLoopback } from '../access/identity-provider.ts'
import { PublicError } from '../access/public-error.ts'
import { type Manager, peopleOf, tenantNamed } from './manager.ts'
import { checkedName } from './names.ts'
import { unlessRefused } from './refusals.ts'
import { roleIn } from './roles.ts'

const MOST_LINES = 200

export interface ProviderInput {
  readonly name: string
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret?: string | null | undefined
  readonly roleClaim: string
  readonly roles: readonly {
    readonly value: string
    readonly role: string
    readonly tenant?: string | null | undefined
  }[]
}

export async function listProviders(manager: Manager): Promise<IdentityProvider[]> {
  return peopleOf(manager).identityProviders.list()
}

/** Makes an identity provider known, or changes the one of that name. Its secret stays where none is given. */
export async function setProvider(manager: Manager, input: ProviderInput): Promise<IdentityProvider> {
  const { services, viewer } = manager
  const name = checkedName(input.name)
  const { identityProviders } = peopleOf(manager)
  const issuer = issuerOf(input.issuer, viewer.organisation === DEFAULT_TENANT)
  if (input.roles.length === 0 || input.roles.length > MOST_LINES) {
    throw new PublicError('bad-input', `roles: expected 1 to ${MOST_LINES}; nobody is let in without one`)
  }
  const roleMap = await Promise.all(
    input.roles.map(async ({ value, role, tenant: named }) => {
      const tenant = await tenantNamed(manager, named)
      return { value: value.slice(0, 300), tenant, role: await roleIn(services, tenant, role) }
    }),
  )
  const before = (await identityProviders.list()).find((known) => known.name === name)
  // A secret that was given to one issuer is not told to another.
  const kept = before?.issuer === issuer ? before.clientSecret : undefined
  const clientSecret = input.clientSecret ?? kept
  const provider = {
    id: before?.id ?? randomUUID(),
    name,
    issuer,
    clientId: input.clientId,
    ...(clientSecret !== undefined && { clientSecret }),
    roleClaim: input.roleClaim,
    roleMap,
  }
  const detail = { issuer, client_id: input.clientId, role_claim: input.roleClaim, roles: roleMap }
  const act = { actor: viewer.name, action: 'provider.set', target: `identity provider ${name}`, detail }
  const now = services.clock.now()
  await services.audited.act(act, () => unlessRefused(() => identityProviders.put(provider, now)))
  return { ...provider, createdAt: before?.createdAt ?? now }
}

/** From now on it proves nobody; accounts that it brought stay, and cannot sign in. */
export async function removeProvider(manager: Manager, name: string): Promise<IdentityProvider> {
  const { services, viewer } = manager
  const { identityProviders } = peopleOf(manager)
  const provider = (await identityProviders.list()).find((known) => known.name === name)
  if (!provider) throw new PublicError('not-found', 'There is no such identity provider')
  const act = {
    actor: viewer.name,
    action: 'provider.remove',
    target: `identity provider ${name}`,
    detail: {},
  }
  await services.audited.act(act, () => identityProviders.remove(provider.id))
  return provider
}

/** @param isHouse whose admins are those of the machine: they may name a provider on it */
function issuerOf(text: string, isHouse: boolean): string {
  const url = URL.parse(text)
  const good =
    url !== null &&
    text.length <= 500 &&
    (url.protocol === 'https:' || (isHouse && isLoopback(url))) &&
    url.username === '' &&
    url.search === '' &&
    url.hash === ''
  if (!good) throw new PublicError('bad-input', 'issuer: expected an address with https')
  return text
}
