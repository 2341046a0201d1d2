import type { AgentId, IncidentId, Incident, RuleId, TenantId } from '@vedette/model'
import type { TenantEvents, TenantState } from '@vedette/store'
import type { Viewer } from '../access/viewer.ts'
import type { Services } from '../services.ts'
import { type HostView, viewHosts } from '../watch/host-view.ts'

/**
 * What resolvers work with. `state` and `events` are those of the viewer's tenant, so that no resolver can name another.
 */
export interface Context {
  readonly viewer: Viewer
  readonly services: Services
  readonly tenant: TenantId
  readonly state: TenantState
  readonly events: TenantEvents
  /** What many rows of one answer ask for, asked once. */
  readonly once: Once
}

/** Values that are read at most once for an answer. */
export interface Once {
  hosts(): Promise<readonly HostView[]>
  /** A host's name, or its id where it never reported. */
  hostName(id: AgentId): Promise<string>
  openAlertsByHost(): Promise<ReadonlyMap<AgentId, number>>
  suppressedByRule(): Promise<ReadonlyMap<RuleId, number>>
  /** Events of the last minute by host. */
  lastMinuteByHost(): Promise<ReadonlyMap<AgentId, number>>
  incident(id: IncidentId): Promise<Incident | undefined>
}

export function createContext(services: Services, viewer: Viewer): Context {
  const { tenant } = viewer
  const state = services.state.of(tenant)
  const events = services.events.of(tenant)
  const hosts = lazy(() => viewHosts(services, tenant))
  const openAlertsByHost = lazy(() => state.alerts.openByHost())
  const suppressedByRule = lazy(() => state.alerts.suppressedByRule())
  const lastMinuteByHost = lazy(() => {
    const now = services.clock.now()
    return events.countByHost(now - 60_000, now)
  })
  const incidents = new Map<IncidentId, Promise<Incident | undefined>>()
  return {
    viewer,
    services,
    tenant,
    state,
    events,
    once: {
      hosts,
      openAlertsByHost,
      suppressedByRule,
      lastMinuteByHost,
      async hostName(id) {
        return (await hosts()).find(({ host }) => host.id === id)?.host.report.hostname ?? id
      },
      incident(id) {
        const known = incidents.get(id) ?? state.incidents.get(id)
        incidents.set(id, known)
        return known
      },
    },
  }
}

function lazy<T>(load: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | undefined
  return () => (value ??= load())
}
