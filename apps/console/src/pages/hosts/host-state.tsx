/** A state in a word, with a sign that is not only a colour: a filled dot for good, a ring for not. */
export function HostState({ state }: { readonly state: string }) {
  const good = state === 'reporting' || state === 'running'
  const bad = state === 'silent' || state === 'failed'
  return (
    <span className="state">
      <i className={good ? 'dot ok' : bad ? 'dot bad' : 'dot off'} aria-hidden="true" />
      {state}
    </span>
  )
}
