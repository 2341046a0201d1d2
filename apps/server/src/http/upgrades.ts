import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from '@vedette/base'
import { type OriginRules, refuseWrongHost } from '../access/origin.ts'
import { PublicError } from '../access/public-error.ts'

/** A path that takes WebSockets. */
export interface UpgradeRoute {
  readonly path: string
  /**
   * Takes the socket over.
   *
   * @throws {PublicError} to answer with an HTTP error instead
   */
  open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>
}

/** Leads each upgrade to its route; anything else is answered and closed. */
export function serveUpgrades(
  server: Server,
  routes: readonly UpgradeRoute[],
  rules: OriginRules,
  log: Logger,
): void {
  server.on('upgrade', (request, socket, head) => {
    // The socket has no owner yet: an error of it (a reset) must not end the process.
    const onError = () => socket.destroy()
    socket.on('error', onError)
    const open = async () => {
      refuseWrongHost(request, rules)
      const path = URL.parse(request.url ?? '', 'http://host')?.pathname
      const route = routes.find((route) => route.path === path)
      if (!route) throw new PublicError('not-found', 'There is nothing here')
      await route.open(request, socket, head)
      socket.off('error', onError)
    }
    open().catch((error: unknown) => {
      if (!(error instanceof PublicError)) log.error({ error }, 'socket could not be opened')
      refuse(socket, error instanceof PublicError ? error : new PublicError('internal', 'This did not work'))
    })
  })
}

function refuse(socket: Duplex, error: PublicError): void {
  const body = JSON.stringify({ error: { code: error.code, message: error.message } })
  socket.end(
    [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? 'Error'}`,
      'connection: close',
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
  socket.once('finish', () => socket.destroy())
}
