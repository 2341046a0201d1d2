import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { type AgentId, type AgentReport, type ResponseResult, type TenantId } from '@vedette/model'
import { WebSocketServer } from 'ws'
import { PublicError } from '../access/public-error.ts'
import { isLocal } from '../access/origin.ts'
import { bearerToken, tokenHash } from '../access/token.ts'
import type { UpgradeRoute } from '../http/upgrades.ts'
import type { Services } from '../services.ts'
import { certifiedAgent, type CertifiedAgent } from './certified.ts'
import { AgentConnection } from './connection.ts'
import { RunHistory } from './run-history.ts'
import { tellClone } from './tell-clone.ts'

/** Most bytes of one message: 5000 events of a few kilobytes. */
const MAX_MESSAGE_BYTES = 32 << 20

/** How long a stop waits for batches that are on their way to the disk. */
const DRAIN_MS = 1200

/** At most so often it is noted when an agent was seen. */
const SEEN_EVERY_MS = 60_000
/** The longest that a timer waits. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Who connects: by a certificate or, on this machine, by a bearer token. */
interface Identity {
  readonly tenant: TenantId
  readonly agent: AgentId
  readonly certified?: CertifiedAgent
}

/**
 * Where agents connect: `GET /agent/v1/stream` with a certificate of the server's authority. The agent of the house itself
 * has a bearer token instead, which opens nothing from elsewhere.
 */
export function createGateway(services: Services): UpgradeRoute & AsyncDisposable {
  const { state, fleet, fleetDesk, intake, clock, audited, limits, metrics } = services
  const log = services.log.child({ part: 'gateway' })
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
  })

  const connections = new Set<AgentConnection>()

  const histories = new RunHistory()
  const seenMs = new Map<AgentConnection, number>()
  services.revocations?.onRevoked(async (serials) => {
    for (const connection of connections) {
      if (connection.serial !== undefined && serials.has(connection.serial)) connection.remove()
    }
  })

  async function identify(request: IncomingMessage): Promise<Identity> {
    const address = request.socket.remoteAddress ?? ''
    try {
      const certified = await certifiedAgent(request.socket, services)
      if (certified) return { tenant: certified.tenant, agent: certified.agent, certified }
    } catch (error) {
      limits.strangers.require(address)
      throw error
    }
    const token = bearerToken(request.headers['authorization'])
    const known =
      token === undefined || !isLocal(address, request)
        ? undefined
        : await state.credentials.agent(tokenHash(token))
    if (known) return known
    limits.strangers.require(address)
    log.warn({ address }, 'an agent without a good credential is turned away')
    throw new PublicError('unauthenticated', 'This is no agent that was enrolled here')
  }

  /** A copy on another machine, which says so itself: the first machine stays. */
  async function refuseCopy({ agent, tenant, certified }: Identity, request: IncomingMessage): Promise<void> {
    const machine = request.headers['x-vedette-machine']
    const expected = certified?.enrolled.machineId ?? ''
    if (expected === '' || machine === expected) return
    await tellClone(
      services,
      { tenant, agent },
      request.socket.remoteAddress ?? '',
      'another machine than the one that was enrolled',
    )
    throw new PublicError('forbidden', 'This certificate was given to another machine')
  }

  /** Notes that it is here, and that certificates before this one do not hold any more. */
  async function noteSeen(
    connection: AgentConnection,
    { tenant, agent, certified }: Identity,
  ): Promise<void> {
    if (certified === undefined) return
    const now = clock.monotonic()
    const before = seenMs.get(connection)
    if (before !== undefined && now - before < SEEN_EVERY_MS) return
    seenMs.set(connection, now)
    const { enrolments } = state.of(tenant)
    await enrolments.seen(agent, clock.now())
    if (before === undefined) await enrolments.settle(agent, certified.serial, clock.now())
  }

  async function keepReport(tenant: TenantId, agent: AgentId, report: AgentReport): Promise<void> {
    await state.of(tenant).hosts.report(agent, report, clock.now())
    services.silence.heard(tenant, agent, report.hostname)
  }

  async function keepLateResponse(tenant: TenantId, result: ResponseResult): Promise<void> {
    await audited.record({
      actor: `agent ${result.agent}`,
      action: `respond.${result.action}`,
      target: result.id,
      outcome: result.outcome === 'preview' ? 'done' : result.outcome,
      detail: { summary: result.summary },
    })
    await state.of(tenant).responses.settle(result)
  }

  return {
    path: '/agent/v1/stream',

    async open(request, socket, head) {
      const address = request.socket.remoteAddress ?? ''
      const identity = await identify(request)
      const { tenant, agent, certified } = identity
      limits.agents.require(agent)
      await refuseCopy(identity, request)
      server.handleUpgrade(request, socket, head, (opened) => {
        const connection = new AgentConnection(opened, {
          tenant,
          agent,
          fleet,
          intake,
          log,
          ...(certified && { serial: certified.serial }),
          mayJoin: (run) => {
            const came = histories.came(identity, run)
            if (came === 'cloned') {
              tellClone(services, identity, address, 'two agents with the same certificate').catch(
                (error: unknown) => log.error({ error }, 'a clone could not be told'),
              )
            }
            return came !== 'refused'
          },
          onReport: async ({ report }) => {
            await noteSeen(connection, identity)
            await keepReport(tenant, agent, report)
          },
          // The agent of the house itself has its configuration from the server's own file.
          ...(certified &&
            fleetDesk && {
              onStanding: (standing) => fleetDesk.stands(tenant, agent, standing),
              onFetch: async (sha256, offset) => {
                const data = await fleetDesk.piece(tenant, sha256, offset)
                connection.send({ type: 'content', sha256, offset, data })
              },
            }),
          onStored: (events) => metrics.stored(events),
          onRefused: (events) => metrics.refused(events),
          onLateResponse: (result) => keepLateResponse(tenant, result),
          onReplaced: () =>
            audited.record({
              actor: `agent ${agent}`,
              action: 'agent.connect',
              target: agent,
              outcome: 'done',
              detail: { address, replaced: true },
            }),
        })
        connections.add(connection)
        const expiry =
          certified &&
          setTimeout(
            () => opened.close(4401, 'the certificate expired'),
            Math.min(certified.expiresAt - clock.now(), MAX_TIMER_MS),
          ).unref()
        opened.once('close', () => {
          clearTimeout(expiry)
          connections.delete(connection)
          seenMs.delete(connection)
        })
        log.info({ agent: connection.agent, address }, 'agent connected')
      })
    },

    async [Symbol.asyncDispose]() {
      // Agents send anew what is not acknowledged; to wait a little spares them most of it.
      const settled = Promise.all([...connections].map((connection) => connection.settled()))
      await Promise.race([settled, delay(DRAIN_MS, undefined, { ref: false })])
      for (const socket of server.clients) socket.close(1001, 'the server stops')
      server.close()
    },
  }
}
