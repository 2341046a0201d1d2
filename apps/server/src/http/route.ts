import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Viewer } from '../access/viewer.ts'
import type { Services } from '../services.ts'
import type { RateLimit } from './rate-limit.ts'

/** A request after the guard let it pass. */
export interface Passed {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly services: Services
  /** Set wherever the permissions ask for somebody. */
  readonly viewer: Viewer | undefined
  /** Address of the caller. */
  readonly address: string
}

/** One route: a folder of a face, and one line in the face's list. Who may use it stands in `permissions`. */
export interface Route {
  readonly method: 'GET' | 'POST'
  readonly url: string
  /** At most so many by address. Left out: the limit that all routes share. */
  readonly limit?: (services: Services) => RateLimit
  /** Most bytes of a body. Default 64 KiB. */
  readonly bodyLimit?: number
  /** What it returns is sent as JSON; nothing is sent when it took `reply` over. */
  handle(passed: Passed): Promise<unknown>
}

/**
 * Somebody who is signed in.
 *
 * @throws {TypeError} when the route's line in `permissions` lets anyone in: a fault of the program
 */
export function signedIn({ viewer }: Passed): Viewer {
  if (!viewer) throw new TypeError('this route needs a viewer, but its permission lets anyone in')
  return viewer
}
