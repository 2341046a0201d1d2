import { addEvent, type LoginSession, SessionList } from '@vedette/manager/sessions'
import type { AgentId, AuthenticationEvent } from '@vedette/model'
import type { EventFilter, TenantEvents } from '@vedette/store'

/** Sign-ins that one answer is made of, at most: the newest. */
const MOST_EVENTS = 20_000
const PAGE = 1000

/** The sessions of a span of time. */
export interface SessionsSeen {
  /** By their beginning, newest first. */
  readonly sessions: readonly LoginSession[]
  /** From here on nothing is missing: where more happened than is read at once, the time of the oldest that was read. */
  readonly completeSince: number
}

/** Puts sessions together from what is stored of who was let in and who left. */
export async function readSessions(
  events: TenantEvents,
  since: number,
  {
    host,
    until,
    unattended,
  }: { readonly host?: AgentId; readonly until: number; readonly unattended: boolean },
): Promise<SessionsSeen> {
  const filter: EventFilter = { kind: 'authentication', since, until, ...(host !== undefined && { host }) }
  const found: AuthenticationEvent[] = []
  let completeSince = since
  for (;;) {
    const page = await events.list(filter, { limit: PAGE, offset: found.length })
    for (const event of page) if (event.kind === 'authentication') found.push(event)
    if (page.length < PAGE) break
    if (found.length >= MOST_EVENTS) {
      completeSince = found.at(-1)?.time ?? since
      break
    }
  }
  const list = new SessionList()
  for (const event of found.toReversed()) addEvent(list, event)
  return { sessions: list.sessions(unattended).reverse(), completeSince }
}
