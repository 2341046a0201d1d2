import type { IncomingMessage } from 'node:http'
import { GraphQLError } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { UNAUTHORIZED } from '../access/open-sockets.ts'
import { isOwnOrigin } from '../access/origin.ts'
import { PublicError } from '../access/public-error.ts'
import type { Viewer } from '../access/viewer.ts'
import type { UpgradeRoute } from '../http/upgrades.ts'
import type { Services } from '../services.ts'
import type { Engine } from './engine.ts'
import { prepareOperation, runnerOf } from './socket-operation.ts'

const MAX_MESSAGE_BYTES = 256 * 1024
/** Operations that one socket may have open at a time. */
const MAX_OPERATIONS = 32
/** Too many requests (RFC 6585's 429, as graphql-transport-ws writes HTTP codes). */
const TOO_MANY = 4429

/** RFC 6455's registry of close codes: the server cannot now; come again. */
const TRY_AGAIN = 1013

/**
 * Subscriptions (and queries, and mutations) over `graphql-transport-ws`. Who it is comes from the cookie of a page of our
 * own origin, or from `authorization` in the payload of `connection_init`.
 */
export function createSocketRoute(engine: Engine, services: Services): UpgradeRoute & AsyncDisposable {
  const { authenticator, openSockets, originRules, limits } = services
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: (protocols) => (protocols.has('graphql-transport-ws') ? 'graphql-transport-ws' : false),
  })
  const viewers = new WeakMap<object, Viewer>()

  async function viewerOf(
    request: IncomingMessage,
    init: Record<string, unknown>,
  ): Promise<Viewer | 'unknown' | 'failed'> {
    const { authorization } = init
    try {
      const viewer =
        authorization === undefined
          ? (await authenticator.identify(request)).viewer
          : await authenticator.bearer(authorization)
      return viewer ?? 'unknown'
    } catch (error) {
      services.log.error({ error }, 'it could not be found out who opens a socket')
      return 'failed'
    }
  }

  const graphqlWs = useServer(
    {
      connectionInitWaitTimeout: 5000,
      async onConnect({ extra, connectionParams }) {
        const { socket, request } = extra
        const viewer = await viewerOf(request, connectionParams ?? {})
        if (typeof viewer === 'string') {
          if (viewer === 'unknown') socket.close(UNAUTHORIZED, 'Sign in first')
          else socket.close(TRY_AGAIN, 'This did not work')
          return false
        }
        viewers.set(socket, viewer)
        openSockets.add(socket, viewer)
        socket.once('close', () => openSockets.remove(socket))
        return true
      },
      async onSubscribe({ extra, subscriptions }, _id, payload) {
        const viewer = viewers.get(extra.socket)
        // Its session ended and the close frame is on its way.
        if (viewer && !openSockets.has(extra.socket)) {
          return [new GraphQLError('Sign in first', { extensions: { code: 'unauthenticated' } })]
        }
        if (!viewer) throw new TypeError('an operation before its connection was accepted')
        if (Object.keys(subscriptions).length > MAX_OPERATIONS) {
          extra.socket.close(TOO_MANY, 'Too many operations')
          return undefined
        }
        if (!limits.graphql.take(extra.request.socket.remoteAddress ?? '')) {
          return [
            new GraphQLError('Too many requests; wait a minute', { extensions: { code: 'rate-limited' } }),
          ]
        }
        return prepareOperation(engine, viewer, payload, services.log)
      },
      execute: (args) => runnerOf(args).execute(args),
      subscribe: (args) => runnerOf(args).subscribe(args),
    },
    server,
  )

  return {
    path: '/graphql',

    async open(request, socket, head) {
      if (!limits.sockets.take(request.socket.remoteAddress ?? '')) {
        throw new PublicError('rate-limited', 'Too many connections; wait a minute')
      }
      // A browser always names the page's origin; a program does not, and then only its token counts.
      const { origin, cookie } = request.headers
      if ((origin !== undefined || cookie !== undefined) && !isOwnOrigin(request, originRules)) {
        throw new PublicError('foreign-origin', 'This comes from a page of another origin')
      }
      server.handleUpgrade(request, socket, head, (opened) => {
        opened.on('error', () => opened.terminate())
        server.emit('connection', opened, request)
      })
    },

    async [Symbol.asyncDispose]() {
      await graphqlWs.dispose()
      server.close()
    },
  }
}
