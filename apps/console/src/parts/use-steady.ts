import { useRef, useState } from 'react'

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
  const [held, setHeld] = useState(0)
  const shown = useRef(latest)
  const [, again] = useState(0)
  if (held === 0 || shown.current === undefined) shown.current = latest
  const change = (by: number) => () => setHeld((count) => Math.max(0, count + by))
  return {
    value: shown.current,
    waiting: held > 0 && JSON.stringify(shown.current) !== JSON.stringify(latest),
    show: () => {
      shown.current = latest
      again((count) => count + 1)
    },
    hold: {
      onPointerEnter: change(1),
      onPointerLeave: change(-1),
      onFocus: change(1),
      onBlur: change(-1),
    },
  }
}
