import type { TenantId } from '@vedette/model'
import type { Host } from '@vedette/store'
import type { Services } from '../services.ts'

/** A host with what follows from its last report. */
export interface HostView {
  readonly host: Host
  readonly state: 'reporting' | 'silent'
  /** Events that its parts lost since its agent started. */
  readonly lost: number
}

export function viewHost({ fleet }: Pick<Services, 'fleet'>, tenant: TenantId, host: Host): HostView {
  return {
    host,
    state: fleet.isReporting(tenant, host.id) ? 'reporting' : 'silent',
    lost: host.report.parts.reduce((sum, part) => sum + part.counters.lost, 0),
  }
}

/** All hosts of a tenant, by name. */
export async function viewHosts(services: Services, tenant: TenantId): Promise<HostView[]> {
  const hosts = await services.state.of(tenant).hosts.list()
  return hosts.map((host) => viewHost(services, tenant, host))
}
