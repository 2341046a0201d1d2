import { createHash } from 'node:crypto'
import { CodedError, type Logger } from '@vedette/base'
import type { TenantId } from '@vedette/model'
import type { Account, AccountRole, IdentityProvider } from '@vedette/store'
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type Configuration,
  discovery,
  enableNonRepudiationChecks,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import type { Services } from '../services.ts'
import { PublicError } from './public-error.ts'
import { fullName } from './session.ts'
import { newToken, tokenHash } from './token.ts'

const TIMEOUT_S = 10

/** Somebody who was sent to a provider and has to come back in the same browser. */
export interface SentAway {
  readonly organisation: TenantId
  readonly provider: string
  readonly verifier: string
  readonly nonce: string
  readonly redirectUri: string
  /** Of what the browser keeps meanwhile: nobody is signed in by an address that somebody else began. */
  readonly browserHash: string
}

/**
 * Begins a sign-in at a provider (OpenID Connect Core 1.0, 3.1, with PKCE, RFC 7636).
 *
 * @returns where the browser goes, and what it keeps in a cookie until it comes back
 * @throws {PublicError} `provider-failed`
 */
export async function sendAway(
  { sentAway, log }: Services,
  organisation: TenantId,
  provider: IdentityProvider,
  redirectUri: string,
): Promise<{ readonly url: string; readonly browserToken: string }> {
  const config = await reach(provider, log)
  const verifier = randomPKCECodeVerifier()
  const nonce = randomNonce()
  const state = randomState()
  const browserToken = newToken()
  sentAway.put(state, {
    organisation,
    provider: provider.id,
    verifier,
    nonce,
    redirectUri,
    browserHash: tokenHash(browserToken),
  })
  const url = buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid profile',
    response_type: 'code',
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  })
  return { url: url.href, browserToken }
}

/**
 * Who came back from a provider. Its issuer and subject alone say who it is; what they are comes from the claim at each
 * sign-in, and who has nothing there is not let in.
 *
 * @param query of the address that the provider sent the browser to
 * @throws {PublicError} `provider-refused`, `provider-failed`
 */
export async function comeBack(
  services: Services,
  query: URLSearchParams,
  browserToken: string | undefined,
): Promise<Account> {
  const { state, sentAway, log } = services
  const stateText = query.get('state') ?? ''
  const begun = sentAway.take(stateText)
  if (!begun || browserToken === undefined || tokenHash(browserToken) !== begun.browserHash) {
    throw new PublicError(
      'provider-refused',
      'This sign-in was not begun in this browser, or it took too long',
    )
  }
  const { identityProviders } = state.of(begun.organisation)
  const provider = (await identityProviders.list()).find(({ id }) => id === begun.provider)
  if (!provider) throw new PublicError('provider-refused', 'There is no such identity provider any more')
  const config = await reach(provider, log)
  const current = new URL(begun.redirectUri)
  current.search = query.toString()
  let claims
  try {
    const tokens = await authorizationCodeGrant(config, current, {
      pkceCodeVerifier: begun.verifier,
      expectedNonce: begun.nonce,
      expectedState: stateText,
      idTokenExpected: true,
    })
    claims = tokens.claims()
  } catch (error) {
    log.warn({ error, provider: provider.name }, 'an identity provider did not prove somebody')
    throw new PublicError('provider-refused', `${provider.name} did not prove who you are`, { cause: error })
  }
  if (!claims || claims.sub.length > 255) {
    throw new PublicError('provider-refused', `${provider.name} did not say who you are`)
  }
  const roles = rolesOf(provider, claims[provider.roleClaim])
  return settle(services, begun.organisation, provider, claims.sub, claims['preferred_username'], roles)
}

/** What a claim says that somebody is: in each tenant the first line of the map that has one of its values. */
export function rolesOf({ roleMap }: Pick<IdentityProvider, 'roleMap'>, claim: unknown): AccountRole[] {
  const values = new Set(Array.isArray(claim) ? claim : [claim])
  const roles = new Map<TenantId, AccountRole>()
  for (const { value, tenant, role } of roleMap) {
    if (values.has(value) && !roles.has(tenant)) roles.set(tenant, { tenant, role })
  }
  return [...roles.values()]
}

