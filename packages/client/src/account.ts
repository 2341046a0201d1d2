import {
  beginSecondFactor,
  changePassword,
  confirmSecondFactor,
  createOwnKey,
  endOwnSessions,
  getOwnAccount,
  type OwnAccount,
  removeSecondFactor,
  revokeOwnKey,
  turnToTenant,
} from './generated/rest.ts'
import { createRest } from './rest-call.ts'

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
  const call = createRest({ url, ...(send && { fetch: send }) })
  return {
    get: () => call((to) => getOwnAccount(to)),
    setPassword: (password, next) =>
      call((to) => changePassword({ body: { password, new_password: next } }, to)),
    endSessions: (id) => call((to) => endOwnSessions({ body: id === undefined ? {} : { id } }, to)),
    async turnTo(tenant) {
      await call((to) => turnToTenant({ body: { tenant } }, to))
    },
    beginSecondFactor: (password) => call((to) => beginSecondFactor({ body: { password } }, to)),
    confirmSecondFactor: (code) => call((to) => confirmSecondFactor({ body: { code } }, to)),
    async removeSecondFactor(password, code) {
      await call((to) => removeSecondFactor({ body: { password, code } }, to))
    },
    createKey({ operations, ...input }) {
      const body = { ...input, ...(operations && { operations: [...operations] }) }
      return call((to) => createOwnKey({ body }, to))
    },
    async revokeKey(id) {
      await call((to) => revokeOwnKey({ body: { id } }, to))
    },
  }
}
