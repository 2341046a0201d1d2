import type { Event } from '@vedette/model'

/** A page of the events of a span of time, newest first. */
export type ListEvents = (since: number, until: number, limit: number, offset: number) => Promise<Event[]>

const PAGE = 1000
const MOST_OFFSET = 100_000
/** Span of the first question; later ones are as long as about half a page of events took. */
const FIRST_SPAN_MS = 60_000
const LONGEST_SPAN_MS = 7 * 86_400_000

/**
 * The stored events of a span of time, oldest first, a page at a time. The store gives the newest first and at most a page:
 * so it is asked for spans so short that a page holds them.
 *
 * @throws {RangeError} when one millisecond has more events than can be asked for
 */
export async function* eventsBetween(
  list: ListEvents,
  fromMs: number,
  untilMs: number,
  signal?: AbortSignal,
): AsyncGenerator<readonly Event[]> {
  let spanMs = FIRST_SPAN_MS
  for (let at = fromMs; at < untilMs && !signal?.aborted;) {
    const until = Math.min(untilMs, at + spanMs)
    const found = await list(at, until, PAGE, 0)
    if (found.length === PAGE && until - at > 1) {
      spanMs = Math.max(1, Math.floor((until - at) / 4))
      continue
    }
    for (let offset = PAGE; found.length === offset; offset += PAGE) {
      if (offset > MOST_OFFSET) throw new RangeError(`more than ${MOST_OFFSET} events are of one millisecond`)
      found.push(...(await list(at, until, PAGE, offset)))
    }
    if (found.length > 0) yield found.reverse()
    const fit = found.length === 0 ? 4 : PAGE / 2 / found.length
    spanMs = Math.min(LONGEST_SPAN_MS, Math.max(1, Math.floor((until - at) * Math.min(4, fit))))
    at = until
  }
}
