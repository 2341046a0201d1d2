import { tokenHash, bearerToken } from './token.ts'
import type { StateStore } from '@vedette/store'
import type { Caller } from './origin.ts'
import type { SessionDesk } from './session.ts'
import type { Viewer } from './viewer.ts'

export interface Identity {
  readonly viewer?: Viewer
  /** A cookie came along, so a browser may have been talked into sending it. */
  readonly hasCookie: boolean
  /** The token of the cookie. */
  readonly sessionToken?: string
}

/** Finds out who asks: a bearer token where there is one (then no cookie counts), else the session's cookie. */
export interface Authenticator {
  identify(caller: Caller): Promise<Identity>
  bearer(header: unknown): Promise<Viewer | undefined>
  /** Whether what a viewer came with is still good, and for the same role. */
  stillGood(viewer: Viewer, now: number): Promise<boolean>
}

export function createAuthenticator(state: StateStore, sessions: SessionDesk): Authenticator {
  async function ofToken(hash: string): Promise<Viewer | undefined> {
    const token = await state.credentials.apiToken(hash)
    return (
      token && {
        tenant: token.tenant,
        id: token.id,
        name: token.name,
        role: token.role,
        credential: { kind: 'token', hash },
      }
    )
  }

  async function bearer(header: unknown): Promise<Viewer | undefined> {
    const token = bearerToken(header)
    return token === undefined ? undefined : ofToken(tokenHash(token))
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
      const viewer = await sessions.viewer(sessionToken)
      return { hasCookie: true, sessionToken, ...(viewer && { viewer }) }
    },

    async stillGood({ credential: { kind, hash }, role }, now) {
      if (kind === 'token') return (await state.credentials.apiToken(hash))?.role === role
      return (await state.credentials.session(hash, now))?.account.role === role
    },
  }
}
