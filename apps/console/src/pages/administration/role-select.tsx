/** What the roles of the house are for, the least first. */
export const HOUSE_ROLES: readonly (readonly [string, string])[] = [
  ['viewer', 'reads'],
  ['auditor', 'reads, also the audit log and who the others are'],
  ['analyst', 'works alerts and incidents'],
  ['responder', 'works cases and acts on hosts'],
  ['engineer', 'decides what is detected'],
  ['admin', 'may do everything'],
]

/** Chooses a role; `none` where somebody may be nothing. */
export function RoleSelect({
  label,
  value,
  own = [],
  none = false,
  disabled = false,
  onChange,
}: {
  readonly label: string
  readonly value?: string
  /** Roles of the tenant's own. */
  readonly own?: readonly string[]
  readonly none?: boolean
  readonly disabled?: boolean
  readonly onChange?: (role: string) => void
}) {
  return (
    <select
      name="role"
      aria-label={label}
      {...(onChange
        ? { value: value ?? '', onChange: (event) => onChange(event.target.value) }
        : { defaultValue: value ?? 'viewer' })}
      disabled={disabled}
    >
      {none && <option value="">nothing there</option>}
      {HOUSE_ROLES.map(([role, what]) => (
        <option key={role} value={role}>
          {role}: {what}
        </option>
      ))}
      {own.map((role) => (
        <option key={role} value={role}>
          {role}: a role of your own
        </option>
      ))}
      {value !== undefined &&
        value !== '' &&
        !own.includes(value) &&
        HOUSE_ROLES.every(([role]) => role !== value) && <option value={value}>{value}</option>}
    </select>
  )
}
