import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createSchema } from '../../../apps/server/src/graphql/schema.ts'
import { operationRoute, playgroundRoute } from '../../../apps/server/src/graphql/http.ts'
import { permissions } from '../../../apps/server/src/access/permissions.ts'
import { restRoutes } from '../../../apps/server/src/rest/index.ts'
import { Caller } from '../../../apps/server/src/testing/caller.ts'
import { type Probe, probesOf } from '../../../apps/server/src/testing/probes.ts'
import { sampleSeen } from '../../../apps/server/src/testing/sample-seen.ts'
import { TestAgent } from '../../../apps/server/src/testing/test-agent.ts'
import { MovedClock } from '../../../apps/server/src/testing/test-clock.ts'
import { AGENT, openTestServer, type TestServer } from '../../../apps/server/src/testing/test-server.ts'
import { DEFAULT_TENANT, type TenantId } from '@vedette/model'
import { roles, type Role } from '@vedette/store'
import { WebSocket } from 'ws'
import type { Figure } from '../row.ts'

const OTHER = '00000000-0000-4000-8000-0000000000f4' as TenantId
/** What only the first tenant has. */
const SECRET = /web-1|attack-of-the-tests|mallory|shop\.example|etc.passwd|ours alone|0123abcd-/

/** What a tenant that the house's rules are not for is told by the resolver, after the permission let it pass. */
const HOUSE = /of the whole house|that runs this server/

/** A role that the tenant made itself: all of an analyst but two acts, and one of an engineer besides. */
const CUSTOM = 'night-watch'
const FORBIDDEN = ['Mutation.closeIncident', 'Query.indicators']
const BESIDES = 'Mutation.addFeed'
const POLICIES = `
permit(principal, action in Action::"analyst", resource);
permit(principal, action == Action::"${BESIDES}", resource);
forbid(principal, action in [${FORBIDDEN.map((name) => `Action::"${name}"`).join()}], resource);
`

interface Asker {
  readonly role: Role | 'nobody' | typeof CUSTOM
  readonly foreign: boolean
  readonly token?: string
}

/** Asks every operation as every role, of the tenant that has something and of one that has nothing. */
export async function matrix(seed: number, idsEach: number): Promise<readonly Figure[]> {
  const clock = new MovedClock()
  await using server = await openTestServer({ clock })
  using agent = await TestAgent.connect(server.url, server.agentCredential)
  const caller = new Caller(server, agent)
  const ids = chosen(seed, await fill(server, agent, caller), idsEach)
  const askers: Asker[] = [{ role: 'nobody', foreign: false }]
  for (const role of roles) {
    askers.push({ role, foreign: false, token: await server.token(role) })
    askers.push({ role, foreign: true, token: await server.token(role, OTHER) })
  }
  for (const tenant of [DEFAULT_TENANT, OTHER]) {
    const made = {
      name: CUSTOM,
      description: '',
      policies: POLICIES,
      updatedAt: clock.now(),
      updatedBy: 'anna',
    }
    await server.running.services.state.of(tenant).customRoles.put(made)
    askers.push({ role: CUSTOM, foreign: tenant === OTHER, token: await server.token(CUSTOM, tenant) })
  }

  const counts = { probes: 0, letIn: 0, shutOut: 0, leaks: 0, seenByOwner: 0 }
  const judge = (asker: Asker, operation: string, refused: boolean, text: string) => {
    counts.probes += 1
    const allowed = mayBy(operation, asker)
    if (refused && allowed) counts.shutOut += 1
    if (!refused && !allowed) counts.letIn += 1
    if (!SECRET.test(text)) return
    if (asker.foreign || asker.token === undefined) counts.leaks += 1
    else counts.seenByOwner += 1
  }

  for (const asker of askers) {
    // Of its own tenant a mutation meets nothing, so that nothing is changed for those who come after.
    const probes = [
      ...probesOf('query', ids),
      ...probesOf('mutation', asker.foreign ? ids : ['nothing-has-this-id']),
    ]
    await eachOf(probes, async (probe) => {
      clock.forward(1000)
      const { refused, text } = await askGraphql(server, asker, probe)
      judge(asker, probe.operation, refused, text)
    })
    await eachOf([...restRoutes, playgroundRoute()], async (route) => {
      clock.forward(1000)
      const { refused, text } = await askRoute(server, asker, route)
      judge(asker, `${route.method} ${route.url}`, refused, text)
    })
  }
  const live = await topics(server, caller, askers, judge)
  const named = operations()
  return [
    { name: 'probes', value: counts.probes, must: { beAtLeast: 1000 } },
    { name: 'operations', value: named.length, must: { beAtLeast: 50 } },
    {
      name: 'operations without a line in the table',
      value: named.filter((name) => !(name in permissions)).length,
      must: { be: 0 },
    },
    { name: 'let in against the table', value: counts.letIn, must: { be: 0 } },
    { name: 'shut out against the table', value: counts.shutOut, must: { be: 0 } },
    { name: 'answers with what another tenant has', value: counts.leaks, must: { be: 0 } },
    { name: 'answers with what the own tenant has', value: counts.seenByOwner, must: { beAtLeast: 50 } },
    { name: 'live values told to another tenant', value: live.strayed, must: { be: 0 } },
    { name: 'live values told to their own', value: live.told, must: { beAtLeast: roles.length + 1 } },
  ]
}

