import { Link, useSearch } from '@tanstack/react-router'
import { Empty } from '../../parts/state.tsx'
import { useSession } from '../../session/session.tsx'
import { usePlace } from '../../shell/header.tsx'
import { KeysPanel } from './keys-panel.tsx'
import { OrganisationsPanel } from './organisations-panel.tsx'
import { PeoplePanel } from './people-panel.tsx'
import { ProvidersPanel } from './providers-panel.tsx'
import { RolesPanel } from './roles-panel.tsx'
import { SessionsPanel } from './sessions-panel.tsx'
import { TenantsPanel } from './tenants-panel.tsx'

/** Who may do what here: people, tenants, keys of programs, and where they are signed in. */
export function AdministrationPage() {
  usePlace({ title: 'Administration' })
  const filter = useSearch({ from: '/administration' })
  const { may } = useSession()
  if (!may('Query.accounts')) {
    return (
      <Empty whole title="Administration is for admins and auditors">
        <p>
          Your role does not see who the others are. What is your own is on{' '}
          <Link to="/account">your account</Link>.
        </p>
      </Empty>
    )
  }
  switch (filter.show) {
    case 'roles':
      return <RolesPanel />
    case 'providers':
      return <ProvidersPanel />
    case 'organisations':
      return <OrganisationsPanel />
    case 'tenants':
      return <TenantsPanel />
    case 'keys':
      return <KeysPanel />
    case 'sessions':
      return <SessionsPanel />
    default:
      return <PeoplePanel opened={filter.person} />
  }
}
