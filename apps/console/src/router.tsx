import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  useRouter,
} from '@tanstack/react-router'
import { readAdministrationFilter } from './pages/administration/filter.ts'
import { readFilter } from './pages/alerts/filter.ts'
import { readIncidentFilter } from './pages/incidents/filter.ts'
import { readIndicatorFilter } from './pages/indicators/filter.ts'
import { readIntegrityFilter } from './pages/integrity/filter.ts'
import { readNetworkFilter } from './pages/network/filter.ts'
import { readRuleFilter } from './pages/rules/filter.ts'
import { readSessionFilter } from './pages/sessions/filter.ts'
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
  component: lazyRouteComponent(() => import('./pages/alerts/alerts-page.tsx'), 'AlertsPage'),
})
const alert = createRoute({
  getParentRoute: () => root,
  path: '/alerts/$id',
  component: lazyRouteComponent(() => import('./pages/alerts/alert-page.tsx'), 'AlertRoute'),
})

const incidents = createRoute({
  getParentRoute: () => root,
  path: '/incidents',
  validateSearch: readIncidentFilter,
  component: lazyRouteComponent(() => import('./pages/incidents/incidents-page.tsx'), 'IncidentsPage'),
})
const incident = createRoute({
  getParentRoute: () => root,
  path: '/incidents/$id',
  component: lazyRouteComponent(() => import('./pages/incidents/incident-page.tsx'), 'IncidentRoute'),
})

const indicators = createRoute({
  getParentRoute: () => root,
  path: '/indicators',
  validateSearch: readIndicatorFilter,
  component: lazyRouteComponent(() => import('./pages/indicators/indicators-page.tsx'), 'IndicatorsPage'),
})

const rules = createRoute({
  getParentRoute: () => root,
  path: '/rules',
  validateSearch: readRuleFilter,
  component: lazyRouteComponent(() => import('./pages/rules/rules-page.tsx'), 'RulesPage'),
})
const rule = createRoute({
  getParentRoute: () => root,
  path: '/rules/$id',
  component: lazyRouteComponent(() => import('./pages/rules/rule-page.tsx'), 'RuleRoute'),
})

const network = createRoute({
  getParentRoute: () => root,
  path: '/network',
  validateSearch: readNetworkFilter,
  component: lazyRouteComponent(() => import('./pages/network/network-page.tsx'), 'NetworkPage'),
})

const sessions = createRoute({
  getParentRoute: () => root,
  path: '/sessions',
  validateSearch: readSessionFilter,
  component: lazyRouteComponent(() => import('./pages/sessions/sessions-page.tsx'), 'SessionsPage'),
})

const integrity = createRoute({
  getParentRoute: () => root,
  path: '/integrity',
  validateSearch: readIntegrityFilter,
  component: lazyRouteComponent(() => import('./pages/integrity/integrity-page.tsx'), 'IntegrityPage'),
})

const hosts = createRoute({
  getParentRoute: () => root,
  path: '/hosts',
  component: lazyRouteComponent(() => import('./pages/hosts/hosts-page.tsx'), 'HostsPage'),
})
const host = createRoute({
  getParentRoute: () => root,
  path: '/hosts/$id',
  component: lazyRouteComponent(() => import('./pages/hosts/host-page.tsx'), 'HostRoute'),
})

const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: lazyRouteComponent(() => import('./pages/account/account-page.tsx'), 'AccountPage'),
})

const administration = createRoute({
  getParentRoute: () => root,
  path: '/administration',
  validateSearch: readAdministrationFilter,
  component: lazyRouteComponent(
    () => import('./pages/administration/administration-page.tsx'),
    'AdministrationPage',
  ),
})

/** They come in pieces of their own, so that what is looked at first is there sooner. */
const pages = [
  alerts,
  alert,
  incidents,
  incident,
  network,
  sessions,
  integrity,
  rules,
  rule,
  indicators,
  hosts,
  host,
  account,
  administration,
] as const

export const router = createRouter({
  routeTree: root.addChildren([overview, ...pages]),
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

/** Fetches the pages that were not looked at yet, so that they are there when the line is not. */
export async function fetchPages(): Promise<void> {
  await Promise.allSettled(pages.map(async (page) => router.loadRouteChunk(page)))
}

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
