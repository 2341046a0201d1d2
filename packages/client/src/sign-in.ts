import { type AuthState, getAuthState, setUp, signIn, signOut } from './generated/rest.ts'
import { createRest } from './rest-call.ts'

/** Signing in and out of a page: the session is a cookie that scripts cannot read. */
export interface SignIn {
  state(): Promise<AuthState>
  /**
   * Makes the first account, an admin, and signs in.
   *
   * @throws {ApiError} `setup-refused` (wrong or used token), `password-refused`, `name-refused`, `rate-limited`
   */
  setUp(input: Body<typeof setUp>): Promise<AuthState>
  /**
   * Once the password is right more may be asked for: `second-factor-needed` for `code`, `password-expired` for
   * `new_password`.
   *
   * @throws {ApiError} `sign-in-refused`, `second-factor-needed`, `second-factor-refused`, `password-expired`,
   *   `password-refused`, `rate-limited`
   */
  signIn(input: Body<typeof signIn>): Promise<AuthState>
  signOut(): Promise<void>
}

/** What an operation is sent. */
type Body<O> = O extends (input: { body: infer B }, ...rest: never[]) => unknown ? Readonly<B> : never

export function createSignIn(url: string, send?: typeof fetch): SignIn {
  const call = createRest({ url, ...(send && { fetch: send }) })
  return {
    state: () => call((to) => getAuthState(to)),
    setUp: (body) => call((to) => setUp({ body }, to)),
    signIn: (body) => call((to) => signIn({ body }, to)),
    async signOut() {
      await call((to) => signOut(to))
    },
  }
}
