import { useState } from 'react'

/** A value that waits while the pointer or the focus is on what shows it. */
interface Steady<T> {
  readonly value: T
  /** A newer one waits. */
  readonly waiting: boolean
  readonly show: () => void
  /** To be spread on the element that shows it. */
  readonly hold: {
    readonly onPointerEnter: () => void
    readonly onPointerLeave: () => void
    readonly onFocus: () => void
    readonly onBlur: () => void
  }
}

/** Keeps a live list still under the pointer: the newest value is taken when nobody is on it, or when asked for. */
export function useSteady<T>(latest: T): Steady<T> {
  const [holders, setHolders] = useState(0)
  const [shown, setShown] = useState(latest)
  const free = holders === 0 || shown === undefined
  if (free && shown !== latest) setShown(latest)
  const change = (by: number) => () => setHolders((count) => Math.max(0, count + by))
  return {
    value: free ? latest : shown,
    waiting: !free && JSON.stringify(shown) !== JSON.stringify(latest),
    show: () => setShown(latest),
    hold: {
      onPointerEnter: change(1),
      onPointerLeave: change(-1),
      onFocus: change(1),
      onBlur: change(-1),
    },
  }
}
