import { ApiError } from '@vedette/client'
import type { AuthState } from '@vedette/client/rest'
import { type ReactNode, createContext, useContext, useEffect, useState } from 'react'
import { forget, onSignedOut, signIn } from '../api/api.ts'
import { follow } from '../live/live.ts'
import { SignInPage } from '../pages/sign-in/sign-in-page.tsx'
import { Failure, Loading } from '../parts/state.tsx'

type User = NonNullable<AuthState['user']>

interface Session {
  readonly user: User
  /** Whether the person may do an operation, such as `Mutation.executeResponse`. */
  readonly may: (operation: string) => boolean
  readonly signOut: () => Promise<void>
}

const SessionContext = createContext<Session | undefined>(undefined)

/** Who is signed in. Only below SessionGate. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('useSession() outside of SessionGate')
  return session
}

const RETRY_MS = 3000

/** Shows its children to a person who is signed in, and the sign-in page to others; the address stays. */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const [state, setState] = useState<AuthState>()
  const [error, setError] = useState<Error>()
  const [ended, setEnded] = useState(false)
  const [tries, setTries] = useState(0)

  useEffect(() => {
    let current = true
    let timer: ReturnType<typeof setTimeout> | undefined
    signIn.state().then(
      (answer) => {
        if (!current) return
        setState(answer)
        setError(undefined)
      },
      (reason: unknown) => {
        if (!current) return
        setError(reason instanceof Error ? reason : new ApiError([]))
        timer = setTimeout(() => setTries((count) => count + 1), RETRY_MS)
      },
    )
    return () => {
      current = false
      clearTimeout(timer)
    }
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- each try asks anew
  }, [tries])

  useEffect(
    () =>
      onSignedOut(() => {
        forget()
        setEnded(true)
        setState((before) => (before?.user ? { setupNeeded: false } : before))
        // Who else proves people is told to nobody else.
        setTries((count) => count + 1)
      }),
    [],
  )

  const userId = state?.user?.id
  useEffect(() => {
    if (userId === undefined) return undefined
    const controller = new AbortController()
    follow(controller.signal)
    return () => controller.abort()
  }, [userId])

  if (!state) {
    return (
      <main className="bare">
        {error ? (
          <Failure
            whole
            what="The console cannot reach its server"
            error={error}
            onRetry={() => setTries(tries + 1)}
          />
        ) : (
          <Loading what="the console" />
        )}
      </main>
    )
  }
  if (!state.user) {
    return (
      <SignInPage
        setupNeeded={state.setupNeeded}
        ended={ended}
        {...(state.providers && { providers: state.providers })}
        onSignedIn={(next) => {
          setEnded(false)
          setState(next)
        }}
      />
    )
  }
  const { user } = state
  const signOut = async () => {
    await signIn.signOut()
    forget()
    setState({ setupNeeded: false })
    setTries((count) => count + 1)
  }
  const may = (operation: string) => user.may.includes(operation)
  return <SessionContext value={{ user, may, signOut }}>{children}</SessionContext>
}
