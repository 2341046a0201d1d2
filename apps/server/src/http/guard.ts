import type { FastifyInstance } from 'fastify'
import { isLocal, isOwnOrigin, refuseForgery } from '../access/origin.ts'
import { permit } from '../access/permissions.ts'
import type { Viewer } from '../access/viewer.ts'
import type { Services } from '../services.ts'
import type { Route } from './route.ts'

const BODY_LIMIT = 64 * 1024

/** Adds a route behind the guard: rate, credential, permission, forgery, in this order, before its handler. */
export function addRoute(app: FastifyInstance, route: Route, services: Services): void {
  const { authenticator, originRules, sessions, limits } = services
  const operation = `${route.method} ${route.url}`
  const hasBody = route.schema === undefined || route.schema.body !== undefined
  app.route({
    method: route.method,
    url: route.url,
    ...(route.schema && { schema: route.schema }),
    bodyLimit: route.bodyLimit ?? BODY_LIMIT,
    // Before the body is read: nobody makes the server parse what they may not send.
    onRequest: async (request, reply) => {
      ;(route.limit?.(services) ?? limits.requests).require(request.ip)
      const identity = await authenticator.identify(request)
      permit(operation, identity.viewer, isLocal(request.socket.remoteAddress, request))
      if (route.method !== 'GET') refuseForgery(request, originRules, identity.hasCookie, hasBody)
      if (identity.viewer && identity.sessionToken !== undefined) {
        const cookie = await sessions.renewed(identity.sessionToken, identity.viewer)
        if (cookie !== undefined) reply.header('set-cookie', cookie)
      }
      request.viewer = identity.viewer
    },
    handler: (request, reply) =>
      route.handle({ request, reply, services, viewer: request.viewer, address: request.ip }),
  })
}

/** Lets the pages of `api.cors_origins`, and no others, read answers (Fetch standard, CORS protocol). */
export function addCors(app: FastifyInstance, { originRules }: Services): void {
  if (originRules.corsOrigins.length === 0) return
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers
    reply.header('vary', 'Origin')
    if (origin === undefined || !isOwnOrigin(request, originRules)) return undefined
    reply.header('access-control-allow-origin', origin)
    reply.header('access-control-allow-credentials', 'true')
    if (request.method !== 'OPTIONS') return undefined
    reply.header('access-control-allow-methods', 'GET, POST, PUT, DELETE')
    reply.header('access-control-allow-headers', 'content-type, authorization')
    reply.header('access-control-max-age', '600')
    return reply.code(204).send()
  })
}

declare module 'fastify' {
  interface FastifyRequest {
    viewer: Viewer | undefined
  }
}
