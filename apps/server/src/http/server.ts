import { readFileSync } from 'node:fs'
import Fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { refuseWrongHost } from '../access/origin.ts'
import { createGateway } from '../agent/gateway.ts'
import type { ApiConfig } from '../config.ts'
import { createEngine } from '../graphql/engine.ts'
import { operationRoute, playgroundRoute } from '../graphql/http.ts'
import { createSocketRoute } from '../graphql/socket.ts'
import { type ListenAddress, listenError } from '../listen-address.ts'
import { restRoutes } from '../rest/index.ts'
import type { Services } from '../services.ts'
import { addConsole, addHeaders, addNotFound } from '../web/index.ts'
import { addErrorHandlers } from './errors.ts'
import { addCors, addRoute } from './guard.ts'
import { serveAgents } from './agent-server.ts'
import type { Route } from './route.ts'
import { serveSockets } from './socket-server.ts'
import { serveUpgrades } from './upgrades.ts'

/** A server that listens; dispose of it to close every connection. */
export interface HttpServer extends AsyncDisposable {
  /** Where it is, with the port that it got. */
  readonly url: string
  /** Where agents of other hosts come to. */
  readonly agentsUrl?: string
}

/** Time for a request's head and for the whole of it: nobody holds a connection open by writing slowly. */
const TIMEOUTS = { connectionTimeout: 60_000, requestTimeout: 30_000, keepAliveTimeout: 15_000 }

/** Serves all faces at the configured address. */
export async function serveAll(services: Services, api: ApiConfig): Promise<HttpServer> {
  const tls = api.tls && {
    cert: readFileSync(api.tls.certificate_file),
    key: readFileSync(api.tls.key_file),
    minVersion: 'TLSv1.2' as const,
  }
  const app: FastifyInstance = Fastify({
    ...(tls && { https: tls }),
    ...TIMEOUTS,
    logger: false,
    trustProxy: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
  })
  const engine = createEngine(services)
  const routes: readonly Route[] = [...restRoutes, playgroundRoute(), operationRoute(engine)]
  addErrorHandlers(app, services.log)
  await addHeaders(app, tls !== undefined)
  app.addHook('onRequest', async (request) => refuseWrongHost(request, services.originRules))
  addCors(app, services)
  app.decorateRequest('viewer', undefined)
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  for (const route of routes) addRoute(app, route, services)
  await addConsole(app, services)
  addNotFound(app, services)

  const gateway = createGateway(services)
  const sockets = createSocketRoute(engine, services)
  serveUpgrades(app.server, [gateway, sockets], services.originRules, services.log)
  const url = await listen(app, api.listen, tls !== undefined)
  const agents =
    api.agents_listen &&
    services.authority &&
    (await serveAgents(services, services.authority, gateway, api.agents_listen))
  const apart = api.websocket_listen && (await serveSockets(sockets, services, api.websocket_listen, tls))
  return {
    url,
    ...(agents && { agentsUrl: agents.url }),
    async [Symbol.asyncDispose]() {
      // No new connection first; then what agents sent is brought to its end and acknowledged.
      app.server.close()
      await Promise.all([sockets[Symbol.asyncDispose](), gateway[Symbol.asyncDispose]()])
      await agents?.[Symbol.asyncDispose]()
      await apart?.[Symbol.asyncDispose]()
      await app.close()
    },
  }
}

/** @throws {CodedError} `port-in-use`, `port-forbidden`, `listen-failed` */
async function listen(app: FastifyInstance, address: ListenAddress, tls: boolean): Promise<string> {
  try {
    await app.listen({ host: address.host, port: address.port })
  } catch (error) {
    await app.close()
    throw listenError(error, address)
  }
  const bound = app.server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return `${tls ? 'https' : 'http'}://${host}:${port}`
}
