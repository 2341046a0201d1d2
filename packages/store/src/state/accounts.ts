import type { AgentId, TenantId } from '@vedette/model'
import type { EnrolmentSecret } from './enrolment.ts'

/**
 * What somebody is in a tenant. All read; an analyst works alerts and incidents, a responder also acts on hosts, an
 * engineer edits rules, feeds and indicators, an admin does everything, an auditor reads also the audit log and the
 * accounts and changes nothing.
 */
export const roles = ['viewer', 'analyst', 'responder', 'engineer', 'admin', 'auditor'] as const
export type Role = (typeof roles)[number]

/** What somebody is in a tenant: one of `roles`, or the name of a custom role of that tenant. */
export type RoleName = string

/**
 * A person who may sign in. Accounts belong to an organisation, which is known by the id of its first tenant; each has a
 * role in one or more of its tenants.
 */
export interface Account {
  readonly id: string
  /** The organisation. */
  readonly tenant: TenantId
  /** Unique within the organisation, upper and lower case alike. */
  readonly name: string
  /** What the organisation is called; left out for the first. */
  readonly organisationName?: string
  /** PHC string (`$argon2id$...`). */
  readonly passwordHash: string
  readonly roles: readonly AccountRole[]
  readonly disabled: boolean
  /** The password was made by somebody else: the next sign-in sets another. */
  readonly mustChange: boolean
  /** Has one-time passwords that were confirmed. */
  readonly secondFactor: boolean
  /** How many passkeys it has. */
  readonly passkeys: number
  /** It is proved by somebody else: the account of an identity provider, which has no password here. */
  readonly issuer?: string
  readonly createdAt: number
  readonly lastSignIn?: number
}

export interface AccountRole {
  readonly tenant: TenantId
  readonly role: RoleName
}

export interface NewAccount {
  readonly id: string
  readonly name: string
  readonly passwordHash: string
  readonly role: RoleName
  /** Where it has that role; the organisation's first tenant by default. */
  readonly inTenant?: TenantId
  /** False by default. */
  readonly mustChange?: boolean
}

/** Times are milliseconds since the epoch and come from the caller's clock. */
export interface Accounts {
  list(): Promise<Account[]>
  byName(name: string): Promise<Account | undefined>
  get(id: string): Promise<Account | undefined>
  /** @throws {CodedError} `name-taken` */
  create(account: NewAccount, now: number): Promise<Account>
  /** @param mustChange the next sign-in has to set another */
  setPassword(id: string, passwordHash: string, mustChange: boolean): Promise<void>
  /**
   * Sets what somebody is in a tenant, or takes that away.
   *
   * @throws {CodedError} `last-admin`: nobody would be left who could manage the organisation
   */
  setRole(id: string, inTenant: TenantId, role: RoleName | undefined): Promise<void>
  /**
   * A disabled account has no sessions and gets none.
   *
   * @throws {CodedError} `last-admin`
   */
  setDisabled(id: string, disabled: boolean, now: number): Promise<void>
  /**
   * Deletes an account, its sessions and factors.
   *
   * @throws {CodedError} `last-admin`
   */
  remove(id: string): Promise<void>
  signedIn(id: string, now: number): Promise<void>
}

/** A tenant of an organisation. The first has the organisation's id and is not listed among them. */
export interface Tenant {
  readonly id: TenantId
  readonly name: string
  readonly createdAt: number
}

export interface Tenants {
  /** By name. */
  list(): Promise<Tenant[]>
  /** @throws {CodedError} `name-taken` */
  create(tenant: { readonly id: TenantId; readonly name: string }, now: number): Promise<Tenant>
  /**
   * True when there is such a tenant.
   *
   * @throws {CodedError} `name-taken`
   */
  rename(id: TenantId, name: string): Promise<boolean>
}

/** Time-based one-time passwords (RFC 6238) and codes for when the device is lost. One factor an account. */
export interface SecondFactors {
  get(account: string): Promise<SecondFactor | undefined>
  /** Replaces one that was not confirmed. False when a confirmed one stands. */
  begin(account: string, secret: string, now: number): Promise<boolean>
  /** From now on it is asked for. False when there is none to confirm. */
  confirm(account: string, step: number, codeHashes: readonly string[], now: number): Promise<boolean>
  /** Notes a time step as used. False when it or a later one was used: a code counts once. */
  use(account: string, step: number): Promise<boolean>
  /** Uses up a recovery code. False when it is none, or was used. */
  useRecovery(account: string, codeHash: string): Promise<boolean>
  remove(account: string): Promise<boolean>
}

