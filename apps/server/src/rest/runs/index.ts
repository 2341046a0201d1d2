import type { AgentId } from '@vedette/model'
import { z } from 'zod'
import { type Route, signedIn } from '../../http/route.ts'
import { agentId } from '../agents/forms.ts'
import { named } from '../forms.ts'
import { restRoute } from '../rest-route.ts'

const count = z.int().min(0)

const storedBatch = named(
  'StoredBatch',
  z.object({
    sequence: count,
    rows: count.meta({ description: 'More than `events` when something was stored twice.' }),
    events: count.meta({ description: 'Different event ids.' }),
    first: count.meta({ description: 'Least of the numbers at the end of the ids.' }),
    last: count.meta({ description: 'Greatest of them.' }),
  }),
)

const listBatches = restRoute({
  method: 'GET',
  url: '/api/agents/:id/runs/:run/batches',
  id: 'listStoredBatches',
  tag: 'agents',
  summary: 'What is stored of a run of an agent, batch by batch.',
  description: 'With it a sender can see of every event that it sent whether it is stored, and how often.',
  params: z.object({ id: agentId, run: z.string().regex(/^[0-9a-f]{16}$/) }),
  query: z.strictObject({
    from: z.coerce.number().int().min(0).default(0).meta({ description: 'First sequence.' }),
    limit: z.coerce.number().int().min(1).max(20_000).default(1000),
  }),
  answer: z.object({ batches: z.array(storedBatch) }),
  async handle(passed) {
    const { params, query, services } = passed
    const events = services.events.of(signedIn(passed).tenant)
    return { batches: await events.ofRun(params.id as AgentId, params.run, query.from, query.limit) }
  },
})

/** What the store has of the runs of agents. */
export const runRoutes: readonly Route[] = [listBatches]
