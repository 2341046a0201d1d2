import type { GraphQLSchema } from 'graphql'
import { createYoga, type YogaServerInstance } from 'graphql-yoga'
import type { Viewer } from '../access/viewer.ts'
import type { Services } from '../services.ts'
import { type Context, createContext } from './context.ts'
import { maskError } from './errors.ts'
import { faultCodes, introspectionGuard, MAX_BATCH, shapeLimits, socketsOnly } from './limits.ts'
import { createSchema } from './schema.ts'

/** What comes from the face that an operation came through. */
export interface Asker {
  readonly viewer: Viewer
  /** It can be told live values. */
  readonly overSocket: boolean
}

export interface Engine {
  readonly schema: GraphQLSchema
  readonly yoga: YogaServerInstance<Asker, Context>
}

/** Runs GraphQL operations, over HTTP and over sockets alike, within the limits and for one viewer each. */
export function createEngine(services: Services): Engine {
  const log = services.log.child({ part: 'graphql' })
  const schema = createSchema()
  const yoga = createYoga<Asker, Context>({
    schema,
    logging: false,
    landingPage: false,
    graphiql: false,
    multipart: false,
    cors: false,
    batching: { limit: MAX_BATCH },
    // Which rules hold depends on who asks, so that one's verdict may not serve another.
    parserAndValidationCache: { documentCache: documents(), validationCache: false },
    maskedErrors: { maskError: (error) => maskError(error, log) },
    context: ({ viewer }) => createContext(services, viewer),
    plugins: [shapeLimits(), introspectionGuard(), socketsOnly(), faultCodes()],
  })
  return { schema, yoga }
}

/** Parsed documents of the last operations, at most 500. */
function documents() {
  const kept = new Map<string, never>()
  return {
    get: (key: string) => kept.get(key),
    set(key: string, value: never) {
      kept.set(key, value)
      const oldest = kept.keys().next().value
      if (kept.size > 500 && oldest !== undefined) kept.delete(oldest)
    },
  }
}
