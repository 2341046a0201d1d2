import { createRest, type RestCall } from '@vedette/client/rest'
import type { Invocation } from './command.ts'
import { readEndpoint, readToken } from './connection.ts'

/** Asks the running instance for operations that are not GraphQL, as the operator. */
export function rest({ paths, signal }: Invocation, send?: typeof fetch): RestCall {
  const { url } = readEndpoint(paths)
  return createRest({ url, token: readToken(paths), signal, ...(send && { fetch: send }) })
}