async function settle(
  { state, audited, clock }: Services,
  organisation: TenantId,
  provider: IdentityProvider,
  subject: string,
  calls: unknown,
  roles: readonly AccountRole[],
): Promise<Account> {
  const { identityProviders } = state.of(organisation)
  const { issuer } = provider
  const known = await identityProviders.linked(issuer, subject)
  const short = createHash('sha256').update(`${issuer} ${subject}`).digest('hex').slice(0, 32)
  const name = known?.name ?? nameFor(provider, calls, short)
  const actor = known ? fullName(known) : `${provider.name} ${name}`
  if (roles.length === 0 || known?.disabled === true) {
    await audited.record({
      actor,
      action: 'sign-in',
      target: 'session',
      outcome: 'refused',
      detail: { provider: provider.name, subject: subject.slice(0, 100) },
    })
    // What they were here they are no more; the account stays, for what stands under its name.
    if (known && roles.length === 0) await takeAway(known)
    throw new PublicError('provider-refused', 'You have no role here. Ask an admin')
  }
  if (known && sameRoles(known.roles, roles)) return known
  const act = {
    actor,
    action: known ? 'user.role' : 'user.add',
    target: `account ${name}`,
    detail: { provider: provider.name, subject: subject.slice(0, 100), roles },
  }
  const make = (as: string) =>
    identityProviders.settle(
      { issuer, subject, id: known?.id ?? uuidOf(short), name: as },
      roles,
      clock.now(),
    )
  return audited.act(act, () => make(name).catch(inOtherWords))

  async function takeAway(account: Account): Promise<void> {
    if (account.roles.length === 0) return
    const detail = { provider: provider.name, roles: [] }
    await audited.act({ actor, action: 'user.role', target: `account ${name}`, detail }, () =>
      identityProviders
        .settle({ issuer, subject, id: account.id, name }, [], clock.now())
        .catch(inOtherWords),
    )
  }
}

function inOtherWords(error: unknown): never {
  if (error instanceof CodedError && error.code === 'last-admin') {
    throw new PublicError('last-admin', error.message, { cause: error })
  }
  throw error
}

/** The provider's own name is part of it: nobody chooses there what somebody here is called. */
function nameFor(provider: IdentityProvider, calls: unknown, short: string): string {
  const [first = ''] = typeof calls === 'string' ? calls.normalize('NFC').split('@') : []
  const plain = first.replaceAll(/[^\p{L}\p{N}._-]/gu, '').slice(0, 24)
  const who = /^[\p{L}\p{N}]/u.test(plain) ? `${plain}-${short.slice(0, 6)}` : short.slice(0, 12)
  return `${who}@${provider.name}`.slice(0, 64)
}

function uuidOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
}

function sameRoles(before: readonly AccountRole[], now: readonly AccountRole[]): boolean {
  const words = (all: readonly AccountRole[]) => all.map(({ tenant, role }) => `${tenant} ${role}`).sort()
  return JSON.stringify(words(before)) === JSON.stringify(words(now))
}

async function reach(provider: IdentityProvider, log: Logger): Promise<Configuration> {
  const { issuer, clientId, clientSecret } = provider
  const server = new URL(issuer)
  try {
    return await discovery(server, clientId, clientSecret, clientSecret === undefined ? None() : undefined, {
      timeout: TIMEOUT_S,
      execute: [
        // The signature too, not only the way that the token came: a proxy that ends TLS proves nobody.
        enableNonRepudiationChecks,
        // Without TLS only on this machine itself, where nobody stands between.
        ...(isLoopback(server) ? [allowInsecureRequests] : []),
      ],
    })
  } catch (error) {
    log.warn({ error, provider: provider.name }, 'an identity provider does not answer')
    throw new PublicError('provider-failed', `${provider.name} does not answer`, { cause: error })
  }
}

/** Whether an address is of this machine itself. */
export function isLoopback({ protocol, hostname }: URL): boolean {
  return (
    protocol === 'http:' && (hostname === 'localhost' || hostname.startsWith('127.') || hostname === '[::1]')
  )
}