/** Some at a time. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += 16) await Promise.all(items.slice(at, at + 16).map(work))
}

/** Something of every kind, and the ids of it. */
async function fill(server: TestServer, agent: TestAgent, caller: Caller): Promise<string[]> {
  const event = agent.launch('attack-of-the-tests', 5000)
  await caller.store(event, ...sampleSeen(agent))
  const state = server.running.services.state.of(DEFAULT_TENANT)
  const [alert] = await state.alerts.list({})
  const made = {
    id: 'incident-of-one' as never,
    title: 'ours alone',
    description: '',
    severity: 'high' as const,
  }
  const incident = await state.incidents.create(made, 'anna', Date.now())
  return [AGENT, event.id, alert?.id ?? '', incident.id, alert?.incident ?? '', '0123abcd-5000-5000', 'f1']
}

/** So many of them, the same for the same seed. */
function chosen(seed: number, ids: readonly string[], count: number): string[] {
  const rank = (id: string) => createHash('sha256').update(`${seed} ${id}`).digest('hex')
  return ids.toSorted((a, b) => rank(a).localeCompare(rank(b))).slice(0, count)
}

function operations(): string[] {
  const schema = createSchema()
  const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const fields = types.flatMap((type) =>
    Object.keys(type?.getFields() ?? {}).map((name) => `${type?.name}.${name}`),
  )
  const routes = [...restRoutes, playgroundRoute(), operationRoute({} as never)]
  return [...fields, ...routes.map(({ method, url }) => `${method} ${url}`)]
}

/** What the table says; who has no credential is on this machine here. */
function mayBy(operation: string, { role }: Asker): boolean {
  const access = permissions[operation]
  if (access === undefined) return false
  if (access === 'anyone' || access === 'local') return true
  if (role === 'nobody') return false
  if (access === 'signed-in') return true
  if (role !== CUSTOM) return access.includes(role)
  return (access.includes('analyst') || operation === BESIDES) && !FORBIDDEN.includes(operation)
}

async function askGraphql(server: TestServer, { token }: Asker, { text: query }: Probe) {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  })
  const text = await response.text()
  const { errors } = JSON.parse(text) as { errors?: { path?: unknown[]; extensions?: { code?: string } }[] }
  return {
    refused: (errors?.some(({ extensions }) => isRefusal(extensions?.code)) ?? false) && !HOUSE.test(text),
    text,
  }
}

async function askRoute(
  server: TestServer,
  { token }: Asker,
  { method, url }: { method: string; url: string },
) {
  const response = await fetch(server.url + url.replace(/:\w+/, 'x'), {
    method,
    headers: {
      ...(method !== 'GET' && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(method !== 'GET' && { body: '{}' }),
  })
  const text = await response.text()
  return { refused: /"code":"(?:forbidden|unauthenticated)"/.test(text) && !HOUSE.test(text), text }
}

function isRefusal(code: string | undefined): boolean {
  return code === 'forbidden' || code === 'unauthenticated'
}

/** Every role listens to every topic while something happens. */
async function topics(
  server: TestServer,
  caller: Caller,
  askers: readonly Asker[],
  judge: (asker: Asker, operation: string, refused: boolean, text: string) => void,
): Promise<{ told: number; strayed: number }> {
  const sockets: WebSocket[] = []
  const counted = { told: 0, strayed: 0 }
  const probes = probesOf('subscription', ['nothing-has-this-id'])
  try {
    const waiting: Promise<unknown>[] = []
    for (const asker of askers) {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
      sockets.push(socket)
      await once(socket, 'open')
      const first = once(socket, 'message').catch(() => undefined)
      const shut = once(socket, 'close')
      socket.send(
        JSON.stringify({
          type: 'connection_init',
          payload: asker.token === undefined ? {} : { authorization: `Bearer ${asker.token}` },
        }),
      )
      const isIn = await Promise.race([first.then(() => true), shut.then(() => false)])
      if (!isIn) {
        for (const { operation } of probes) judge(asker, operation, true, '')
        continue
      }
      waiting.push(
        new Promise<void>((resolve) => {
          socket.on('message', (data: Buffer) => {
            const { type, id } = JSON.parse(data.toString()) as { type: string; id?: string }
            if (type === 'pong') resolve()
            if (type !== 'next' || id === undefined || id === 'me') return
            if (asker.foreign) counted.strayed += 1
            else counted.told += 1
            if (probes[Number(id)]?.operation === 'Subscription.newAlerts') resolve()
          })
        }),
      )
      const refusals = new Set<string>()
      socket.on('message', (data: Buffer) => {
        const { type, id } = JSON.parse(data.toString()) as { type: string; id?: string }
        if (type === 'error' && id !== undefined) refusals.add(id)
      })
      for (const [index, { text }] of probes.entries()) {
        socket.send(JSON.stringify({ id: String(index), type: 'subscribe', payload: { query: text } }))
      }
      // An answer to something that comes after: by then what was refused is known.
      socket.send(JSON.stringify({ id: 'me', type: 'subscribe', payload: { query: '{ me { name } }' } }))
      await new Promise<void>((resolve) => {
        socket.on('message', (data: Buffer) => {
          if ((JSON.parse(data.toString()) as { id?: string }).id === 'me') resolve()
        })
      })
      for (const [index, { operation }] of probes.entries()) {
        judge(asker, operation, refusals.has(String(index)), '')
      }
    }
    counted.told = 0
    await caller.attack('attack-of-the-tests-for-all')
    for (const [index, asker] of askers.entries()) {
      // What is sent to another tenant by mistake was sent before the answer to this.
      if (asker.foreign) sockets[index]?.send(JSON.stringify({ type: 'ping' }))
    }
    await Promise.all(waiting)
  } finally {
    for (const socket of sockets) socket.terminate()
  }
  return counted
}
