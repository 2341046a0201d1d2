import { useSyncExternalStore } from 'react'

interface Toast {
  readonly id: number
  readonly text: string
  readonly bad: boolean
}

const SHOWN_MS = 6000
const listeners = new Set<() => void>()
let shown: Toast | undefined
let last = 0

function show(toast: Toast | undefined): void {
  shown = toast
  for (const listener of listeners) listener()
}

/** Says for some seconds what was done, or what failed and why. Read out by a screen reader. */
export function say(text: string, { bad = false }: { bad?: boolean } = {}): void {
  last += 1
  const id = last
  show({ id, text, bad })
  setTimeout(
    () => {
      if (shown?.id === id) show(undefined)
    },
    bad ? 2 * SHOWN_MS : SHOWN_MS,
  )
}

export function Toasts() {
  const toast = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => shown,
  )
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toast && (
        <div key={toast.id} className={toast.bad ? 'toast bad' : 'toast'}>
          {toast.text}
          <button
            type="button"
            className="plain"
            aria-label="Close this message"
            onClick={() => show(undefined)}
          >
            ×
          </button>
        </div>
      )}
    </div>
  )
}
