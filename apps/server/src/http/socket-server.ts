import { once } from 'node:events'
import { createServer as createPlainServer } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import { type ListenAddress, listenError } from '../listen-address.ts'
import type { Services } from '../services.ts'
import { serveUpgrades, type UpgradeRoute } from './upgrades.ts'

/**
 * A second address that takes sockets alone, at `/` and at the route's own path. Other requests are answered with 426
 * Upgrade Required (RFC 9110, 15.5.22).
 *
 * @throws {CodedError} `port-in-use`, `port-forbidden`, `listen-failed`
 */
export async function serveSockets(
  route: UpgradeRoute,
  { originRules, log }: Services,
  address: ListenAddress,
  tls: ServerOptions | undefined,
): Promise<AsyncDisposable> {
  const server = tls ? createTlsServer(tls) : createPlainServer()
  server.requestTimeout = 10_000
  server.on('request', (_request, response) => {
    response.writeHead(426, { upgrade: 'websocket', connection: 'close, upgrade' }).end()
  })
  const atRoot: UpgradeRoute = { path: '/', open: (...upgrade) => route.open(...upgrade) }
  serveUpgrades(server, [atRoot, route], originRules, log)
  try {
    server.listen({ host: address.host, port: address.port })
    await once(server, 'listening')
  } catch (error) {
    throw listenError(error, address)
  }
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
