import { DEFAULT_TENANT } from '@vedette/model'
import { PublicError } from '../../access/public-error.ts'
import { z } from 'zod'
import type { Route } from '../../http/route.ts'
import { named } from '../forms.ts'
import { restRoute } from '../rest-route.ts'
import { checkAll, checkOne, overall } from '../../watch/health.ts'

const status = z.enum(['healthy', 'degraded', 'unhealthy'])

const checkSchema = named(
  'HealthCheck',
  z.object({
    name: z.string(),
    status,
    value: z.string().optional().meta({ description: 'What was measured, as text.' }),
    message: z.string(),
  }),
)

const healthSchema = named('Health', z.object({ status, version: z.string(), checks: z.array(checkSchema) }))

const all = restRoute({
  method: 'GET',
  url: '/health',
  id: 'getHealth',
  tag: 'health',
  summary: 'All checks; 503 when one is unhealthy.',
  answer: healthSchema,
  alsoWith: [503],
  async handle({ reply, services, viewer }) {
    const checks = await checkAll(services, viewer?.tenant ?? DEFAULT_TENANT)
    const worst = overall(checks)
    reply.code(worst === 'unhealthy' ? 503 : 200).header('cache-control', 'no-store')
    return { status: worst, version: services.version, checks }
  },
})

/** One check; 404 when there is none of that name, 503 when it is unhealthy. */
const one = restRoute({
  method: 'GET',
  url: '/health/:check',
  id: 'getHealthCheck',
  tag: 'health',
  summary: 'One check; 503 when it is unhealthy.',
  params: z.object({
    check: z
      .string()
      .max(100)
      .meta({ examples: ['event_store'] }),
  }),
  answer: checkSchema,
  alsoWith: [503],
  async handle({ reply, services, viewer, params }) {
    const found = await checkOne(services, viewer?.tenant ?? DEFAULT_TENANT, params.check)
    if (!found) throw new PublicError('not-found', 'There is no such check')
    reply.code(found.status === 'unhealthy' ? 503 : 200).header('cache-control', 'no-store')
    return found
  },
})

export const healthRoutes: readonly Route[] = [all, one]
