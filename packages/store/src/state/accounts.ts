import type { AgentId, TenantId } from '@vedette/model'

export const roles = ['admin', 'analyst', 'viewer'] as const
export type Role = (typeof roles)[number]

/** A person who may sign in. */
export interface Account {
  readonly id: string
  readonly tenant: TenantId
  /** Unique within the tenant, upper and lower case alike. */
  readonly name: string
  /** PHC string (`$argon2id$...`). */
  readonly passwordHash: string
  readonly role: Role
  readonly createdAt: number
}

export interface NewAccount {
  readonly id: string
  readonly name: string
  readonly passwordHash: string
  readonly role: Role
}

/** Times are milliseconds since the epoch and come from the caller's clock. */
export interface Accounts {
  list(): Promise<Account[]>
  byName(name: string): Promise<Account | undefined>
  get(id: string): Promise<Account | undefined>
  /** @throws {CodedError} `name-taken` */
  create(account: NewAccount, now: number): Promise<Account>
  setPassword(id: string, passwordHash: string): Promise<void>
  setRole(id: string, role: Role): Promise<void>
}

/** A signed-in browser. Only the hash of its token is kept (SHA-256, 64 hex digits). */
export interface Session {
  readonly tenant: TenantId
  readonly account: Account
  readonly createdAt: number
  readonly expiresAt: number
}

export interface Sessions {
  create(tokenHash: string, account: string, now: number, expiresAt: number): Promise<void>
  /** Moves the end of a session that is in use. False when there is no such session. */
  extend(tokenHash: string, expiresAt: number): Promise<boolean>
  /** True when there was such a session. */
  revoke(tokenHash: string): Promise<boolean>
  /** Ends all sessions of an account and says how many there were. */
  revokeAll(account: string): Promise<number>
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
  readonly name: string
  readonly role: Role
  readonly createdAt: number
}

export interface ApiTokens {
  list(): Promise<ApiToken[]>
  /** Replaces one of the same name. */
  put(tokenHash: string, token: { id: string; name: string; role: Role }, now: number): Promise<void>
  revoke(id: string): Promise<boolean>
}

/**
 * From the hash of what a caller presents to who that is. The only door without a tenant: it is how the tenant is found.
 * A hash opens the one row that has it and nothing else; row-level security sees to that.
 */
export interface CredentialDoor {
  /** Left out when there is none or it expired. */
  session(tokenHash: string, now: number): Promise<Session | undefined>
  apiToken(tokenHash: string): Promise<ApiToken | undefined>
  agent(tokenHash: string): Promise<{ readonly tenant: TenantId; readonly agent: AgentId } | undefined>
}
