import type { Severity } from '@vedette/model'

/** How bad it is, as a shape with a colour: a diamond, triangle, square, circle or ring. */
export function SeverityMark({
  severity,
  label = false,
}: {
  readonly severity: Severity
  /** With the word beside it. */
  readonly label?: boolean
}) {
  const word = severity.charAt(0).toUpperCase() + severity.slice(1)
  return (
    <span className={`severity ${severity}`} title={label ? undefined : word}>
      <i aria-hidden="true" />
      {label ? word : <span className="visually-hidden">{word}</span>}
    </span>
  )
}
