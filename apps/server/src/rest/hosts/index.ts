import type { AgentId } from '@vedette/model'
import { z } from 'zod'
import { PublicError } from '../../access/public-error.ts'
import { type Route, signedIn } from '../../http/route.ts'
import { type HostView, viewHost, viewHosts } from '../../watch/host-view.ts'
import { cursorOf, placeOf } from '../cursor.ts'
import { iso, moment, named, nextCursor, pageQuery } from '../forms.ts'
import { restRoute, type Told } from '../rest-route.ts'

const count = z.int().min(0)

const hostSchema = named(
  'Host',
  z.object({
    id: z.string(),
    hostname: z.string(),
    state: z.enum(['reporting', 'silent']),
    kernel: z.string(),
    version: z.string().meta({ description: 'Of its agent.' }),
    sensor: z.string().nullable().meta({ description: 'Which sensor of the kernel runs there: `ebpf` ...' }),
    first_seen: moment,
    last_seen: moment,
    spooled: count.meta({ description: 'Batches that wait there for the server.' }),
    lost: count.meta({ description: 'Events that its parts lost since its agent started.' }),
    parts: z.array(
      z.object({
        name: z.string(),
        state: z.enum(['running', 'unavailable', 'failed', 'stopped']),
        emitted: count,
        delivered: count,
        lost: count,
      }),
    ),
  }),
)

const list = restRoute({
  method: 'GET',
  url: '/api/hosts',
  id: 'listHosts',
  tag: 'agents',
  summary: 'Hosts that are watched, by name, and what their agents say of themselves.',
  query: z.strictObject(pageQuery),
  answer: z.object({ hosts: z.array(hostSchema), next_cursor: nextCursor }),
  async handle(passed) {
    const { limit, cursor } = passed.query
    const after = cursor === undefined ? undefined : placeOf(cursor, z.tuple([z.string()]))[0]
    const hosts = await viewHosts(passed.services, signedIn(passed).tenant)
    const begin = after === undefined ? 0 : hosts.findIndex(({ host }) => host.id === after) + 1
    const page = hosts.slice(begin, begin + limit)
    const last = page.at(-1)
    return {
      hosts: page.map(told),
      next_cursor: last && begin + limit < hosts.length ? cursorOf([last.host.id]) : null,
    }
  },
})

const show = restRoute({
  method: 'GET',
  url: '/api/hosts/:id',
  id: 'getHost',
  tag: 'agents',
  summary: 'One host.',
  params: z.object({ id: z.string().min(1).max(200) }),
  answer: hostSchema,
  async handle(passed) {
    const { services, params } = passed
    const { tenant } = signedIn(passed)
    const host = await services.state.of(tenant).hosts.get(params.id as AgentId)
    if (!host) throw new PublicError('not-found', 'There is no such host')
    return told(viewHost(services, tenant, host))
  },
})

/** Hosts of the viewer's tenant. */
export const hostRoutes: readonly Route[] = [list, show]

function told({ host, state, lost }: HostView): Told<z.output<typeof hostSchema>> {
  const { id, report, firstSeen, lastSeen } = host
  return {
    id,
    hostname: report.hostname,
    state,
    kernel: report.kernel,
    version: report.version,
    sensor: report.sensor?.tier ?? null,
    first_seen: iso(firstSeen),
    last_seen: iso(lastSeen),
    spooled: report.spooled,
    lost,
    parts: report.parts.map((part) => ({ name: part.name, state: part.state, ...countersOf(part.counters) })),
  }
}

function countersOf({ emitted, delivered, lost }: HostView['host']['report']['parts'][number]['counters']) {
  return { emitted, delivered, lost }
}
