import { setTimeout as delay } from 'node:timers/promises'
import {
  type AgentId,
  type AgentReport,
  DEFAULT_TENANT,
  type ResponseResult,
  type TenantId,
} from '@vedette/model'
import { WebSocketServer } from 'ws'
import { PublicError } from '../access/public-error.ts'
import { bearerToken, tokenHash } from '../access/token.ts'
import type { UpgradeRoute } from '../http/upgrades.ts'
import type { Services } from '../services.ts'
import { AgentConnection } from './connection.ts'

/** Most bytes of one message: 5000 events of a few kilobytes. */
const MAX_MESSAGE_BYTES = 32 << 20

/** How long a stop waits for batches that are on their way to the disk. */
const DRAIN_MS = 1200

/** Where agents connect: `GET /agent/v1/stream` with their credential as a bearer token. */
export function createGateway(services: Services): UpgradeRoute & AsyncDisposable {
  const { state, fleet, intake, clock, audited, limits, metrics } = services
  const log = services.log.child({ part: 'gateway' })
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
  })

  const connections = new Set<AgentConnection>()

  async function keepReport(tenant: TenantId, agent: AgentId, report: AgentReport): Promise<void> {
    await state.of(tenant).hosts.report(agent, report, clock.now())
    if (tenant === DEFAULT_TENANT) services.silence.heard(agent, report.hostname)
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
      const token = bearerToken(request.headers['authorization'])
      const known = token === undefined ? undefined : await state.credentials.agent(tokenHash(token))
      if (!known) {
        limits.strangers.require(address)
        log.warn({ address }, 'an agent without a good credential is turned away')
        throw new PublicError('unauthenticated', 'This is no agent that was enrolled here')
      }
      const { tenant, agent } = known
      limits.agents.require(agent)
      server.handleUpgrade(request, socket, head, (opened) => {
        const connection = new AgentConnection(opened, {
          tenant,
          agent,
          fleet,
          intake,
          log,
          onReport: ({ report }) => keepReport(tenant, agent, report),
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
        opened.once('close', () => connections.delete(connection))
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
