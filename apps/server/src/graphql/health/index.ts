import { checkAll, overall } from '../../watch/health.ts'
import type { Resource } from '../builder.ts'

/** How the parts of the house are. */
export const health: Resource = (builder) => {
  builder.objectType('HealthCheck', {
    fields: (t) => ({
      name: t.exposeString('name'),
      status: t.exposeString('status'),
      value: t.exposeString('value', { nullable: true }),
      message: t.exposeString('message'),
    }),
  })
  builder.objectType('SystemHealth', {
    fields: (t) => ({
      status: t.exposeString('status', { description: 'healthy, degraded or unhealthy.' }),
      checks: t.expose('checks', { type: ['HealthCheck'] }),
    }),
  })
  builder.queryFields((t) => {
    const systemHealth = () =>
      t.field({
        type: 'SystemHealth',
        complexity: 50,
        async resolve(_root, _args, { services, tenant }) {
          const checks = await checkAll(services, tenant)
          return { status: overall(checks), checks }
        },
      })
    return { system_health: systemHealth(), systemHealth: systemHealth() }
  })
}
