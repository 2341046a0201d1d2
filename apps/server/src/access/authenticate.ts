import { tokenHash, bearerToken } from './token.ts'
import type { Clock, Logger } from '@vedette/base'
import type { StateStore } from '@vedette/store'
import type { Caller } from './origin.ts'
import type { CustomRoles } from './custom-role.ts'
import type { ServiceTokens } from './service-token.ts'
import type { SessionDesk } from './session.ts'
import type { Viewer } from './viewer.ts'

export interface Identity {
  readonly viewer?: Viewer
  /** A cookie came along, so a browser may have been talked into sending it. */
  readonly hasCookie: boolean
  /** The token of the cookie. */
  readonly sessionToken?: string
}

/** Last use of a key is noted to the minute. */
const NOTED_EVERY_MS = 60_000

/** Finds out who asks: a bearer token where there is one (then no cookie counts), else the session's cookie. */
export interface Authenticator {
  identify(caller: Caller): Promise<Identity>
  bearer(header: unknown): Promise<Viewer | undefined>
  /** Whether what a viewer came with is still good, and for the same role in the same tenant. */
  stillGood(viewer: Viewer, now: number): Promise<boolean>
}

export interface AuthenticatorOptions {
  readonly state: StateStore
  readonly sessions: SessionDesk
  readonly serviceTokens: ServiceTokens
  readonly customRoles: CustomRoles
  readonly clock: Clock
  readonly log: Logger
}

export function createAuthenticator({
  state,
  sessions,
  serviceTokens,
  customRoles,
  clock,
  log,
}: AuthenticatorOptions): Authenticator {
  async function ofToken(hash: string): Promise<Viewer | undefined> {
    const now = clock.now()
    const token = await state.credentials.apiToken(hash, now)
    if (token === undefined) return undefined
    const { tenant, organisation, id, name, role, operations, expiresAt, madeBy, lastUsedAt = 0 } = token
    if (madeBy !== '' && now - lastUsedAt > NOTED_EVERY_MS) {
      state
        .of(tenant)
        .apiTokens.used(hash, now)
        .catch((error: unknown) => log.debug({ error }, 'the use of a key could not be noted'))
    }
    return customRoles.attach({
      tenant,
      organisation,
      id,
      name: madeBy === '' ? name : `${madeBy}/${name}`,
      role,
      ...(operations && { operations }),
      credential: { kind: 'token', hash, ...(expiresAt !== undefined && { expiresAt }) },
    })
  }

  async function bearer(header: unknown): Promise<Viewer | undefined> {
    const token = bearerToken(header)
    if (token === undefined) return undefined
    // Two dots make it signed (RFC 7519, section 3); a key has none.
    if (token.includes('.')) {
      const claims = await serviceTokens.verify(token)
      const viewer = claims && (await ofToken(claims.keyHash))
      return (
        viewer &&
        customRoles.attach({
          ...viewer,
          credential: { kind: 'service', hash: claims.keyHash, expiresAt: claims.expiresAt },
        })
      )
    }
    return ofToken(tokenHash(token))
  }

  return {
    bearer,

    async identify({ headers }) {
      if (headers['authorization'] !== undefined) {
        const viewer = await bearer(headers['authorization'])
        return { hasCookie: false, ...(viewer && { viewer }) }
      }
      const sessionToken = sessions.tokenIn(headers['cookie'])
      if (sessionToken === undefined) return { hasCookie: false }
      const found = await sessions.viewer(sessionToken)
      const viewer = found && (await customRoles.attach(found))
      return { hasCookie: true, sessionToken, ...(viewer && { viewer }) }
    },

    async stillGood({ credential, tenant, role }, now) {
      const { kind, hash } = credential
      if (kind === 'service' && credential.expiresAt <= now) return false
      if (kind !== 'session') {
        const token = await state.credentials.apiToken(hash, now)
        return token?.role === role && token.tenant === tenant
      }
      const session = await state.credentials.session(hash, now)
      return session?.role === role && session.inTenant === tenant
    },
  }
}
