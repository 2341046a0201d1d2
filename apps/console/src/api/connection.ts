import { useSyncExternalStore } from 'react'

/** Whether live values come: not asked for yet, coming, or the socket is lost and tried again. */
export type Connection = 'idle' | 'live' | 'lost'

const listeners = new Set<() => void>()
let state: Connection = 'idle'
let since = 0

/** The state of the socket that brings live values. */
export const connection = {
  set(next: Connection): void {
    if (next === state) return
    state = next
    since = Date.now()
    for (const listener of listeners) listener()
  },
  /** When the state began, milliseconds since the epoch. */
  since: () => since,
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
  )
}
