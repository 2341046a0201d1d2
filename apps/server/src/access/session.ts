import type { Clock } from '@vedette/base'
import type { Account, Session, StateStore } from '@vedette/store'
import { PublicError } from './public-error.ts'
import { newToken, tokenHash } from './token.ts'
import type { Viewer } from './viewer.ts'

export interface SessionOptions {
  readonly state: StateStore
  readonly clock: Clock
  readonly tls: boolean
  /** A session ends after so long without use. */
  readonly lifetimeMs: number
}

/** From where somebody signed in; told to them in the list of their sessions. */
export interface SignInPlace {
  readonly address: string
  /** The `User-Agent` header. */
  readonly program: string
}

/** Sessions of people who signed in, carried by a cookie that no script can read and no other site can send. */
export interface SessionDesk {
  /** Opens a session; the text is the `Set-Cookie` header that carries it. */
  open(account: Account, from?: SignInPlace): Promise<{ readonly viewer: Viewer; readonly cookie: string }>
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
    async open(account, from) {
      const token = newToken()
      const hash = tokenHash(token)
      const now = clock.now()
      const expiresAt = now + lifetimeMs
      // Where the organisation's first tenant is not theirs, the first that is.
      const [first] = account.roles
      const at = account.roles.find(({ tenant }) => tenant === account.tenant) ?? first
      if (!at) throw new PublicError('forbidden', 'This account has no role in any tenant')
      const { tenant: inTenant, role } = at
      await state.of(account.tenant).sessions.create(hash, account.id, now, expiresAt, { inTenant, ...from })
      return {
        viewer: viewerOf({ account, inTenant, role, expiresAt }, hash),
        cookie: cookie(token, lifetimeMs),
      }
    },

    async close({ organisation, credential }) {
      if (credential.kind === 'session') await state.of(organisation).sessions.revoke(credential.hash)
      return cookie('', 0)
    },

    tokenIn(header) {
      if (typeof header !== 'string' || header.length > 8192) return undefined
      return inHeader.exec(header)?.[1]
    },

    async viewer(token) {
      const hash = tokenHash(token)
      const session = await state.credentials.session(hash, clock.now())
      return session && viewerOf(session, hash)
    },

    async renewed(token, { organisation, credential }) {
      if (credential.kind !== 'session') return undefined
      const now = clock.now()
      if (credential.expiresAt - now > lifetimeMs / 2) return undefined
      const moved = await state.of(organisation).sessions.extend(credential.hash, now + lifetimeMs)
      return moved ? cookie(token, lifetimeMs) : undefined
    },
  }
}

function viewerOf(
  session: Pick<Session, 'account' | 'inTenant' | 'role' | 'expiresAt'>,
  hash: string,
): Viewer {
  const { account, inTenant, role, expiresAt } = session
  return {
    tenant: inTenant,
    organisation: account.tenant,
    id: account.id,
    name: fullName(account),
    role,
    credential: { kind: 'session', hash, expiresAt },
  }
}

/** How somebody is called where people of all organisations are: in the audit log, and where they sign in. */
export function fullName({ name, organisationName }: Pick<Account, 'name' | 'organisationName'>): string {
  return organisationName === undefined ? name : `${organisationName}/${name}`
}
