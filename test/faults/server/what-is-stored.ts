import { join } from 'node:path'
import { silentLogger } from '@vedette/base'
import { type Alert, DEFAULT_TENANT } from '@vedette/model'
import { openStateStore } from '@vedette/store'
import { Session } from 'chdb'
import { z } from 'zod'
import { nobody } from '../../../apps/server/src/testing/test-server.ts'
import type { FleetAgent } from './fleet-agent.ts'

const PAGE = 1000

/** What the stores have of what agents were told is stored, and how often. */
export interface Verdict {
  readonly acknowledged: number
  readonly acknowledgedAndLost: number
  readonly storedTwice: number
  readonly attacks: number
  readonly alertsMissing: number
  readonly alertsTwice: number
}

const rowSchema = z.object({
  agent: z.string(),
  sequence: z.number(),
  rows: z.number(),
  ids: z.number(),
})

/** Asks the stores themselves, of a server that has stopped, for every event by its number and every alert. */
export async function whatIsStored(home: string, agents: readonly FleetAgent[]): Promise<Verdict> {
  const stored = new Map(storedBatches(home).map((row) => [`${row.agent} ${row.sequence}`, row]))
  let acknowledged = 0
  let acknowledgedAndLost = 0
  for (const agent of agents) {
    for (const [sequence, events] of agent.acknowledged) {
      acknowledged += events
      acknowledgedAndLost += Math.max(0, events - (stored.get(`${agent.id} ${sequence}`)?.ids ?? 0))
    }
  }
  const alerts = new Map<string, number>()
  for (const { events, count } of await storedAlerts(home))
    for (const { id } of events) alerts.set(id, (alerts.get(id) ?? 0) + count)
  const attacks = agents.flatMap((agent) => [...agent.attacks])
  return {
    acknowledged,
    acknowledgedAndLost,
    storedTwice: [...stored.values()].reduce((sum, { rows, ids }) => sum + rows - ids, 0),
    attacks: attacks.length,
    alertsMissing: attacks.filter((id) => !alerts.has(id)).length,
    alertsTwice: [...alerts.values()].filter((count) => count > 1).length,
  }
}

/** Of each batch the rows, and how many different events they are. */
function storedBatches(home: string): z.output<typeof rowSchema>[] {
  const engine = new Session(join(home, 'events/engine'))
  try {
    const text = engine.query(
      `SELECT agent, toInt32(sequence) AS sequence, toInt32(count()) AS rows, toInt32(uniqExact(id)) AS ids
       FROM vedette.events GROUP BY agent, run, sequence`,
      'JSONEachRow',
    )
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => rowSchema.parse(JSON.parse(line)))
  } finally {
    engine.close()
  }
}

async function storedAlerts(home: string): Promise<Alert[]> {
  await using state = await openStateStore({ folder: join(home, 'pg'), log: silentLogger, ...nobody() })
  const { alerts } = state.of(DEFAULT_TENANT)
  const found: Alert[] = []
  for (;;) {
    const page = await alerts.list({}, { limit: PAGE, offset: found.length })
    found.push(...page)
    if (page.length < PAGE) return found
  }
}
