import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
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

/** Answers that are no JSON, by media type. */
export interface OtherMedia {
  readonly description: string
  readonly content: Readonly<Record<string, { readonly schema: z.ZodType }>>
}

/** What a route takes and answers: requests and answers are held to it, and the OpenAPI document is made from it. */
export interface RouteSchema {
  /** Name of the function in a generated client. */
  readonly operationId: string
  readonly tags: readonly [string]
  /** What it does, in one line. */
  readonly summary: string
  readonly description?: string
  readonly params?: z.ZodObject
  readonly querystring?: z.ZodObject
  readonly body?: z.ZodType
  /** By status; `default` is every fault. */
  readonly response: Readonly<Record<number | 'default', z.ZodType | OtherMedia>>
}

/** One route: a folder of a face, and one line in the face's list. Who may use it stands in `permissions`. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  /** Every REST route has one; GraphQL has a schema of its own. */
  readonly schema?: RouteSchema
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

/** The same with what to work with: whoever looks after people, agents or keys. */
export function actingFor(passed: Passed): { readonly services: Services; readonly viewer: Viewer } {
  return { services: passed.services, viewer: signedIn(passed) }
}
