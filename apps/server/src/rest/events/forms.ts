import { type Event, eventKinds, eventSchema } from '@vedette/model'
import { z } from 'zod'
import { summaryOf } from '../../graphql/event/summary.ts'
import { iso, moment, momentGiven, named, nextCursor, pageQuery } from '../forms.ts'

/** Most events of one delivery. */
const MOST_SENT = 1000

export const eventId = z
  .string()
  .min(1)
  .max(200)
  .meta({ examples: ['8d1f0c2b5a6e4f30-5b1c-42'] })

export const toldEvent = named(
  'Event',
  z.object({
    event_id: z.string(),
    event_type: z.enum(eventKinds),
    timestamp: moment,
    host: z.string(),
    host_id: z.string(),
    summary: z.string().meta({ description: 'What happened, in one line for people.' }),
    data: z.record(z.string(), z.unknown()).meta({ description: 'The whole event, shaped after OCSF 1.8.' }),
  }),
)

export const eventPage = z.object({ events: z.array(toldEvent), next_cursor: nextCursor })

export const searchQuery = z.strictObject({
  ...pageQuery,
  event_type: z.enum(eventKinds).optional(),
  host: z.string().max(200).optional().meta({ description: 'Id of a host.' }),
  process_uid: z.string().max(200).optional(),
  since: momentGiven.optional().meta({ format: 'date-time', description: 'Inclusive.' }),
  until: momentGiven.optional().meta({ format: 'date-time', description: 'Exclusive.' }),
  search: z
    .string()
    .max(1000)
    .optional()
    .meta({ description: 'Text that stands somewhere in the event, upper and lower case alike.' }),
})

export const deliverySchema = z.strictObject({
  run: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional()
    .meta({
      description:
        'A run of the sender, 16 hex digits of its choice. With `sequence` it makes a repeated delivery harmless; left out, each is a new one.',
    }),
  sequence: z.int().min(0).optional().meta({ description: 'Of this delivery within its run, from 0.' }),
  events: z.array(eventSchema).min(1).max(MOST_SENT),
})

export const storedSchema = z.object({
  stored: z.int(),
  host_id: z.string().meta({ description: 'The host under which they stand: that of the key.' }),
})

/** An event as answers have it. */
export function told(event: Event): z.output<typeof toldEvent> {
  return {
    event_id: event.id,
    event_type: event.kind,
    timestamp: iso(event.time),
    host: event.device.hostname,
    host_id: event.device.uid,
    summary: summaryOf(event),
    data: { ...event },
  }
}
