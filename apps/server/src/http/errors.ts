import { randomUUID } from 'node:crypto'
import type { Logger } from '@vedette/base'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { PublicError } from '../access/public-error.ts'

/** What is sent of an error: `{"error": {"code", "message"}}`, and to `POST /graphql` as GraphQL writes it. */
export interface PublicFault {
  readonly code: string
  readonly message: string
}

const badRequest: PublicFault = { code: 'bad-input', message: 'The request cannot be read' }

const ofStatus: Readonly<Record<number, PublicFault>> = {
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

/** What of a request is not of its route's form: an address with no such parameter leads nowhere. */
function ofForm(error: unknown): PublicError | undefined {
  if (!hasZodFastifySchemaValidationErrors(error)) return undefined
  if (error.validationContext === 'params') return new PublicError('not-found', 'There is nothing here')
  const [issue] = error.validation
  const field = issue?.instancePath.slice(1).replaceAll('/', '.') || (error.validationContext ?? 'body')
  return new PublicError('bad-input', `${field.slice(0, 200)}: ${issue?.message ?? 'wrong'}`)
}

/** Answers every error of a route in one shape. */
export function addErrorHandlers(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = ofForm(thrown) ?? thrown
    const status = error instanceof PublicError ? error.status : (clientStatus(error) ?? 500)
    if (status === 429) reply.header('retry-after', '60')
    const fault =
      error instanceof PublicError || status === 500 ? faultOf(error, log) : (ofStatus[status] ?? badRequest)
    return reply.code(status).send(shapeOf(fault, request))
  })
}

/** A program that speaks GraphQL looks for faults where GraphQL has them. */
function shapeOf({ code, message }: PublicFault, { method, url }: FastifyRequest): object {
  const isGraphql = method === 'POST' && /^\/graphql(?:\?|$)/.test(url)
  return isGraphql ? { errors: [{ message, extensions: { code } }] } : { error: { code, message } }
}

/** The status of an error that the web framework blames on the caller. */
function clientStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined
}
