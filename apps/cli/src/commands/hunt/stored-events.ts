import { type Client, graphql } from '@vedette/client'
import { eventsBetween, type ListEvents } from '@vedette/manager/workshop'
import type { Event } from '@vedette/model'

const eventsPage = graphql(`
  query EventsBetween($since: DateTime!, $until: DateTime!, $limit: Int!, $offset: Int!) {
    events(limit: $limit, since: $since, until: $until, offset: $offset) {
      data
    }
  }
`)

/**
 * The stored events of a span of time, oldest first, a page at a time.
 *
 * @throws {ApiError} what the server says; @throws {RangeError} when one millisecond has more events than can be asked for
 */
export function storedEvents(
  client: Client,
  fromMs: number,
  untilMs: number,
  signal: AbortSignal,
): AsyncGenerator<readonly Event[]> {
  const list: ListEvents = async (since, until, limit, offset) => {
    const { events } = await client.query(eventsPage, {
      since: new Date(since).toISOString(),
      until: new Date(until).toISOString(),
      limit,
      offset,
    })
    return events.map(({ data }) => data as Event)
  }
  return eventsBetween(list, fromMs, untilMs, signal)
}
