import type { Logger } from '@vedette/base'
import { GraphQLError } from 'graphql'
import { PublicError } from '../access/public-error.ts'
import { faultOf } from '../http/errors.ts'

/**
 * What may be said of an error, always with a stable code in its extensions. A fault of the operation itself (it does not
 * parse, a field does not exist, a limit) keeps its message; what a resolver threw is told only when it was made for it.
 */
export function maskError(error: unknown, log: Logger): GraphQLError {
  const cause = error instanceof GraphQLError ? (error.originalError ?? undefined) : error
  if (error instanceof GraphQLError && (cause === undefined || cause instanceof GraphQLError)) {
    const { code } = error.extensions
    return told(error, typeof code === 'string' && /^[a-z-]+$/.test(code) ? code : 'bad-input', error.message)
  }
  const fault = faultOf(cause instanceof PublicError ? cause : (cause ?? error), log)
  return told(error, fault.code, fault.message)
}

function told(error: unknown, code: string, message: string): GraphQLError {
  if (!(error instanceof GraphQLError)) return new GraphQLError(message, { extensions: { code } })
  const { lost } = error.extensions
  return new GraphQLError(message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    path: error.path ?? null,
    extensions: { code, ...(typeof lost === 'number' && { lost }) },
  })
}
