import { type Incident, type IncidentId, incidentStatuses } from '@vedette/model'
import { z } from 'zod'
import { PublicError } from '../../access/public-error.ts'
import { given } from '../../graphql/page.ts'
import { type Passed, type Route, signedIn } from '../../http/route.ts'
import { cursorOf, placeOf } from '../cursor.ts'
import { iso, isoOrNull, moment, named, nextCursor, pageQuery, severity } from '../forms.ts'
import { restRoute, type Told } from '../rest-route.ts'

const cursorForm = z.tuple([z.int().min(0).max(100_000)])

const incidentSchema = named(
  'Incident',
  z.object({
    id: z.string(),
    title: z.string(),
    description: z.string(),
    severity,
    status: z.enum(incidentStatuses),
    assignee: z.string().nullable(),
    resolution: z.string().nullable(),
    created_at: moment,
    updated_at: moment,
    closed_at: moment.nullable(),
    alert_count: z.int(),
    host: z.string().nullable(),
  }),
)

const list = restRoute({
  method: 'GET',
  url: '/api/incidents',
  id: 'listIncidents',
  tag: 'incidents',
  summary: 'Incidents, last changed first.',
  query: z.strictObject({
    ...pageQuery,
    status: z.enum(incidentStatuses).optional(),
    severity: severity.optional(),
  }),
  answer: z.object({ incidents: z.array(incidentSchema), next_cursor: nextCursor }),
  async handle(passed) {
    const { limit, cursor, ...filter } = passed.query
    const [offset] = cursor === undefined ? [0] : placeOf(cursor, cursorForm)
    const found = await own(passed).incidents.list(given(filter), { limit, offset })
    return {
      incidents: found.map(told),
      next_cursor: found.length === limit ? cursorOf([offset + limit]) : null,
    }
  },
})

const show = restRoute({
  method: 'GET',
  url: '/api/incidents/:id',
  id: 'getIncident',
  tag: 'incidents',
  summary: 'One incident.',
  params: z.object({ id: z.string().min(1).max(200) }),
  answer: incidentSchema,
  async handle(passed) {
    const incident = await own(passed).incidents.get(passed.params.id as IncidentId)
    if (!incident) throw new PublicError('not-found', 'There is no such incident')
    return told(incident)
  },
})

/** Incidents of the viewer's tenant. */
export const incidentRoutes: readonly Route[] = [list, show]

function own(passed: Passed) {
  return passed.services.state.of(signedIn(passed).tenant)
}

function told(incident: Incident): Told<z.output<typeof incidentSchema>> {
  return {
    id: incident.id,
    title: incident.title,
    description: incident.description,
    severity: incident.severity,
    status: incident.status,
    assignee: incident.assignee ?? null,
    resolution: incident.resolution ?? null,
    created_at: iso(incident.createdAt),
    updated_at: iso(incident.updatedAt),
    closed_at: isoOrNull(incident.closedAt),
    alert_count: incident.alertCount,
    host: incident.host ?? null,
  }
}
