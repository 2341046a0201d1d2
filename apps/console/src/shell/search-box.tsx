import { useLocation, useNavigate, useSearch } from '@tanstack/react-router'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { readFilter } from '../pages/alerts/filter.ts'
import { Kbd } from '../parts/kbd.tsx'

/** While somebody types, the list follows after this pause. */
const PAUSE_MS = 200

/** Searches the alerts. On the list itself it narrows what is shown; elsewhere Enter opens the list. */
export function SearchBox({ input }: { readonly input: RefObject<HTMLInputElement | null> }) {
  const { q = '' } = useSearch({ strict: false })
  const onList = useLocation({ select: ({ pathname }) => pathname === '/alerts' })
  const navigate = useNavigate()
  const [text, setText] = useState(q)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  useEffect(() => {
    if (document.activeElement !== input.current) setText(q)
  }, [q, input])
  useEffect(() => () => clearTimeout(timer.current), [])

  const search = (value: string, replace: boolean) => {
    clearTimeout(timer.current)
    const words = value.trim()
    void navigate({
      to: '/alerts',
      search: (before) => {
        const { q: _, ...rest } = readFilter(onList ? { ...before } : { status: 'all' })
        return words === '' ? rest : { ...rest, q: words }
      },
      replace,
      resetScroll: !replace,
    })
  }

  return (
    <form
      role="search"
      className="search"
      onSubmit={(event) => {
        event.preventDefault()
        if (!onList || text.trim() !== q) search(text, onList && q !== '')
        input.current?.blur()
      }}
    >
      <input
        ref={input}
        type="search"
        aria-label="Search alerts"
        placeholder="rule, host, command line, address"
        value={text}
        maxLength={200}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          const { value } = event.target
          setText(value)
          if (!onList) return
          clearTimeout(timer.current)
          timer.current = setTimeout(() => search(value, q !== ''), PAUSE_MS)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur()
        }}
      />
      <Kbd keys="/" />
    </form>
  )
}
