import type { AuthState } from '@vedette/client/rest'
import { ApiError } from '@vedette/client'
import { operations } from '@vedette/client/rest'
import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { rest, signIn } from '../../api/api.ts'
import { faultOf } from '../../parts/form.ts'
import { reasonOf } from '../../parts/state.tsx'
import { takeRefusal } from '../../session/refusal.ts'
import { answerByPasskey, canHavePasskeys } from '../../session/passkey.ts'
import { takeSetupToken } from '../../session/setup-token.ts'
import { Brand } from '../../shell/brand.tsx'

/**
 * The first page: makes the first account from the setup token, later asks for name and password, and once these are right
 * for what else the account needs.
 */
export function SignInPage({
  setupNeeded,
  ended,
  providers = [],
  onSignedIn,
}: {
  readonly setupNeeded: boolean
  /** Who else proves people. */
  readonly providers?: AuthState['providers']
  readonly ended: boolean
  readonly onSignedIn: (state: AuthState) => void
}) {
  const [token, setToken] = useState(takeSetupToken)
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [newPassword, setNewPassword] = useState('')
  const [asks, setAsks] = useState<readonly Asked[]>([])
  const [error, setError] = useState<Error | undefined>(takeRefusal)
  const [busy, setBusy] = useState(false)
  const first = useRef<HTMLInputElement>(null)
  const problem = useId()
  const tokenGiven = useState(token !== '')[0]

  useEffect(() => {
    document.title = setupNeeded ? 'Set up · Vedette' : 'Sign in · Vedette'
    first.current?.focus()
  }, [setupNeeded])

  const attempt = async (work: () => Promise<AuthState>) => {
    if (busy) return
    setBusy(true)
    setError(undefined)
    try {
      onSignedIn(await work())
    } catch (reason) {
      const asked = ASKED.find((known) => reason instanceof ApiError && reason.code === known)
      if (asked === undefined) setError(faultOf(reason))
      else setAsks((before) => (before.includes(asked) ? before : [...before, asked]))
      // A code counts once: what was typed is of no use for a second try.
      if (reason instanceof ApiError && reason.code === 'second-factor-refused') setCode('')
      setBusy(false)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void attempt(async () =>
      setupNeeded
        ? signIn.setUp({ token: token.trim(), name: name.trim(), password })
        : signIn.signIn({
            name: name.trim(),
            password,
            ...(asks.includes('second-factor-needed') && { code: code.trim() }),
            ...(asks.includes('password-expired') && { new_password: newPassword }),
          }),
    )
  }
  /** By the passkey alone; or with the password, where that was typed and is not enough. */
  const byPasskey = () =>
    void attempt(async () => {
      const passkey = await answerByPasskey()
      return needsMore
        ? signIn.signIn({
            name: name.trim(),
            password,
            passkey: passkey as never,
            ...(asks.includes('password-expired') && { new_password: newPassword }),
          })
        : rest((to) => operations.signInByPasskey({ body: { response: passkey as never } }, to))
    })
  const elsewhere = async (provider: string) => {
    if (busy) return
    setBusy(true)
    setError(undefined)
    try {
      const { url } = await rest((to) => operations.beginProviderSignIn({ body: { provider } }, to))
      location.assign(url)
    } catch (reason) {
      setError(faultOf(reason))
      setBusy(false)
    }
  }
  const needsMore = asks.includes('second-factor-needed') || asks.includes('passkey-needed')
  const offersPasskey = !setupNeeded && canHavePasskeys()

  return (
    <main className="sign-in">
      <form onSubmit={submit} aria-describedby={error ? problem : undefined}>
        <Brand />
        <h1>{setupNeeded ? 'Make the first account' : 'Sign in'}</h1>
        {setupNeeded && (
          <p>
            {tokenGiven
              ? 'The setup token came with the address. Choose a name and a password; this account may do everything.'
              : 'Whoever started Vedette has the setup token: it stands in the terminal, below the address of this page.'}
          </p>
        )}
        {ended && !setupNeeded && <p>Your session has ended. Sign in, and this page goes on where it was.</p>}
        {setupNeeded && !tokenGiven && (
          <label>
            Setup token
            <input
              ref={first}
              className="mono"
              value={token}
              onChange={(event) => setToken(event.target.value)}
              autoComplete="off"
              spellCheck={false}
              required
            />
          </label>
        )}
        <label>
          Name
          <input
            ref={setupNeeded && !tokenGiven ? undefined : first}
            name="name"
            value={name}
            onChange={(event) => setName(event.target.value)}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={129}
            required
          />
        </label>
        <label>
          Password
          <input
            type="password"
            name="password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            autoComplete={setupNeeded ? 'new-password' : 'current-password'}
            minLength={setupNeeded ? 12 : undefined}
            maxLength={1000}
            required
            aria-describedby={setupNeeded ? 'password-hint' : undefined}
          />
        </label>
        {setupNeeded && (
          <p className="hint" id="password-hint">
            At least 12 characters. A sentence is good.
          </p>
        )}
        {asks.includes('second-factor-needed') && (
          <label>
            Code of your authenticator app, or a recovery code
            <input
              ref={focused}
              className="mono"
              name="code"
              value={code}
              onChange={(event) => setCode(event.target.value)}
              autoComplete="one-time-code"
              spellCheck={false}
              maxLength={64}
              required
            />
          </label>
        )}
        {asks.includes('password-expired') && (
          <>
            <p>Somebody else made this password. Choose one of your own.</p>
            <label>
              New password
              <input
                ref={focused}
                type="password"
                name="new-password"
                value={newPassword}
                onChange={(event) => setNewPassword(event.target.value)}
                autoComplete="new-password"
                minLength={12}
                maxLength={1000}
                required
                aria-describedby="password-hint"
              />
            </label>
            <p className="hint" id="password-hint">
              At least 12 characters. A sentence is good.
            </p>
          </>
        )}
        {asks.includes('passkey-needed') && (
          <p>
            {offersPasskey
              ? 'The password is right. This account also wants its passkey.'
              : `The password is right. This account also wants its passkey, which is bound to a host name: open this page by its name, not as ${location.hostname}.`}
          </p>
        )}
        {error && (
          <p className="problem" id={problem} role="alert">
            {reasonOf(error)}
          </p>
        )}
        <button type="submit" className="primary" aria-busy={busy}>
          {setupNeeded ? 'Make the account and sign in' : 'Sign in'}
        </button>
        {offersPasskey && (
          <button type="button" className="other-way" disabled={busy} onClick={byPasskey}>
            {needsMore ? 'Use a passkey' : 'Sign in with a passkey'}
          </button>
        )}
        {!setupNeeded &&
          providers.map((provider) => (
            <button
              key={provider.name}
              type="button"
              className="other-way"
              disabled={busy}
              onClick={() => void elsewhere(provider.name)}
            >
              Sign in through {provider.name}
            </button>
          ))}
      </form>
    </main>
  )
}

/** What a sign-in may need besides name and password. */
const ASKED = ['second-factor-needed', 'passkey-needed', 'password-expired'] as const
type Asked = (typeof ASKED)[number]

/** What has just been asked for is what is typed next. */
function focused(element: HTMLInputElement | null): void {
  element?.focus()
}
