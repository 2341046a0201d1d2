import { randomUUID } from 'node:crypto'
import type { Logger } from '@vedette/base'
import type { FastifyInstance } from 'fastify'
import { PublicError } from '../access/public-error.ts'

/** What is sent of an error: `{"error": {"code", "message"}}`. */
export interface PublicFault {
  readonly code: string
  readonly message: string
}

const ofStatus: Readonly<Record<number, PublicFault>> = {
  400: { code: 'bad-input', message: 'The request cannot be read' },
  404: { code: 'not-found', message: 'There is nothing here' },
  413: { code: 'too-large', message: 'The request is too large' },
  414: { code: 'too-large', message: 'The address is too long' },
  415: { code: 'wrong-media-type', message: 'Send application/json' },
  431: { code: 'too-large', message: 'The headers are too large' },
}

/**
 * What may be said of an error. What is not made for others' eyes is logged under an id, and only the id is told.
 */
export function faultOf(error: unknown, log: Logger): PublicFault {
  if (error instanceof PublicError) return { code: error.code, message: error.message }
  const id = randomUUID()
  log.error({ error, id }, 'request failed')
  return { code: 'internal', message: `This did not work; the server's log tells more under ${id}` }
}

/** Answers every error of a route in one shape. */
export function addErrorHandlers(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof PublicError) {
      if (error.status === 429) reply.header('retry-after', '60')
      return reply.code(error.status).send({ error: faultOf(error, log) })
    }
    const status = clientStatus(error)
    if (status !== undefined) {
      return reply.code(status).send({ error: ofStatus[status] ?? ofStatus[400] })
    }
    return reply.code(500).send({ error: faultOf(error, log) })
  })
}

/** The status of an error that the web framework blames on the caller. */
function clientStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined
}
