import type { FastifyReply } from 'fastify'
import type { z } from 'zod'
import type { OtherMedia, Passed, Route } from '../http/route.ts'
import { faultSchema } from './forms.ts'

/** Noun under which the document lists a route. */
export const tags = [
  'agents',
  'events',
  'ioc',
  'config',
  'alerts',
  'incidents',
  'rules',
  'users',
  'organizations',
  'auth',
  'health',
] as const

/** The same, and whoever makes it may keep hold of it. */
export type Told<T> = T extends readonly (infer E)[]
  ? readonly Told<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Told<T[K]> }
    : T

/** A REST route with the forms of what it takes and answers, which type its handler too. */
interface RestRoute<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends z.ZodType,
> extends Pick<Route, 'method' | 'url' | 'limit' | 'bodyLimit'> {
  /** Name of the function in a generated client: a verb and a noun, `listAgents`. */
  readonly id: string
  readonly tag: (typeof tags)[number]
  readonly summary: string
  readonly description?: string
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly answer: A
  /** Other statuses that answer in the same form. */
  readonly alsoWith?: readonly number[]
  /** Types of an answer that is no JSON; `answer` is then the form of its text. */
  readonly media?: readonly string[]
  handle(
    passed: Passed & {
      readonly params: z.output<P>
      readonly query: z.output<Q>
      readonly body: z.output<B>
    },
  ): Promise<Told<z.output<A>> | FastifyReply>
}

/** A route with its schema as the server and the document read it. */
export function restRoute<
  A extends z.ZodType,
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodUndefined,
>(route: RestRoute<P, Q, B, A>): Route {
  const { method, url, limit, bodyLimit, id, tag, summary, description, params, query, body } = route
  const good: z.ZodType | OtherMedia = route.media
    ? {
        description: summary,
        content: Object.fromEntries(route.media.map((type) => [type, { schema: route.answer }])),
      }
    : route.answer
  return {
    method,
    url,
    ...(limit && { limit }),
    ...(bodyLimit !== undefined && { bodyLimit }),
    schema: {
      operationId: id,
      tags: [tag],
      summary,
      ...(description !== undefined && { description }),
      ...(params && { params }),
      ...(query && { querystring: query }),
      ...(body && { body }),
      response: {
        200: good,
        ...Object.fromEntries((route.alsoWith ?? []).map((status) => [status, good])),
        default: faultSchema,
      },
    },
    handle: (passed) => {
      const { request } = passed
      return route.handle({
        ...passed,
        // Fastify has held them to the schema.
        params: request.params as z.output<P>,
        query: request.query as z.output<Q>,
        body: request.body as z.output<B>,
      })
    },
  }
}
