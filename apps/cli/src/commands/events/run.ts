import { setTimeout as delay } from 'node:timers/promises'
import { type Client, graphql, type ResultOf } from '@vedette/client'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { exitCodes } from '../../exit-codes.ts'
import { parseSince } from '../../format/time.ts'
import { printJsonLine, printLine, safe } from '../../print.ts'

export interface EventsOptions {
  readonly limit: number
  readonly kind?: string
  readonly since?: string
  readonly search?: string
  readonly follow?: boolean
}

const eventPage = graphql(`
  query EventPage($limit: Int, $offset: Int, $event_type: String, $since: DateTime, $search: String) {
    events(limit: $limit, offset: $offset, event_type: $event_type, since: $since, search: $search) {
      event_id
      event_type
      timestamp
      host
      summary
      data
    }
  }
`)

type StoredEvent = ResultOf<typeof eventPage>['events'][number]

const PAGE = 1000
const FOLLOW_MS = 500
/** While following, events that are stored so much later than they happened are still shown. */
const LATE_MS = 30_000

export async function events(invocation: Invocation, options: EventsOptions): Promise<void> {
  const { clock, signal } = invocation
  const since = sinceOption(options.since, clock.now())
  using client = connect(invocation.paths)
  const seen = new Map<string, number>()
  const print = (found: readonly StoredEvent[]) => {
    for (const event of found) {
      if (seen.has(event.event_id)) continue
      seen.set(event.event_id, Date.parse(event.timestamp))
      printEvent(invocation, event)
    }
  }
  const startMs = clock.now()
  print(await newest(client, options, options.limit, since))
  if (options.follow !== true) return
  while (!signal.aborted) {
    await delay(FOLLOW_MS, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    const from = Math.max(startMs, clock.now() - LATE_MS)
    print(await newest(client, options, 10_000, new Date(from).toISOString()))
    for (const [id, timeMs] of seen) if (timeMs < from - LATE_MS) seen.delete(id)
  }
}

/** The newest events, oldest first, read page by page. */
async function newest(
  client: Client,
  { kind, search }: EventsOptions,
  limit: number,
  since: string | undefined,
): Promise<StoredEvent[]> {
  const found: StoredEvent[] = []
  while (found.length < limit) {
    const { events: page } = await client.query(eventPage, {
      limit: Math.min(PAGE, limit - found.length),
      offset: found.length,
      ...(kind !== undefined && { event_type: kind }),
      ...(search !== undefined && { search }),
      ...(since !== undefined && { since }),
    })
    found.push(...page)
    if (page.length < PAGE) break
  }
  return found.reverse()
}

function printEvent(invocation: Invocation, event: StoredEvent): void {
  if (invocation.json) return printJsonLine(invocation, event.data)
  const { style } = invocation
  const time = style.dim(event.timestamp.replace('T', ' '))
  printLine(invocation, `${time}  ${safe(event.event_type).padEnd(14)}  ${safe(event.summary, 500)}`)
}

function sinceOption(text: string | undefined, nowMs: number): string | undefined {
  if (text === undefined) return undefined
  try {
    return new Date(parseSince(text, nowMs)).toISOString()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError('bad-time', exitCodes.usage, `--since: ${reason}`)
  }
}
