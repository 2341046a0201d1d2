import { ApiError, asRecord, noAnswer } from './api-error.ts'

/** Whether somebody is signed in, and whether the first account has still to be made. */
export interface AuthState {
  readonly setupNeeded: boolean
  readonly user?: {
    readonly id: string
    readonly name: string
    readonly role: 'viewer' | 'analyst' | 'responder' | 'engineer' | 'admin' | 'auditor'
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
  async function call(method: 'GET' | 'POST', path: string, input?: object): Promise<unknown> {
    const address = new URL(path, url).href
    let response: Response
    let body: unknown
    try {
      response = await send(address, {
        method,
        credentials: 'same-origin',
        ...(method === 'POST' && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(input ?? {}),
        }),
      })
    } catch (error) {
      throw noAnswer(address, error)
    }
    try {
      body = await response.json()
    } catch (error) {
      throw noAnswer(address, error, response.status)
    }
    if (response.ok) return body
    const { code, message } = asRecord(asRecord(body)['error'])
    throw new ApiError(
      [
        {
          code: typeof code === 'string' ? code : 'internal',
          message: typeof message === 'string' ? message : `The server answered ${response.status}`,
        },
      ],
      response.status,
    )
  }

  return {
    state: async () => (await call('GET', '/auth/state')) as AuthState,
    setUp: async (input) => (await call('POST', '/auth/setup', input)) as AuthState,
    signIn: async (input) => (await call('POST', '/auth/sign-in', input)) as AuthState,
    signOut: async () => {
      await call('POST', '/auth/sign-out')
    },
  }
}
