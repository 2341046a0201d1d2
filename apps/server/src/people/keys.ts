import { randomUUID } from 'node:crypto'
import type { TenantId } from '@vedette/model'
import type { ApiToken, Role } from '@vedette/store'
import { isScope } from '../access/permissions.ts'
import { PublicError } from '../access/public-error.ts'
import { newToken, tokenHash } from '../access/token.ts'
import { type Manager, peopleOf, tenantNamed } from './manager.ts'
import { checkedName } from './names.ts'
import { unlessRefused } from './refusals.ts'

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

/** Makes a key. The text is told here and never again. */
export async function createKey(
  manager: Manager,
  input: {
    readonly name: string
    readonly role: Role
    readonly tenant?: string | null | undefined
    readonly operations?: readonly string[] | null | undefined
    readonly expiresAt: number
  },
): Promise<{ readonly key: ApiToken; readonly token: string }> {
  const { services, viewer } = manager
  const name = checkedName(input.name)
  const tenant = await tenantNamed(manager, input.tenant)
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
    role: input.role,
    tenant,
    operations: operations ?? null,
    expires_at: new Date(expiresAt).toISOString(),
  }
  const act = { actor: viewer.name, action: 'key.create', target: `key ${name}`, detail }
  const made = { id: randomUUID(), name, role: input.role, madeBy: viewer.name, expiresAt }
  const key = await services.audited.act(act, () =>
    unlessRefused(() =>
      services.state
        .of(tenant)
        .apiTokens.create(
          tokenHash(token),
          { ...made, organisation: viewer.organisation, ...(operations && { operations }) },
          now,
        ),
    ),
  )
  return { key, token }
}

/** Takes a key back, by its id or name; open sockets of it close. */
export async function revokeKey(manager: Manager, nameOrId: string): Promise<ApiToken> {
  const { services, viewer } = manager
  const found = (await listKeys(manager)).filter(({ id, name }) => id === nameOrId || name === nameOrId)
  const [key, second] = found
  if (!key) throw new PublicError('not-found', 'There is no such key')
  if (second) throw new PublicError('bad-input', 'Keys of two tenants have that name: give the id')
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
  return key
}
