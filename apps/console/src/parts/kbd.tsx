const SIGNS: Readonly<Record<string, string>> = { ' ': 'Space', Escape: 'Esc' }

/** The sign of a key, as it stands on a button. Two in a row as two signs. */
export function Kbd({ keys }: { readonly keys: string }) {
  const names = keys === ' ' ? [' '] : keys.split(' ')
  return (
    <>
      {names.map((name) => (
        <kbd key={name}>{SIGNS[name] ?? (name.length === 1 ? name.toUpperCase() : name)}</kbd>
      ))}
    </>
  )
}
