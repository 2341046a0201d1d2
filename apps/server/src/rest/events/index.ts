import { randomBytes } from 'node:crypto'
import type { AgentId, Event, EventId, ProcessUid } from '@vedette/model'
import { z } from 'zod'
import { PublicError } from '../../access/public-error.ts'
import { given } from '../../graphql/page.ts'
import { type Route, signedIn } from '../../http/route.ts'
import { pageByTime } from '../cursor.ts'
import { restRoute } from '../rest-route.ts'
import { deliverySchema, eventId, eventPage, searchQuery, storedSchema, told, toldEvent } from './forms.ts'

const search = restRoute({
  method: 'GET',
  url: '/api/events',
  id: 'searchEvents',
  tag: 'events',
  summary: 'Events that the search finds, newest first.',
  query: searchQuery,
  answer: eventPage,
  async handle(passed) {
    const { services, query } = passed
    const { limit, cursor, until, event_type: kind, host, process_uid: processUid, ...rest } = query
    const filter = {
      ...rest,
      kind,
      host: host as AgentId | undefined,
      processUid: processUid as ProcessUid | undefined,
    }
    const events = services.events.of(signedIn(passed).tenant)
    const { rows, next } = await pageByTime({ limit, cursor, until }, (before, page) =>
      events.list(given({ ...filter, until: before }), page),
    )
    return { events: rows.map(told), next_cursor: next }
  },
})

const show = restRoute({
  method: 'GET',
  url: '/api/events/:id',
  id: 'getEvent',
  tag: 'events',
  summary: 'One event.',
  params: z.object({ id: eventId }),
  answer: toldEvent,
  async handle(passed) {
    const { services, params } = passed
    const event = await services.events.of(signedIn(passed).tenant).get(params.id as EventId)
    if (!event) throw new PublicError('not-found', 'There is no such event')
    return told(event)
  },
})

const send = restRoute({
  method: 'POST',
  url: '/api/events',
  id: 'sendEvents',
  tag: 'events',
  summary: 'Takes events from a program of yours; they are judged and on disk when this answers.',
  description:
    'For keys. A key speaks for itself: whatever host an event names, it stands under the id of the key. At most 1,000 events at once.',
  bodyLimit: 8 * 2 ** 20,
  body: deliverySchema,
  answer: storedSchema,
  async handle(passed) {
    const { services, body } = passed
    const { tenant, id, credential } = signedIn(passed)
    if (credential.kind === 'session') {
      throw new PublicError('wrong-credential', 'Events are taken from programs that have a key')
    }
    if ((body.run === undefined) !== (body.sequence === undefined)) {
      throw new PublicError('bad-input', 'sequence: run and sequence belong together')
    }
    const agent = `key-${id}` as AgentId
    const events = body.events.map(
      (event) => ({ ...event, device: { ...event.device, uid: agent } }) as Event,
    )
    const { run = randomBytes(8).toString('hex'), sequence = 0 } = body
    await services.intake.receive({ tenant, agent, batch: { run, sequence, events } })
    return { stored: events.length, host_id: agent }
  },
})

/** What happened on the hosts of the viewer's tenant. */
export const eventRoutes: readonly Route[] = [search, send, show]
