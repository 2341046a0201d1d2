import { type FormEvent, useState } from 'react'
import { usePreferences } from '../preferences.ts'
import { momentOf, momentText, type Span } from '../time/span.ts'
import { fieldOf } from './form.ts'

const RANGES = [
  ['15m', 'Last 15 minutes'],
  ['1h', 'Last hour'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['all', 'All that is stored'],
] as const

/** Which span of time a list is about: one that ends now, or from one moment to another. */
export function SpanSelect({
  span,
  usual,
  onChange,
}: {
  readonly span: Span
  /** What holds where the address says nothing. */
  readonly usual: NonNullable<Span['range']>
  readonly onChange: (span: Span) => void
}) {
  const { utc } = usePreferences()
  const exact = span.from !== undefined || span.to !== undefined
  const [asks, setAsks] = useState(false)
  const shown = exact || asks
  return (
    <>
      <select
        className={exact || (span.range !== undefined && span.range !== usual) ? 'chip on' : 'chip'}
        aria-label="Time"
        value={shown ? 'exact' : (span.range ?? usual)}
        onChange={({ target: { value } }) => {
          setAsks(value === 'exact')
          if (value === 'exact') return
          onChange(value === usual ? {} : { range: value as NonNullable<Span['range']> })
        }}
      >
        {RANGES.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
        <option value="exact">From … to …</option>
      </select>
      {shown && (
        <form
          className="moments"
          key={`${span.from} ${span.to} ${utc}`}
          onSubmit={(event: FormEvent<HTMLFormElement>) => {
            event.preventDefault()
            const form = new FormData(event.currentTarget)
            const [from, to] = [momentOf(fieldOf(form, 'from'), utc), momentOf(fieldOf(form, 'to'), utc)]
            onChange({ ...(from !== undefined && { from }), ...(to !== undefined && { to }) })
          }}
        >
          <input
            type="datetime-local"
            name="from"
            aria-label="From"
            defaultValue={momentText(span.from, utc)}
          />
          <span aria-hidden="true">–</span>
          <input type="datetime-local" name="to" aria-label="To" defaultValue={momentText(span.to, utc)} />
          <button type="submit">{utc ? 'Show (UTC)' : 'Show'}</button>
        </form>
      )}
    </>
  )
}
