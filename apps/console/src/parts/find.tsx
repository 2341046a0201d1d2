import type { FormEvent } from 'react'
import { fieldOf } from './form.ts'

/** A field for words by which a list is narrowed; Enter does it, and an empty field shows all again. */
export function Find({
  label,
  hint,
  words = '',
  onFind,
}: {
  readonly label: string
  /** What is searched: `title, author`. */
  readonly hint: string
  readonly words?: string | undefined
  /** Told what was typed; undefined for an empty field. */
  readonly onFind: (words: string | undefined) => void
}) {
  return (
    <form
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault()
        const typed = fieldOf(new FormData(event.currentTarget), 'search')
        onFind(typed === '' ? undefined : typed)
      }}
    >
      <input
        key={words}
        name="search"
        type="search"
        defaultValue={words}
        maxLength={200}
        aria-label={label}
        placeholder={hint}
      />
    </form>
  )
}
