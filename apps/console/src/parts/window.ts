import { useWindowVirtualizer, type Virtualizer } from '@tanstack/react-virtual'
import { type RefObject, useLayoutEffect, useRef, useState } from 'react'

/** The header, which covers the top of the window, and the bar of keys at its end. */
const COVERED_TOP_PX = 60
const COVERED_END_PX = 48

/** What a long list needs, of which only the rows that can be seen are on the page. */
export interface RowWindow {
  /** Of the element that holds the rows. */
  readonly list: RefObject<HTMLDivElement | null>
  /** Where that begins on the page. */
  readonly top: number
  readonly virtualizer: Virtualizer<Window, Element>
}

/** @param sizeOf the height of a row in pixels, by its index */
export function useRowWindow(
  count: number,
  sizeOf: (at: number) => number,
  keyOf: (at: number) => string | number = (at) => at,
): RowWindow {
  const list = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    const measure = () => {
      const box = list.current?.getBoundingClientRect()
      if (box) setTop(Math.round(box.top + window.scrollY))
    }
    measure()
    window.addEventListener('resize', measure)
    return () => window.removeEventListener('resize', measure)
  }, [])
  // oxlint-disable-next-line react/incompatible-library -- its functions change from render to render, and nothing here keeps them
  const virtualizer = useWindowVirtualizer({
    count,
    estimateSize: sizeOf,
    getItemKey: keyOf,
    overscan: 14,
    scrollMargin: top,
    scrollPaddingStart: COVERED_TOP_PX,
    scrollPaddingEnd: COVERED_END_PX,
  })
  return { list, top, virtualizer }
}
