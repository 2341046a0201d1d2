import { randomBytes } from 'node:crypto'
import type { AgentId, Event, EventId, ProcessUid } from '@vedette/model'
import { z } from 'zod'
import { PublicError } from '../../access/public-error.ts'
import { given } from '../../graphql/page.ts'
import { type Route, signedIn } from '../../http/route.ts'
import { cursorOf, placeOf } from '../cursor.ts'
import { restRoute } from '../rest-route.ts'
import { deliverySchema, eventId, eventPage, searchQuery, storedSchema, told, toldEvent } from './forms.ts'

/** The store tells moments apart by a microsecond. */
const NEXT_MOMENT_MS = 0.001
const cursorForm = z.tuple([z.number().nonnegative(), z.int().min(0).max(100_000)])

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
    const { limit, cursor, event_type: kind, host, process_uid: processUid, until, ...rest } = query
    // Moments are not unique: a cursor says how many events of its moment were told already.
    const [from, skip] = cursor === undefined ? [undefined, 0] : placeOf(cursor, cursorForm)
    const events = await services.events.of(signedIn(passed).tenant).list(
      given({
        ...rest,
        kind,
        host: host as AgentId | undefined,
        processUid: processUid as ProcessUid | undefined,
        until: from === undefined ? until : Math.min(from + NEXT_MOMENT_MS, until ?? Infinity),
      }),
      { limit, offset: skip },
    )
    return {
      events: events.map(told),
      next_cursor: events.length === limit ? afterLast(events, from, skip) : null,
    }
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

/** Where the next page begins. */
function afterLast(events: readonly Event[], from: number | undefined, skip: number): string | null {
  const last = events.at(-1)
  if (!last) return null
  const same = events.filter(({ time }) => time === last.time).length
  return cursorOf([last.time, same === events.length && last.time === from ? skip + same : same])
}

/** What happened on the hosts of the viewer's tenant. */
export const eventRoutes: readonly Route[] = [search, send, show]
