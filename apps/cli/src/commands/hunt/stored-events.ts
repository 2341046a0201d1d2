import { type Client, graphql } from '@vedette/client'
import type { Event } from '@vedette/model'

const eventsBetween = graphql(`
  query EventsBetween($since: DateTime!, $until: DateTime!, $offset: Int!) {
    events(limit: 1000, since: $since, until: $until, offset: $offset) {
      data
    }
  }
`)

const PAGE = 1000
const MOST_OFFSET = 100_000
/** Span of the first question; later ones are as long as about half a page of events took. */
const FIRST_SPAN_MS = 60_000
const LONGEST_SPAN_MS = 7 * 86_400_000

/**
 * The stored events of a span of time, oldest first, a page at a time. The server gives the newest first and at most a page:
 * so it is asked for spans so short that a page holds them.
 *
 * @throws {ApiError} what the server says; @throws {RangeError} when one millisecond has more events than can be asked for
 */
export async function* storedEvents(
  client: Client,
  fromMs: number,
  untilMs: number,
  signal: AbortSignal,
): AsyncGenerator<readonly Event[]> {
  let spanMs = FIRST_SPAN_MS
  for (let at = fromMs; at < untilMs && !signal.aborted;) {
    const until = Math.min(untilMs, at + spanMs)
    const found = await page(client, at, until, 0)
    if (found.length === PAGE && until - at > 1) {
      spanMs = Math.max(1, Math.floor((until - at) / 4))
      continue
    }
    for (let offset = PAGE; found.length === offset; offset += PAGE) {
      if (offset > MOST_OFFSET) throw new RangeError(`more than ${MOST_OFFSET} events are of one millisecond`)
      found.push(...(await page(client, at, until, offset)))
    }
    if (found.length > 0) yield found.reverse()
    const fit = found.length === 0 ? 4 : PAGE / 2 / found.length
    spanMs = Math.min(LONGEST_SPAN_MS, Math.max(1, Math.floor((until - at) * Math.min(4, fit))))
    at = until
  }
}

async function page(client: Client, fromMs: number, untilMs: number, offset: number): Promise<Event[]> {
  const { events } = await client.query(eventsBetween, {
    since: new Date(fromMs).toISOString(),
    until: new Date(untilMs).toISOString(),
    offset,
  })
  return events.map(({ data }) => data as Event)
}
