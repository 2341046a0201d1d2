import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { AdministrationFilter } from './filter.ts'

const CHOICES: readonly (readonly [string, AdministrationFilter])[] = [
  ['People', {}],
  ['Roles', { show: 'roles' }],
  ['Tenants', { show: 'tenants' }],
  ['Keys', { show: 'keys' }],
  ['Signed in', { show: 'sessions' }],
  ['Identity providers', { show: 'providers' }],
  ['Organisations', { show: 'organisations' }],
]

/** The parts of administration, and what a part does at the end. */
export function Bar({
  show,
  children,
}: {
  readonly show?: AdministrationFilter['show']
  readonly children?: ReactNode
}) {
  return (
    <div className="filters">
      {CHOICES.map(([label, values]) => (
        <Link
          key={label}
          to="/administration"
          search={values}
          className={show === values.show ? 'chip on' : 'chip'}
          activeProps={{}}
          aria-current={show === values.show ? 'true' : undefined}
        >
          {label}
        </Link>
      ))}
      {children !== undefined && <span className="filters-end">{children}</span>}
    </div>
  )
}