export interface SecondFactor {
  /** Base32. */
  readonly secret: string
  readonly confirmed: boolean
  /** Last time step that was used. */
  readonly lastStep: number
  readonly recoveryCodes: number
}

/** A signed-in browser. Only the hash of its token is kept (SHA-256, 64 hex digits). */
export interface Session {
  /** The organisation. */
  readonly tenant: TenantId
  readonly account: Account
  /** The tenant that it looks at, and the account's role there. */
  readonly inTenant: TenantId
  readonly role: RoleName
  readonly createdAt: number
  readonly expiresAt: number
}

/** A session as its owner sees it. */
export interface ListedSession {
  /** First 16 digits of the hash of its token: names it, opens nothing. */
  readonly id: string
  readonly tokenHash: string
  readonly account: string
  readonly inTenant: TenantId
  readonly createdAt: number
  readonly expiresAt: number
  /** Address and User-Agent at sign-in. */
  readonly address: string
  readonly program: string
}

export interface Sessions {
  create(
    tokenHash: string,
    account: string,
    now: number,
    expiresAt: number,
    from?: { readonly inTenant?: TenantId; readonly address?: string; readonly program?: string },
  ): Promise<void>
  /** Those of an account, newest first; without one, everybody's. */
  list(account: string | undefined, now: number): Promise<ListedSession[]>
  /** Turns a session to another tenant. False when there is no such session. */
  turn(tokenHash: string, inTenant: TenantId): Promise<boolean>
  /** Moves the end of a session that is in use. False when there is no such session. */
  extend(tokenHash: string, expiresAt: number): Promise<boolean>
  /** True when there was such a session. */
  revoke(tokenHash: string): Promise<boolean>
  /** Ends the sessions of an account, all or all but one, and gives the hashes of their tokens. */
  revokeAll(account: string, but?: string): Promise<string[]>
  /** Deletes what expired and says how many there were. */
  sweep(now: number): Promise<number>
}

/** The one-time token that makes the first account. One a tenant; a new one replaces one that was not used. */
export interface SetupTokens {
  /** `none`: never made; `open`: made and not used; `used`: an account exists. */
  state(): Promise<'none' | 'open' | 'used'>
  /** False when setup was done already; then nothing changed. */
  put(tokenHash: string, now: number): Promise<boolean>
  /** Uses the token and makes the account, both or neither. Left out when the token is not the open one. */
  use(tokenHash: string, account: NewAccount, now: number): Promise<Account | undefined>
}

export interface AgentCredentials {
  /** Replaces the agent's credential if it has one. */
  put(tokenHash: string, agent: AgentId, now: number): Promise<void>
  revoke(agent: AgentId): Promise<boolean>
}

/** A token of a program, such as the local one of the command line. */
export interface ApiToken {
  readonly id: string
  readonly tenant: TenantId
  /** The organisation that the tenant is of. */
  readonly organisation: TenantId
  readonly name: string
  readonly role: RoleName
  /** Operations that it is for, of those that the role may do; `*` at the end stands for anything. Left out: all. */
  readonly operations?: readonly string[]
  /** Who made it; empty for the house's own. */
  readonly madeBy: string
  /** Whose own it is: then the role is what that account is in the tenant now, and none where it is nothing any more. */
  readonly account?: string
  readonly createdAt: number
  readonly expiresAt?: number
  /** To the minute. */
  readonly lastUsedAt?: number
}

export interface NewApiToken {
  readonly id: string
  readonly name: string
  readonly role: RoleName
  /** The tenant itself by default. */
  readonly organisation?: TenantId
  readonly operations?: readonly string[]
  readonly madeBy?: string
  readonly account?: string
  readonly expiresAt?: number
}

export interface ApiTokens {
  /** By name. */
  list(): Promise<ApiToken[]>
  /** Replaces one of the same name. */
  put(tokenHash: string, token: NewApiToken, now: number): Promise<void>
  /** @throws {CodedError} `name-taken` */
  create(tokenHash: string, token: NewApiToken, now: number): Promise<ApiToken>
  /** The hash of the token that is no more; left out when there was none. */
  revoke(id: string): Promise<string | undefined>
  /** Notes that it was used. */
  used(tokenHash: string, now: number): Promise<void>
}

/** A key pair of a device that proves somebody (WebAuthn, Level 3). */
export interface Passkey {
  /** The organisation. */
  readonly tenant: TenantId
  /** Credential id, base64url. */
  readonly id: string
  readonly account: string
  /** What its owner calls it. */
  readonly name: string
  /** COSE key, base64url. */
  readonly publicKey: string
  /** Signature counter; always 0 for those that keep none. */
  readonly counter: number
  /** The host name that it is bound to. */
  readonly rpId: string
  readonly transports: readonly string[]
  /** A copy of it is elsewhere. */
  readonly backedUp: boolean
  readonly createdAt: number
  readonly lastUsed?: number
}

