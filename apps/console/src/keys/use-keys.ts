import { useEffect, useRef } from 'react'
import { preferences } from '../preferences.ts'
import { type Binding, Keyboard } from './keyboard.ts'

/** The keyboard of the page. */
export const keyboard = new Keyboard(() => performance.now())

const FIELD = 'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]'
const ENTER = 'a, button, summary, input, select'
const SPACE = 'button, summary, input, select'

/** Listens to the window. Returns how to stop. */
export function listenToKeys(): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return
    const target = event.target instanceof Element ? event.target : document.body
    // A dialog has keys of its own.
    if (document.querySelector('dialog[open]')) return
    const single = event.key.length === 1
    if (single && !preferences().keys && event.key !== '?') return
    const binding = keyboard.find({
      key: event.key,
      ctrlKey: event.ctrlKey,
      metaKey: event.metaKey,
      altKey: event.altKey,
      inField: target.matches(FIELD),
      takesEnter: target.matches(ENTER),
      takesSpace: target.matches(SPACE),
    })
    if (!binding) return
    event.preventDefault()
    binding.run()
  }
  window.addEventListener('keydown', onKeyDown)
  return () => window.removeEventListener('keydown', onKeyDown)
}

/**
 * Keys that work while the component is shown; `under` those of others, where it is the frame around them. The functions
 * may change from render to render.
 */
export function useKeys(bindings: readonly Binding[], { under = false }: { under?: boolean } = {}): void {
  const latest = useRef(bindings)
  useEffect(() => {
    latest.current = bindings
  })
  // Which keys there are decides when they are added anew; what they do is looked up when pressed.
  const names = JSON.stringify(bindings.map(({ keys, label, inFields }) => [keys, label, inFields]))
  useEffect(
    () =>
      keyboard.add(
        latest.current.map((binding, at) => ({ ...binding, run: () => latest.current[at]?.run() })),
        under,
      ),
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- the names stand for the bindings
    [names, under],
  )
}
