import type { Clock } from '@vedette/base'
import type { Account, StateStore } from '@vedette/store'
import { newToken, tokenHash } from './token.ts'
import type { Viewer } from './viewer.ts'

export interface SessionOptions {
  readonly state: StateStore
  readonly clock: Clock
  readonly tls: boolean
  /** A session ends after so long without use. */
  readonly lifetimeMs: number
}

/** Sessions of people who signed in, carried by a cookie that no script can read and no other site can send. */
export interface SessionDesk {
  /** Opens a session; the text is the `Set-Cookie` header that carries it. */
  open(account: Account): Promise<{ readonly viewer: Viewer; readonly cookie: string }>
  /** Ends a session for good. The text is the `Set-Cookie` header that takes the cookie away. */
  close(viewer: Viewer): Promise<string>
  /** Token in a `Cookie` header, or undefined. */
  tokenIn(cookieHeader: unknown): string | undefined
  /** Whose session it is, or undefined. */
  viewer(token: string): Promise<Viewer | undefined>
  /** `Set-Cookie` for a session whose time is half over: its end moves on. Undefined while that is not due. */
  renewed(token: string, viewer: Viewer): Promise<string | undefined>
}

export function createSessionDesk({ state, clock, tls, lifetimeMs }: SessionOptions): SessionDesk {
  // RFC 6265bis, 4.1.3: a browser takes a __Host- cookie only over TLS, from this very host, for all its paths.
  const name = tls ? '__Host-vedette' : 'vedette'
  const cookie = (token: string, maxAgeMs: number) =>
    `${name}=${token}; Path=/; Max-Age=${Math.floor(maxAgeMs / 1000)}; HttpOnly; SameSite=Strict${tls ? '; Secure' : ''}`
  const inHeader = new RegExp(`(?:^|;\\s*)${name}=([\\w-]{43})(?:\\s*;|\\s*$)`)

  return {
    async open(account) {
      const token = newToken()
      const hash = tokenHash(token)
      const now = clock.now()
      const expiresAt = now + lifetimeMs
      await state.of(account.tenant).sessions.create(hash, account.id, now, expiresAt)
      return { viewer: viewerOf(account, hash, expiresAt), cookie: cookie(token, lifetimeMs) }
    },

    async close({ tenant, credential }) {
      if (credential.kind === 'session') await state.of(tenant).sessions.revoke(credential.hash)
      return cookie('', 0)
    },

    tokenIn(header) {
      if (typeof header !== 'string' || header.length > 8192) return undefined
      return inHeader.exec(header)?.[1]
    },

    async viewer(token) {
      const hash = tokenHash(token)
      const session = await state.credentials.session(hash, clock.now())
      return session && viewerOf(session.account, hash, session.expiresAt)
    },

    async renewed(token, { tenant, credential }) {
      if (credential.kind !== 'session') return undefined
      const now = clock.now()
      if (credential.expiresAt - now > lifetimeMs / 2) return undefined
      const moved = await state.of(tenant).sessions.extend(credential.hash, now + lifetimeMs)
      return moved ? cookie(token, lifetimeMs) : undefined
    },
  }
}

function viewerOf(account: Account, hash: string, expiresAt: number): Viewer {
  const { tenant, id, name, role } = account
  return { tenant, id, name, role, credential: { kind: 'session', hash, expiresAt } }
}
