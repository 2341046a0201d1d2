import { ApiError } from '@vedette/client'
import type { ReactNode } from 'react'
import { visibleText } from '../text/hidden.ts'

/** Says that something is on its way; shown only when it takes long enough to be noticed. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p className="loading" role="status">
      Loading {what}…
    </p>
  )
}

/** Nothing to show: why, and what to do next. `whole` where the page has nothing else. */
export function Empty({
  title,
  children,
  whole = false,
}: {
  readonly title: string
  readonly children?: ReactNode
  readonly whole?: boolean
}) {
  return (
    <div className="empty">
      {whole ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children}
    </div>
  )
}

/** What happened, what is still true, and what to try. */
export function Failure({
  what,
  error,
  onRetry,
  children,
  whole = false,
}: {
  readonly what: string
  readonly error: Error
  readonly onRetry?: () => void
  readonly children?: ReactNode
  /** The page has nothing else. */
  readonly whole?: boolean
}) {
  return (
    <div className="empty failure" role="alert">
      {whole ? <h1>{what}</h1> : <h2>{what}</h2>}
      <p>{reasonOf(error)}</p>
      {children}
      {onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}

/** A fault in a sentence for people. */
export function reasonOf(error: Error): string {
  if (error instanceof ApiError) {
    if (error.code === 'unreachable') {
      return 'The server does not answer. The agents keep what they see and send it later; nothing is lost by waiting.'
    }
    if (error.code === 'forbidden') return 'Your role does not allow this. Ask an admin.'
    if (error.code === 'rate-limited')
      return 'Too many requests in a short time. Wait a minute, then try again.'
  }
  const text = visibleText(error.message)
  return /[.!?]$/.test(text) ? text : `${text}.`
}
