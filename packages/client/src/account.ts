import { createCaller } from './rest-call.ts'

/** What is one's own: how one is proved, where one is signed in, and keys. Times are ISO 8601. */
export interface OwnAccount {
  /** False for whom an identity provider proves. */
  readonly has_password: boolean
  /** One-time passwords; null while they are off. */
  readonly second_factor: { readonly recovery_codes: number } | null
  readonly tenants: readonly {
    readonly id: string
    readonly name: string
    readonly role: string
    readonly current: boolean
  }[]
  readonly sessions: readonly {
    readonly id: string
    readonly current: boolean
    readonly created_at: string
    readonly expires_at: string
    readonly address: string
    readonly program: string
  }[]
  readonly passkeys: readonly {
    readonly id: string
    readonly name: string
    readonly backed_up: boolean
    /** The host name that it is for. */
    readonly host: string
    readonly created_at: string
    readonly last_used: string | null
  }[]
  readonly keys: readonly {
    readonly id: string
    readonly name: string
    readonly tenant: string
    readonly operations: readonly string[] | null
    readonly created_at: string
    readonly expires_at: string | null
    readonly last_used_at: string | null
  }[]
}

/** What people do with their own account. What weighs more asks for the password again. */
export interface Account {
  get(): Promise<OwnAccount>
  /** Sets another password; all other sessions end. @throws {ApiError} `sign-in-refused`, `password-refused` */
  setPassword(password: string, next: string): Promise<{ readonly sessions_ended: number }>
  /** Ends one session, or without an id all but this one. */
  endSessions(id?: string): Promise<{ readonly sessions_ended: number }>
  turnTo(tenant: string): Promise<void>
  /** A secret for an authenticator app, in force once confirmed. */
  beginSecondFactor(password: string): Promise<{ readonly secret: string; readonly uri: string }>
  confirmSecondFactor(code: string): Promise<{ readonly recovery_codes: readonly string[] }>
  removeSecondFactor(password: string, code: string): Promise<void>
  createKey(input: {
    readonly name: string
    readonly days: number
    readonly operations?: readonly string[]
    readonly password: string
  }): Promise<{ readonly id: string; readonly token: string; readonly expires_at: string }>
  revokeKey(id: string): Promise<void>
}

export function createAccount(url: string, send?: typeof fetch): Account {
  const call = createCaller(url, send)
  const post = async <T>(path: string, input: object) => (await call('POST', path, input)) as T
  return {
    get: async () => (await call('GET', '/auth/account')) as OwnAccount,
    setPassword: (password, next) => post('/auth/password', { password, new_password: next }),
    endSessions: (id) => post('/auth/sessions/end', id === undefined ? {} : { id }),
    turnTo: (tenant) => post('/auth/tenant', { tenant }),
    beginSecondFactor: (password) => post('/auth/second-factor/begin', { password }),
    confirmSecondFactor: (code) => post('/auth/second-factor/confirm', { code }),
    removeSecondFactor: (password, code) => post('/auth/second-factor/remove', { password, code }),
    createKey: (input) => post('/auth/keys', input),
    revokeKey: (id) => post('/auth/keys/revoke', { id }),
  }
}
