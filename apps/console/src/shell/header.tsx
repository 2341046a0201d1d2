import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useSyncExternalStore } from 'react'

/** Where a page stands: its name, and the list that it is in. */
interface Place {
  readonly title: string
  readonly parent?: { readonly to: '/alerts' | '/incidents' | '/rules' | '/hosts'; readonly title: string }
  /** What the header shows for the title, where it is more than text. */
  readonly shown?: ReactNode
}

const listeners = new Set<() => void>()
let place: Place = { title: '' }

/** Names the page in the header and in the window's title. */
export function usePlace(next: Place): void {
  const { title, parent } = next
  useEffect(() => {
    place = { title, ...(parent && { parent }) }
    document.title = `${title} · Vedette`
    for (const listener of listeners) listener()
    // oxlint-disable-next-line react/exhaustive-deps -- the parent's address says the parent
  }, [title, parent?.to])
}

export function HeaderSlot() {
  const { title, parent } = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => place,
  )
  return (
    <span className="crumb">
      {parent && (
        <>
          <Link to={parent.to}>{parent.title}</Link> <span aria-hidden="true">/</span>{' '}
        </>
      )}
      <b>{title}</b>
    </span>
  )
}
