import { createCaller } from './rest-call.ts'

/** Whether somebody is signed in, and whether the first account has still to be made. */
export interface AuthState {
  readonly setupNeeded: boolean
  readonly user?: {
    readonly id: string
    readonly name: string
    /** One of the house, or a tenant's own. */
    readonly role: string
    /** Operations that this person may do, such as `Mutation.executeResponse`. */
    readonly may: readonly string[]
  }
}

/** Signing in and out of a page: the session is a cookie that scripts cannot read. */
export interface SignIn {
  state(): Promise<AuthState>
  /**
   * Makes the first account, an admin, and signs in.
   *
   * @throws {ApiError} `setup-refused` (wrong or used token), `password-refused`, `name-refused`, `rate-limited`
   */
  setUp(input: {
    readonly token: string
    readonly name: string
    readonly password: string
  }): Promise<AuthState>
  /**
   * Once the password is right more may be asked for: `second-factor-needed` for `code`, `password-expired` for
   * `new_password`.
   *
   * @throws {ApiError} `sign-in-refused`, `second-factor-needed`, `second-factor-refused`, `password-expired`,
   *   `password-refused`, `rate-limited`
   */
  signIn(input: {
    readonly name: string
    readonly password: string
    readonly code?: string
    readonly new_password?: string
  }): Promise<AuthState>
  signOut(): Promise<void>
}

export function createSignIn(url: string, send: typeof fetch = globalThis.fetch.bind(globalThis)): SignIn {
  const call = createCaller(url, send)

  return {
    state: async () => (await call('GET', '/auth/state')) as AuthState,
    setUp: async (input) => (await call('POST', '/auth/setup', input)) as AuthState,
    signIn: async (input) => (await call('POST', '/auth/sign-in', input)) as AuthState,
    signOut: async () => {
      await call('POST', '/auth/sign-out')
    },
  }
}
