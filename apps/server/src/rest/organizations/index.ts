import { z } from 'zod'
import { actingFor, type Route } from '../../http/route.ts'
import { addTenant, listTenants, renameTenant } from '../../people/tenants.ts'
import { isoOrNull, moment, named } from '../forms.ts'
import { restRoute } from '../rest-route.ts'

const name = z
  .string()
  .max(64)
  .meta({ examples: ['harbour'] })

const tenantSchema = named(
  'Tenant',
  z.object({
    id: z.string(),
    name: z.string(),
    created_at: moment.nullable().meta({ description: 'null for the first one.' }),
  }),
)

const organizations = restRoute({
  method: 'GET',
  url: '/api/organizations',
  id: 'listOrganizations',
  tag: 'organizations',
  summary: 'The organisation of whoever asks, and its tenants.',
  answer: z.object({
    organizations: z.array(
      named(
        'Organization',
        z.object({
          organization_id: z.string().meta({ description: 'The id of its first tenant.' }),
          tenants: z.array(tenantSchema),
        }),
      ),
    ),
  }),
  async handle(passed) {
    const manager = actingFor(passed)
    const tenants = (await listTenants(manager)).map(told)
    return { organizations: [{ organization_id: manager.viewer.organisation, tenants }] }
  },
})

const tenants = restRoute({
  method: 'GET',
  url: '/api/tenants',
  id: 'listTenants',
  tag: 'organizations',
  summary: 'Tenants of the organisation: the first one, then by name.',
  answer: z.object({
    tenant_id: z.string().meta({ description: 'The one that whoever asks looks at.' }),
    tenants: z.array(tenantSchema),
  }),
  async handle(passed) {
    const manager = actingFor(passed)
    return { tenant_id: manager.viewer.tenant, tenants: (await listTenants(manager)).map(told) }
  },
})

const add = restRoute({
  method: 'POST',
  url: '/api/tenants',
  id: 'addTenant',
  tag: 'organizations',
  summary: 'Makes a tenant.',
  body: z.strictObject({ name }),
  answer: tenantSchema,
  handle: async (passed) => told(await addTenant(actingFor(passed), passed.body.name)),
})

const rename = restRoute({
  method: 'PUT',
  url: '/api/tenants/:id',
  id: 'renameTenant',
  tag: 'organizations',
  summary: 'Gives a tenant another name.',
  params: z.object({ id: z.string().min(1).max(64).meta({ description: 'Its id or name.' }) }),
  body: z.strictObject({ name }),
  answer: tenantSchema,
  handle: async (passed) => told(await renameTenant(actingFor(passed), passed.params.id, passed.body.name)),
})

/** The viewer's organisation and its tenants. */
export const organizationRoutes: readonly Route[] = [organizations, tenants, add, rename]

function told({ id, name, createdAt }: Awaited<ReturnType<typeof listTenants>>[number]) {
  return { id, name, created_at: isoOrNull(createdAt) }
}
