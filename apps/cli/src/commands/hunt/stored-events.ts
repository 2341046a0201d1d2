import { setTimeout as delay } from 'node:timers/promises'
import { ApiError, type Client, graphql } from '@vedette/client'
import { eventsBetween, type ListEvents } from '@vedette/manager/workshop'
import type { Event, EventKind } from '@vedette/model'

const eventsPage = graphql(`
  query EventsBetween($since: DateTime!, $until: DateTime!, $limit: Int!, $offset: Int!, $kind: String) {
    events(limit: $limit, since: $since, until: $until, offset: $offset, event_type: $kind) {
      data
    }
  }
`)

/** Between two tries, where the server says that it is asked too often. */
const PAUSE_MS = 500

/**
 * The stored events of a span of time, of one kind where it is named, oldest first, a page at a time.
 *
 * @throws {ApiError} what the server says; @throws {RangeError} when one millisecond has more events than can be asked for
 */
export function storedEvents(
  client: Client,
  fromMs: number,
  untilMs: number,
  signal: AbortSignal,
  { pauseMs = PAUSE_MS, kind }: { readonly pauseMs?: number; readonly kind?: EventKind } = {},
): AsyncGenerator<readonly Event[]> {
  const list: ListEvents = (since, until, limit, offset) =>
    patiently(
      async () => {
        const { events } = await client.query(eventsPage, {
          since: new Date(since).toISOString(),
          until: new Date(until).toISOString(),
          limit,
          offset,
          ...(kind !== undefined && { kind }),
        })
        return events.map(({ data }) => data as Event)
      },
      pauseMs,
      signal,
    )
  return eventsBetween(list, fromMs, untilMs, signal)
}

/** A long hunt asks more than a person does: where that is too much for the server, it waits its turn. */
async function patiently<T>(ask: () => Promise<T[]>, pauseMs: number, signal: AbortSignal): Promise<T[]> {
  while (!signal.aborted) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof ApiError) || (error.code !== 'rate-limited' && error.status !== 429)) throw error
      await delay(pauseMs, undefined, { signal }).catch(() => undefined)
    }
  }
  return []
}