export interface Passkeys {
  /** Of an account, oldest first. */
  list(account: string): Promise<Passkey[]>
  /** @throws {CodedError} `name-taken` where the credential is known already */
  create(
    passkey: Omit<Passkey, 'tenant' | 'createdAt' | 'lastUsed'>,
    tokenHash: string,
    now: number,
  ): Promise<void>
  /** Notes a use. False when the counter did not rise beyond the one that is kept, unless both are 0. */
  use(id: string, counter: number, now: number): Promise<boolean>
  remove(account: string, id: string): Promise<boolean>
  /** Says how many there were. */
  removeAll(account: string): Promise<number>
}

/** Who proves people for an organisation (OpenID Connect Core 1.0). */
export interface IdentityProvider {
  readonly id: string
  readonly name: string
  readonly issuer: string
  readonly clientId: string
  /** Left out for a public client: then PKCE alone proves us. */
  readonly clientSecret?: string
  /** Claim of the identity token that says what somebody is; its values are looked up in `roleMap`. */
  readonly roleClaim: string
  /** The first that matches in each tenant counts. Nobody is let in whose values are not in it. */
  readonly roleMap: readonly { readonly value: string; readonly tenant: TenantId; readonly role: RoleName }[]
  readonly createdAt: number
}

export interface IdentityProviders {
  /** By name. */
  list(): Promise<IdentityProvider[]>
  /** @throws {CodedError} `name-taken` */
  put(provider: Omit<IdentityProvider, 'createdAt'>, now: number): Promise<void>
  remove(id: string): Promise<boolean>
  /** The account of somebody at an issuer. Nothing else leads to it: no name, no address. */
  linked(issuer: string, subject: string): Promise<Account | undefined>
  /**
   * Makes the account of somebody at an issuer, without a password, or sets the roles of the one that is there to these.
   *
   * @throws {CodedError} `name-taken`, `last-admin`
   */
  settle(
    who: { readonly issuer: string; readonly subject: string; readonly id: string; readonly name: string },
    roles: readonly AccountRole[],
    now: number,
  ): Promise<Account>
}

/** A named set of Cedar policies in a tenant. */
export interface CustomRole {
  readonly name: string
  readonly description: string
  readonly policies: string
  readonly updatedAt: number
  readonly updatedBy: string
}

export interface CustomRoles {
  /** By name. */
  list(): Promise<CustomRole[]>
  get(name: string): Promise<CustomRole | undefined>
  put(role: CustomRole): Promise<void>
  /** False when there is none. */
  remove(name: string): Promise<boolean>
}

/** People and tenants that know nothing of those of another one. The first has no row. */
export interface Organisation {
  /** Of its first tenant. */
  readonly id: TenantId
  readonly name: string
  readonly createdAt: number
}

export interface OwnOrganisation {
  /** Left out for the first. */
  get(): Promise<Organisation | undefined>
  /**
   * Makes the organisation of this tenant, with its first admin.
   *
   * @throws {CodedError} `name-taken`
   */
  found(name: string, admin: NewAccount, now: number): Promise<Account>
}

/**
 * From the hash of what a caller presents to who that is. The only door without a tenant: it is how the tenant is found.
 * A hash opens the one row that has it and nothing else; row-level security sees to that.
 */
export interface CredentialDoor {
  /** Left out when there is none or it expired. */
  session(tokenHash: string, now: number): Promise<Session | undefined>
  /** Left out when there is none or it expired. */
  apiToken(tokenHash: string, now: number): Promise<ApiToken | undefined>
  agent(tokenHash: string): Promise<{ readonly tenant: TenantId; readonly agent: AgentId } | undefined>
  /** By the hash of its credential id. */
  passkey(tokenHash: string): Promise<Passkey | undefined>
  /** The organisation of that name, upper and lower case alike. */
  organisation(name: string): Promise<TenantId | undefined>
  /** All but the first, by name. */
  organisations(): Promise<Organisation[]>
  /** Also when it is used up or expired. */
  enrolmentSecret(tokenHash: string): Promise<EnrolmentSecret | undefined>
  /** Certificates of agents of every tenant that were revoked since then and would hold otherwise. */
  revocations(since: number, now: number): Promise<{ readonly serial: string; readonly revokedAt: number }[]>
}
