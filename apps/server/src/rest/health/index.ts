import { DEFAULT_TENANT } from '@vedette/model'
import { PublicError } from '../../access/public-error.ts'
import type { Route } from '../../http/route.ts'
import { checkAll, checkOne, overall } from '../../watch/health.ts'

/** All checks; 503 when one is unhealthy. */
const all: Route = {
  method: 'GET',
  url: '/health',
  async handle({ reply, services, viewer }) {
    const checks = await checkAll(services, viewer?.tenant ?? DEFAULT_TENANT)
    const status = overall(checks)
    reply.code(status === 'unhealthy' ? 503 : 200).header('cache-control', 'no-store')
    return { status, version: services.version, checks }
  },
}

/** One check; 404 when there is none of that name, 503 when it is unhealthy. */
const one: Route = {
  method: 'GET',
  url: '/health/:check',
  async handle({ request, reply, services, viewer }) {
    const { check: name } = request.params as { check: string }
    const found = await checkOne(services, viewer?.tenant ?? DEFAULT_TENANT, name)
    if (!found) throw new PublicError('not-found', 'There is no such check')
    reply.code(found.status === 'unhealthy' ? 503 : 200).header('cache-control', 'no-store')
    return found
  },
}

export const healthRoutes: readonly Route[] = [all, one]
