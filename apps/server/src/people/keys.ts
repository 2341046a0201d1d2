import { randomUUID } from 'node:crypto'
import type { TenantId } from '@vedette/model'
import type { ApiToken, RoleName } from '@vedette/store'
import { isScope } from '../access/permissions.ts'
import type { Viewer } from '../access/viewer.ts'
import type { Services } from '../services.ts'
import { PublicError } from '../access/public-error.ts'
import { newToken, tokenHash } from '../access/token.ts'
import { type Manager, peopleOf, tenantNamed } from './manager.ts'
import { checkedName } from './names.ts'
import { unlessRefused } from './refusals.ts'
import { roleIn } from './roles.ts'

/** Stands before every key, so that one in a file or a log is known for what it is. */
const KEY_PREFIX = 'vdt_'
const MOST_SCOPES = 100
const MAX_DAYS = 366

/** Keys of all tenants of the organisation; the house's own are not among them. */
export async function listKeys(manager: Manager): Promise<ApiToken[]> {
  const { services, viewer } = manager
  const others = await peopleOf(manager).tenants.list()
  const ids: TenantId[] = [viewer.organisation, ...others.map(({ id }) => id)]
  const lists = await Promise.all(ids.map((id) => services.state.of(id).apiTokens.list()))
  return lists.flat().filter(({ madeBy }) => madeBy !== '')
}

interface KeyInput {
  readonly name: string
  /** Left out: all that the role may do. */
  readonly operations?: readonly string[] | null | undefined
  readonly expiresAt: number
}

interface MadeKey {
  readonly key: ApiToken
  /** Told here and never again. */
  readonly token: string
}

/** Makes a key of a role in a tenant of the organisation. */
export async function createKey(
  manager: Manager,
  input: KeyInput & { readonly role: string; readonly tenant?: string | null | undefined },
): Promise<MadeKey> {
  const { services, viewer } = manager
  const tenant = await tenantNamed(manager, input.tenant)
  const role = await roleIn(services, tenant, input.role)
  return makeKey(services, viewer, input, { tenant, role })
}

/** Makes a key of somebody's own: in the tenant that they look at, never more than they are there now or later. */
export async function createOwnKey(services: Services, viewer: Viewer, input: KeyInput): Promise<MadeKey> {
  return makeKey(services, viewer, input, { tenant: viewer.tenant, role: viewer.role, account: viewer.id })
}

async function makeKey(
  services: Services,
  viewer: Viewer,
  input: KeyInput,
  of: { readonly tenant: TenantId; readonly role: RoleName; readonly account?: string },
): Promise<MadeKey> {
  const name = checkedName(input.name)
  const operations = input.operations ?? undefined
  if (operations && operations.length > MOST_SCOPES) {
    throw new PublicError('bad-input', `operations: at most ${MOST_SCOPES}`)
  }
  const unknown = operations?.find((scope) => !isScope(scope))
  if (unknown !== undefined) {
    throw new PublicError('bad-input', `operations: there is no ${unknown.slice(0, 100)}`)
  }
  const now = services.clock.now()
  const { expiresAt } = input
  if (expiresAt <= now || expiresAt > now + MAX_DAYS * 86_400_000) {
    throw new PublicError('bad-input', `expires_at: expected a time within the next ${MAX_DAYS} days`)
  }
  const token = KEY_PREFIX + newToken()
  const detail = {
    role: of.role,
    tenant: of.tenant,
    operations: operations ?? null,
    expires_at: new Date(expiresAt).toISOString(),
    ...(of.account !== undefined && { own: true }),
  }
  const act = { actor: viewer.name, action: 'key.create', target: `key ${name}`, detail }
  const key = await services.audited.act(act, () =>
    unlessRefused(() =>
      services.state.of(of.tenant).apiTokens.create(
        tokenHash(token),
        {
          id: randomUUID(),
          name,
          role: of.role,
          organisation: viewer.organisation,
          madeBy: viewer.name,
          expiresAt,
          ...(operations && { operations }),
          ...(of.account !== undefined && { account: of.account }),
        },
        now,
      ),
    ),
  )
  return { key, token }
}

/** Keys of somebody's own, in the tenants in which they are something. */
export async function ownKeys(services: Services, { organisation, id }: Viewer): Promise<ApiToken[]> {
  const own = await services.state.of(organisation).accounts.get(id)
  const lists = await Promise.all(
    (own?.roles ?? []).map(({ tenant }) => services.state.of(tenant).apiTokens.list()),
  )
  return lists.flat().filter(({ account }) => account === id)
}

/** Takes back a key of somebody's own. */
export async function revokeOwnKey(services: Services, viewer: Viewer, keyId: string): Promise<void> {
  const key = (await ownKeys(services, viewer)).find(({ id }) => id === keyId)
  if (!key) throw new PublicError('not-found', 'There is no such key')
  await revoke(services, viewer, key)
}

/** Takes a key back, by its id or name; open sockets of it close. */
export async function revokeKey(manager: Manager, nameOrId: string): Promise<ApiToken> {
  const found = (await listKeys(manager)).filter(({ id, name }) => id === nameOrId || name === nameOrId)
  const [key, second] = found
  if (!key) throw new PublicError('not-found', 'There is no such key')
  if (second) throw new PublicError('bad-input', 'Keys of two tenants have that name: give the id')
  await revoke(manager.services, manager.viewer, key)
  return key
}

async function revoke(services: Services, viewer: Viewer, key: ApiToken): Promise<void> {
  const act = {
    actor: viewer.name,
    action: 'key.revoke',
    target: `key ${key.name}`,
    detail: { tenant: key.tenant },
  }
  await services.audited.act(act, async () => {
    const hash = await services.state.of(key.tenant).apiTokens.revoke(key.id)
    if (hash !== undefined) services.openSockets.closeOf(hash)
  })
}
