import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useAnswer } from '../api/api.ts'
import { frameDocument } from '../api/documents.ts'
import { useKeys } from '../keys/use-keys.ts'
import { renewQueues } from '../pages/alerts/queues.ts'
import { say, Toasts } from '../parts/toast.tsx'
import { prefer, preferences } from '../preferences.ts'
import { useSession } from '../session/session.tsx'
import { count, plural } from '../text/numbers.ts'
import { Brand } from './brand.tsx'
import { ConnectionNotice } from './connection-notice.tsx'
import { HeaderSlot } from './header.tsx'
import { KeyHelp } from './key-help.tsx'
import { PersonMenu } from './person-menu.tsx'
import { SearchBox } from './search-box.tsx'

/** What is around every page: the rail, the header, the keys that work everywhere. */
export function Frame() {
  const { data } = useAnswer(frameDocument, {})
  const mayAdminister = useSession().may('Query.accounts')
  const overview = data?.overview
  const [help, setHelp] = useState(false)
  const navigate = useNavigate()
  const search = useRef<HTMLInputElement>(null)

  useKeys(
    [
      { keys: '/', label: 'search', run: () => search.current?.select() },
      { keys: 'g o', label: 'go to Overview', run: () => void navigate({ to: '/' }) },
      {
        keys: 'g a',
        label: 'go to Alerts',
        run: () => {
          renewQueues()
          void navigate({ to: '/alerts' })
        },
      },
      { keys: 'g i', label: 'go to Incidents', run: () => void navigate({ to: '/incidents' }) },
      { keys: 'g w', label: 'go to Network', run: () => void navigate({ to: '/network' }) },
      { keys: 'g s', label: 'go to Sessions', run: () => void navigate({ to: '/sessions' }) },
      { keys: 'g f', label: 'go to Integrity (files)', run: () => void navigate({ to: '/integrity' }) },
      { keys: 'g r', label: 'go to Rules', run: () => void navigate({ to: '/rules' }) },
      { keys: 'g n', label: 'go to Indicators', run: () => void navigate({ to: '/indicators' }) },
      { keys: 'g h', label: 'go to Hosts', run: () => void navigate({ to: '/hosts' }) },
      ...(mayAdminister
        ? [
            {
              keys: 'g d',
              label: 'go to Administration',
              run: () => void navigate({ to: '/administration' }),
            },
          ]
        : []),
      { keys: 'g y', label: 'go to your account', run: () => void navigate({ to: '/account' }) },
      {
        keys: 'u',
        label: 'times in UTC or in your zone',
        run: () => {
          const utc = !preferences().utc
          prefer({ utc })
          say(utc ? 'Times are in UTC' : 'Times are in your zone')
        },
      },
      { keys: '?', label: 'all keys', run: () => setHelp(true) },
    ],
    { under: true },
  )

  return (
    <div className="app">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <nav aria-label="Pages">
        <Brand />
        <NavLink to="/" label="Overview" />
        <NavLink to="/alerts" label="Alerts" value={overview?.open_alerts} what="open" urgent />
        <NavLink to="/incidents" label="Incidents" value={overview?.open_incidents} what="open" />
        <NavLink to="/network" label="Network" />
        <NavLink to="/sessions" label="Sessions" />
        <NavLink to="/integrity" label="Integrity" />
        <NavLink to="/rules" label="Rules" />
        <NavLink to="/indicators" label="Indicators" />
        <NavLink to="/hosts" label="Hosts" value={overview?.hosts} what="known" />
        {mayAdminister && <NavLink to="/administration" label="Administration" />}
        {overview && (
          <div className="foot">
            <HostState
              hosts={overview.hosts}
              reporting={overview.hosts_reporting}
              lost={overview.events_lost}
            />
          </div>
        )}
      </nav>
      <div className="page">
        <header>
          <HeaderSlot />
          <SearchBox input={search} />
          <PersonMenu onHelp={() => setHelp(true)} />
        </header>
        <ConnectionNotice />
        <main id="main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      {help && <KeyHelp onClose={() => setHelp(false)} />}
      <Toasts />
      <PageFocus />
    </div>
  )
}

function NavLink({
  to,
  label,
  value,
  what,
  urgent = false,
}: {
  readonly to:
    | '/'
    | '/alerts'
    | '/incidents'
    | '/network'
    | '/sessions'
    | '/integrity'
    | '/rules'
    | '/indicators'
    | '/hosts'
    | '/administration'
  readonly label: string
  readonly value?: number | undefined
  readonly what?: string
  readonly urgent?: boolean
}) {
  return (
    <Link
      to={to}
      onClick={to === '/alerts' ? renewQueues : undefined}
      activeOptions={{ exact: to === '/', includeSearch: false }}
      activeProps={{ className: 'on' }}
    >
      {label}
      {value !== undefined && (
        <b className={urgent && value > 0 ? 'urgent' : undefined}>
          {count(value)}
          <span className="visually-hidden"> {what}</span>
        </b>
      )}
    </Link>
  )
}

function HostState({
  hosts,
  reporting,
  lost,
}: {
  readonly hosts: number
  readonly reporting: number
  readonly lost: number
}) {
  const good = hosts > 0 && reporting === hosts && lost === 0
  return (
    <>
      <i className={good ? 'dot ok' : 'dot warn'} aria-hidden="true" />
      <span>
        {hosts === 0
          ? 'no host reports yet'
          : `${count(reporting)} of ${plural(hosts, 'host')} ${hosts === 1 ? 'reports' : 'report'}, ${
              lost === 0 ? 'nothing' : plural(lost, 'event')
            } lost`}
      </span>
    </>
  )
}

/** After a change of page the focus starts at the page's head, as it does on a page load. */
function PageFocus() {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const before = useRef(path)
  useEffect(() => {
    if (before.current === path) return
    const hadPage = before.current !== undefined
    before.current = path
    const active = document.activeElement
    if (hadPage && (active === null || active === document.body || active.closest('nav'))) {
      document.querySelector<HTMLElement>('#main')?.focus({ preventScroll: true })
    }
  }, [path])
  return null
}
