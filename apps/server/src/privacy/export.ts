import type { PersonNames } from '@vedette/store'
import { checkNames } from '@vedette/store'
import { PublicError } from '../access/public-error.ts'
import { type Manager, peopleOf } from '../people/manager.ts'

const ROWS = 1000
const EVENTS = 200

/** A part of what is stored about a person: a line of JSON for each row or event. */
export interface ExportPage {
  readonly lines: readonly string[]
  /** What to ask for next; left out at the end. */
  readonly next?: string
}

/**
 * What the stores hold about a person, in all tenants of the organisation: first the rows of a tenant, then its events.
 *
 * @param cursor `next` of the page before
 */
export async function exportPerson(
  manager: Manager,
  names: PersonNames,
  cursor: string | undefined,
): Promise<ExportPage> {
  try {
    checkNames(names)
  } catch (error) {
    throw new PublicError('bad-input', (error as Error).message, { cause: error })
  }
  const { services, viewer } = manager
  const match = /^(\d{1,5})\.(\d{1,12})$/.exec(cursor ?? '0.0')
  if (match === null) throw new PublicError('bad-input', 'That is no cursor of an export')
  const place = Number(match[1])
  const offset = Number(match[2])
  const tenants = [
    viewer.organisation,
    ...(await peopleOf(manager).tenants.list()).map(({ id }) => id).toSorted(),
  ]
  const tenant = tenants[place]
  if (tenant === undefined) return { lines: [] }
  if (offset === 0 && place === 0) {
    // Reading what is stored of somebody is an act of its own.
    await services.audited.record({
      actor: viewer.name,
      action: 'privacy.export',
      target: 'person',
      outcome: 'done',
      detail: {},
    })
  }
  const lines: string[] = []
  if (offset === 0) {
    const rows = await services.state.of(tenant).personal.rowsNaming(names, ROWS)
    for (const [table, found] of rows) {
      for (const row of found) lines.push(JSON.stringify({ tenant, store: 'state', table, row }))
    }
  }
  const events = await services.events.personal(tenant).list(names, EVENTS, offset)
  for (const event of events) lines.push(JSON.stringify({ tenant, store: 'events', event }))
  if (events.length === EVENTS) return { lines, next: `${place}.${offset + EVENTS}` }
  return place + 1 < tenants.length ? { lines, next: `${place + 1}.0` } : { lines }
}
