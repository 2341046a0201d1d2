import type { z } from 'zod'
import { PublicError } from '../../access/public-error.ts'
import { certifiedAgent } from '../../agent/certified.ts'
import { enrol, enrolSchema, renew, renewSchema } from '../../agent/enrolment.ts'
import type { Route } from '../../http/route.ts'

/** With a secret a certificate comes back; without one the agent asks again until somebody approved it. */
const enrolment: Route = {
  method: 'POST',
  url: '/agent/v1/enroll',
  bodyLimit: 16 * 1024,
  limit: ({ limits }) => limits.enrolment,
  async handle({ request, reply, services, address }) {
    const answer = await enrol(services, parse(enrolSchema, request.body), address)
    return reply.code(answer.state === 'pending' ? 202 : 200).send(answer)
  },
}

const renewal: Route = {
  method: 'POST',
  url: '/agent/v1/renew',
  bodyLimit: 16 * 1024,
  limit: ({ limits }) => limits.enrolment,
  async handle({ request, services }) {
    const who = await certifiedAgent(request.raw.socket, services, { orMoved: true })
    if (who === undefined) throw new PublicError('unauthenticated', 'Show the certificate of an agent')
    return renew(services, parse(renewSchema, request.body), who)
  },
}

/** What agents ask for at their own address, besides their stream. */
export const agentRoutes: readonly Route[] = [enrolment, renewal]

function parse<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new PublicError('bad-input', `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'wrong'}`)
}
