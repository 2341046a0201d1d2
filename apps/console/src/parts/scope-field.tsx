import { useState } from 'react'
import { typedIn } from './form.ts'

/** What only reads. */
const READING = ['Query.*', 'Subscription.*', 'GET /*']

/** What a key is for: everything, reading alone, or operations by name. */
export function ScopeField({ everything }: { readonly everything: string }) {
  const [scope, setScope] = useState('all')
  return (
    <fieldset className="options">
      <legend>It is for</legend>
      {(
        [
          ['all', everything],
          ['read', 'reading of it, nothing that changes'],
          ['some', 'these operations of it'],
        ] as const
      ).map(([value, label]) => (
        <label key={value} className="check">
          <input
            type="radio"
            name="scope"
            value={value}
            checked={scope === value}
            onChange={() => setScope(value)}
          />
          {label}
        </label>
      ))}
      {scope === 'some' && (
        <textarea
          className="mono"
          name="operations"
          rows={3}
          required
          spellCheck={false}
          aria-label="Operations, one a line"
          placeholder={'Query.alert\nGET /api/ioc*'}
        />
      )}
    </fieldset>
  )
}

/** What a key is for, in words where there are some. */
export function scopeWords(operations: readonly string[] | null, everything: string): string {
  if (operations === null) return everything
  const reads = operations.length === READING.length && READING.every((scope) => operations.includes(scope))
  return reads ? 'reading' : operations.join(', ')
}

/** What the field says; left out for everything. */
export function operationsOf(form: FormData): readonly string[] | undefined {
  const scope = form.get('scope')
  if (scope === 'read') return READING
  if (scope !== 'some') return undefined
  return typedIn(form, 'operations')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
