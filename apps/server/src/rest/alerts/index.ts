import {
  type Alert,
  type AgentId,
  type AlertId,
  alertStatuses,
  type IncidentId,
  verdicts,
} from '@vedette/model'
import { z } from 'zod'
import { PublicError } from '../../access/public-error.ts'
import { given } from '../../graphql/page.ts'
import { type Passed, type Route, signedIn } from '../../http/route.ts'
import { pageByTime } from '../cursor.ts'
import { iso, moment, momentGiven, named, nextCursor, pageQuery, severity } from '../forms.ts'
import { restRoute, type Told } from '../rest-route.ts'

const byId = z.object({ id: z.string().min(1).max(200) })

const alertSchema = named(
  'Alert',
  z.object({
    id: z.string(),
    title: z.string(),
    severity,
    status: z.enum(alertStatuses),
    verdict: z.enum(verdicts).nullable(),
    assignee: z.string().nullable(),
    time: moment,
    last_seen: moment,
    count: z.int().meta({ description: 'Detections that it stands for.' }),
    host: z.string(),
    host_id: z.string(),
    entity: z.string(),
    rule_id: z.string(),
    techniques: z.array(z.string()).meta({ description: 'Of ATT&CK.' }),
    incident_id: z.string().nullable(),
    event_ids: z.array(z.string()),
    risk: z.int().meta({ description: 'Of its process tree when it fired, 0 to 100.' }),
  }),
)

const list = restRoute({
  method: 'GET',
  url: '/api/alerts',
  id: 'listAlerts',
  tag: 'alerts',
  summary: 'Alerts, newest first.',
  query: z.strictObject({
    ...pageQuery,
    status: z.enum(alertStatuses).optional(),
    severity: severity.optional(),
    host: z.string().max(200).optional().meta({ description: 'Id of a host.' }),
    incident: z.string().max(200).optional(),
    since: momentGiven.optional().meta({ format: 'date-time', description: 'Inclusive.' }),
    until: momentGiven.optional().meta({ format: 'date-time', description: 'Exclusive.' }),
    search: z.string().max(1000).optional(),
  }),
  answer: z.object({ alerts: z.array(alertSchema), next_cursor: nextCursor }),
  async handle(passed) {
    const { limit, cursor, until, host, incident, ...rest } = passed.query
    const filter = {
      ...rest,
      host: host as AgentId | undefined,
      incident: incident as IncidentId | undefined,
    }
    const { rows, next } = await pageByTime({ limit, cursor, until }, (before, page) =>
      own(passed).alerts.list(given({ ...filter, until: before }), page),
    )
    return { alerts: rows.map(told), next_cursor: next }
  },
})

const show = restRoute({
  method: 'GET',
  url: '/api/alerts/:id',
  id: 'getAlert',
  tag: 'alerts',
  summary: 'One alert.',
  params: byId,
  answer: alertSchema,
  async handle(passed) {
    const alert = await own(passed).alerts.get(passed.params.id as AlertId)
    if (!alert) throw none()
    return told(alert)
  },
})

const acknowledge = restRoute({
  method: 'POST',
  url: '/api/alerts/:id/acknowledge',
  id: 'acknowledgeAlert',
  tag: 'alerts',
  summary: 'Says that somebody looks at it.',
  params: byId,
  answer: alertSchema,
  handle(passed) {
    const { services, params } = passed
    const { name } = signedIn(passed)
    return change(passed, params.id, 'alert.acknowledge', {}, () =>
      own(passed).alerts.acknowledge(params.id as AlertId, name, services.clock.now()),
    )
  },
})

const resolve = restRoute({
  method: 'POST',
  url: '/api/alerts/:id/resolve',
  id: 'resolveAlert',
  tag: 'alerts',
  summary: 'Says that it is done, and what it was.',
  params: byId,
  body: z.strictObject({ verdict: z.enum(verdicts).optional() }),
  answer: alertSchema,
  handle(passed) {
    const { services, params, body } = passed
    const { name } = signedIn(passed)
    return change(passed, params.id, 'alert.resolve', { verdict: body.verdict ?? null }, () =>
      own(passed).alerts.resolve(params.id as AlertId, body.verdict, name, services.clock.now()),
    )
  },
})

/** Alerts of the viewer's tenant. */
export const alertRoutes: readonly Route[] = [list, show, acknowledge, resolve]

/** Changes an alert that is there, written down first. */
async function change(
  passed: Passed,
  id: string,
  action: string,
  detail: Readonly<Record<string, unknown>>,
  work: () => Promise<Alert | undefined>,
): Promise<Told<z.output<typeof alertSchema>>> {
  if (!(await own(passed).alerts.get(id as AlertId))) throw none()
  const act = { actor: signedIn(passed).name, action, target: `alert ${id}`, detail }
  const changed = await passed.services.audited.act(act, async () => {
    const alert = await work()
    if (!alert) throw none()
    return alert
  })
  return told(changed)
}

function own(passed: Passed) {
  return passed.services.state.of(signedIn(passed).tenant)
}

function none(): PublicError {
  return new PublicError('not-found', 'There is no such alert')
}

function told(alert: Alert): Told<z.output<typeof alertSchema>> {
  const { id, title, status, verdict, assignee, time, lastSeen, count, device, entity, rule, incident } =
    alert
  return {
    id,
    title,
    severity: rule.severity,
    status,
    verdict: verdict ?? null,
    assignee: assignee ?? null,
    time: iso(time),
    last_seen: iso(lastSeen),
    count,
    host: device.hostname,
    host_id: device.uid,
    entity,
    rule_id: rule.id,
    techniques: rule.techniques.map((technique) => technique.id),
    incident_id: incident ?? null,
    event_ids: alert.events.map((event) => event.id),
    risk: alert.risk,
  }
}
