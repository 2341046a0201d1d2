import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  useRouter,
} from '@tanstack/react-router'
import { AlertPage } from './pages/alerts/alert-page.tsx'
import { AlertsPage } from './pages/alerts/alerts-page.tsx'
import { readFilter } from './pages/alerts/filter.ts'
import { HostPage } from './pages/hosts/host-page.tsx'
import { HostsPage } from './pages/hosts/hosts-page.tsx'
import { IncidentPage } from './pages/incidents/incident-page.tsx'
import { IncidentsPage, readIncidentFilter } from './pages/incidents/incidents-page.tsx'
import { NotFoundPage } from './pages/not-found-page.tsx'
import { OverviewPage } from './pages/overview/overview-page.tsx'
import { Failure } from './parts/state.tsx'
import { Frame } from './shell/frame.tsx'

const root = createRootRoute({ component: Frame, notFoundComponent: NotFoundPage })

const overview = createRoute({ getParentRoute: () => root, path: '/', component: OverviewPage })

const alerts = createRoute({
  getParentRoute: () => root,
  path: '/alerts',
  validateSearch: readFilter,
  component: AlertsPage,
})
const alert = createRoute({
  getParentRoute: () => root,
  path: '/alerts/$id',
  component: function Alert() {
    const { id } = alert.useParams()
    return <AlertPage key={id} id={id} />
  },
})

const incidents = createRoute({
  getParentRoute: () => root,
  path: '/incidents',
  validateSearch: readIncidentFilter,
  component: IncidentsPage,
})
const incident = createRoute({
  getParentRoute: () => root,
  path: '/incidents/$id',
  component: function Incident() {
    const { id } = incident.useParams()
    return <IncidentPage key={id} id={id} />
  },
})

const hosts = createRoute({ getParentRoute: () => root, path: '/hosts', component: HostsPage })
const host = createRoute({
  getParentRoute: () => root,
  path: '/hosts/$id',
  component: function Host() {
    const { id } = host.useParams()
    return <HostPage key={id} id={id} />
  },
})

export const router = createRouter({
  routeTree: root.addChildren([overview, alerts, alert, incidents, incident, hosts, host]),
  scrollRestoration: true,
  defaultErrorComponent: PageError,
  // Values in an address are plain words, as a person would type them.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (values: Record<string, unknown>) => {
    const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== '')
    const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()
    return text === '' ? '' : `?${text}`
  },
})

function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <Failure
      whole
      what="This page broke"
      error={error instanceof Error ? error : new Error(String(error))}
      onRetry={() => {
        reset()
        void router.invalidate()
      }}
    >
      <p>The other pages still work, and nothing that the hosts report is lost.</p>
    </Failure>
  )
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
