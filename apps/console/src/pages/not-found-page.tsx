import { Link } from '@tanstack/react-router'
import { Empty } from '../parts/state.tsx'
import { usePlace } from '../shell/header.tsx'

export function NotFoundPage() {
  usePlace({ title: 'No such page' })
  return (
    <Empty whole title="No such page">
      <p>
        Nothing has this address. <Link to="/alerts">See the open alerts</Link> or{' '}
        <Link to="/">the overview</Link>, or search with <kbd>/</kbd>.
      </p>
    </Empty>
  )
}
