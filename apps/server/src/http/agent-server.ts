import type { Server as TlsServer } from 'node:tls'
import Fastify from 'fastify'
import type { Authority } from '../authority/authority.ts'
import { type ListenAddress, listenError } from '../listen-address.ts'
import { agentRoutes } from '../rest/enrolment/index.ts'
import type { Services } from '../services.ts'
import { addErrorHandlers } from './errors.ts'
import { addRoute } from './guard.ts'
import { serveUpgrades, type UpgradeRoute } from './upgrades.ts'

const TIMEOUTS = { connectionTimeout: 60_000, requestTimeout: 15_000, keepAliveTimeout: 5000 }

/**
 * The address of agents: TLS 1.3 alone, with a certificate of the server's own authority, and theirs asked for. It has
 * enrolment, renewal and the agents' stream, and nothing of what people use.
 *
 * @throws {CodedError} `port-in-use`, `port-forbidden`, `listen-failed`
 */
export async function serveAgents(
  services: Services,
  authority: Authority,
  gateway: UpgradeRoute,
  address: ListenAddress,
): Promise<AsyncDisposable & { readonly url: string }> {
  const identity = await authority.serverIdentity(address.host)
  const context = async () => ({
    key: identity.key,
    cert: identity.certificate,
    ca: authority.certificate,
    crl: await authority.revocationList(services.revocations?.list() ?? []),
    minVersion: 'TLSv1.3' as const,
  })
  const app = Fastify({
    https: {
      ...(await context()),
      requestCert: true,
      // An agent that enrols has none yet; whether one that is shown holds is asked where it counts.
      rejectUnauthorized: false,
      handshakeTimeout: 10_000,
    },
    ...TIMEOUTS,
    logger: false,
    trustProxy: false,
    forceCloseConnections: true,
  })
  addErrorHandlers(app, services.log)
  app.decorateRequest('viewer', undefined)
  for (const route of agentRoutes) addRoute(app, route, services)
  app.setNotFoundHandler(async (_request, reply) =>
    reply.code(404).send({ error: { code: 'not-found', message: 'There is nothing here' } }),
  )
  serveUpgrades(app.server, [gateway], { ...services.originRules, tls: true }, services.log)
  services.revocations?.onRevoked(async () =>
    (app.server as unknown as TlsServer).setSecureContext(await context()),
  )
  try {
    await app.listen({ host: address.host, port: address.port })
  } catch (error) {
    await app.close()
    throw listenError(error, address)
  }
  const bound = app.server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return {
    url: `https://${host}:${port}`,
    async [Symbol.asyncDispose]() {
      await app.close()
    },
  }
}
