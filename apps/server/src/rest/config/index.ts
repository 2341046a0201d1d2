import { centralSettings } from '@vedette/manager/fleet'
import { z } from 'zod'
import { PublicError } from '../../access/public-error.ts'
import {
  type GroupChange,
  listAgents,
  listGroups,
  listRevisions,
  planGroup,
  putGroup,
  removeGroup,
  rollBackGroup,
  rollOutGroup,
  stopRollOut,
} from '../../fleet/manager.ts'
import { actingFor, type Route } from '../../http/route.ts'
import { agentId } from '../agents/forms.ts'
import { cursorOf, placeOf } from '../cursor.ts'
import { done, iso } from '../forms.ts'
import { restRoute } from '../rest-route.ts'
import {
  agentPage,
  agentQuery,
  agentSchema,
  changeSchema,
  groupList,
  groupName,
  groupSchema,
  groupWithRevisions,
  planSchema,
  putSchema,
  rollOutBody,
  rollOutSchema,
  toldAgent,
  toldGroup,
  toldPlan,
  toldRollOut,
} from './forms.ts'

const byName = z.object({ name: groupName })

const list = restRoute({
  method: 'GET',
  url: '/api/config/groups',
  id: 'listConfigGroups',
  tag: 'config',
  summary: 'Groups of agents, by rank, and what may be set on them.',
  answer: groupList,
  handle: async (passed) => ({
    groups: (await listGroups(actingFor(passed))).map(toldGroup),
    settings: centralSettings,
  }),
})

const show = restRoute({
  method: 'GET',
  url: '/api/config/groups/:name',
  id: 'getConfigGroup',
  tag: 'config',
  summary: 'One group, with what it was given so far, newest first.',
  params: byName,
  answer: groupWithRevisions,
  async handle(passed) {
    const steward = actingFor(passed)
    const { name } = passed.params
    const revisions = await listRevisions(steward, name)
    const found = (await listGroups(steward)).find(({ group }) => group.name === name)
    if (!found) throw new PublicError('not-found', 'There is no such group')
    return {
      ...toldGroup(found),
      revisions: revisions.map((revision) => ({
        number: revision.number,
        config: revision.config,
        content: revision.content ?? null,
        agent_version: revision.agentVersion ?? null,
        made_at: iso(revision.madeAt),
        made_by: revision.madeBy,
      })),
    }
  },
})

const put = restRoute({
  method: 'PUT',
  url: '/api/config/groups/:name',
  id: 'putConfigGroup',
  tag: 'config',
  summary: 'Adds a group, or changes who is in it; what is left out stays.',
  params: byName,
  body: putSchema,
  answer: groupSchema,
  handle: async (passed) =>
    toldGroup(await putGroup(actingFor(passed), { ...passed.body, name: passed.params.name })),
})

const remove = restRoute({
  method: 'DELETE',
  url: '/api/config/groups/:name',
  id: 'removeConfigGroup',
  tag: 'config',
  summary: 'Removes a group; its agents come to the next that they fit, or decide for themselves again.',
  params: byName,
  answer: done,
  async handle(passed) {
    await removeGroup(actingFor(passed), passed.params.name)
    return {}
  },
})

const plan = restRoute({
  method: 'POST',
  url: '/api/config/groups/:name/plan',
  id: 'planConfig',
  tag: 'config',
  summary: 'Says what other settings would change on the agents of a group; nothing is done.',
  params: byName,
  body: changeSchema,
  answer: planSchema,
  handle: async (passed) =>
    toldPlan(await planGroup(actingFor(passed), passed.params.name, changeOf(passed.body))),
})

const rollOut = restRoute({
  method: 'POST',
  url: '/api/config/groups/:name/roll-out',
  id: 'rollOutConfig',
  tag: 'config',
  summary: 'Gives a group other settings: to 1, 10 and 100 % of it, each once the one before was good.',
  description: 'Stops by itself, and takes back what it did, when more than 1 % are bad.',
  params: byName,
  body: rollOutBody,
  answer: planSchema,
  async handle(passed) {
    const { params, body } = passed
    return toldPlan(await rollOutGroup(actingFor(passed), params.name, changeOf(body), body.hold_seconds))
  },
})

const stop = restRoute({
  method: 'POST',
  url: '/api/config/groups/:name/stop',
  id: 'stopRollOut',
  tag: 'config',
  summary: 'Stops what is rolled out; who has it gets back what was there before.',
  params: byName,
  body: z.strictObject({ reason: z.string().trim().min(1).max(1000) }),
  answer: rollOutSchema,
  handle: async (passed) =>
    toldRollOut(await stopRollOut(actingFor(passed), passed.params.name, passed.body.reason)),
})

const rollBack = restRoute({
  method: 'POST',
  url: '/api/config/groups/:name/roll-back',
  id: 'rollBackConfig',
  tag: 'config',
  summary: 'Gives all of a group at once what an earlier revision had; by default the one before.',
  params: byName,
  body: z.strictObject({ revision: z.int().min(1).optional() }),
  answer: groupSchema,
  handle: async (passed) =>
    toldGroup(await rollBackGroup(actingFor(passed), passed.params.name, passed.body.revision)),
})

const agents = restRoute({
  method: 'GET',
  url: '/api/config/agents',
  id: 'listConfiguredAgents',
  tag: 'config',
  summary: 'What holds on each agent, by host name: every setting, and where it comes from.',
  query: agentQuery,
  answer: agentPage,
  async handle(passed) {
    const { limit, cursor } = passed.query
    const after = cursor === undefined ? undefined : placeOf(cursor, z.tuple([z.string()]))[0]
    const all = await listAgents(actingFor(passed))
    const begin = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1
    const page = all.slice(begin, begin + limit)
    const last = page.at(-1)
    return {
      agents: page.map(toldAgent),
      next_cursor: last && begin + limit < all.length ? cursorOf([last.id]) : null,
    }
  },
})

const agent = restRoute({
  method: 'GET',
  url: '/api/config/agents/:id',
  id: 'getConfiguredAgent',
  tag: 'config',
  summary: 'What holds on one agent.',
  params: z.object({ id: agentId }),
  answer: agentSchema,
  async handle(passed) {
    const found = (await listAgents(actingFor(passed))).find(({ id }) => id === passed.params.id)
    if (!found) throw new PublicError('not-found', 'There is no such agent')
    return toldAgent(found)
  },
})

/** What the agents of the viewer's tenant are given, and what became of it. */
export const configRoutes: readonly Route[] = [
  list,
  show,
  put,
  remove,
  plan,
  rollOut,
  stop,
  rollBack,
  agents,
  agent,
]

function changeOf({
  set,
  unset,
  content,
  agent_version: agentVersion,
}: z.output<typeof changeSchema>): GroupChange {
  return { set, unset, content, agentVersion }
}
