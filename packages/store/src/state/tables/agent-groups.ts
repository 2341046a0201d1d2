import type { AgentGroup, AgentId, GroupRevision, RollOut, TenantId } from '@vedette/model'
import { type Selectable, sql } from 'kysely'
import type { AgentGroups, KeptAssignment, PublishedContent } from '../agent-groups.ts'
import type { Database } from '../database.ts'
import { storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'

const MOST_LISTED = 100
const MAX_AGENTS = 100_000
/** Of an agent that told of itself and was given nothing. */
const NOTHING_ASSIGNED = { serial: '0', digest: '', group_name: '', revision: 0 }
const contentColumns = ['version', 'sha256', 'files', 'made_at', 'made_by'] as const

export function agentGroups(tenant: TenantId, scope: TenantScope): AgentGroups {
  return {
    list() {
      return scope('list groups', async (trx) => {
        const rows = await trx
          .selectFrom('agent_groups')
          .selectAll()
          .orderBy('rank')
          .orderBy('name')
          .execute()
        return rows.map(groupFromRow)
      })
    },

    get(name) {
      return scope('read a group', async (trx) => {
        const row = await trx
          .selectFrom('agent_groups')
          .selectAll()
          .where('name', '=', name)
          .executeTakeFirst()
        return row && groupFromRow(row)
      })
    },

    async put({ name, rank, members, labels, hosts, current }) {
      const who = {
        rank,
        members: JSON.stringify(members),
        labels: JSON.stringify(labels),
        hosts: JSON.stringify(hosts),
      }
      await scope('keep a group', (trx) =>
        trx
          .insertInto('agent_groups')
          .values({ tenant, name, ...who, current })
          .onConflict((conflict) => conflict.columns(['tenant', 'name']).doUpdateSet(who))
          .execute(),
      )
    },

    remove(name) {
      return scope('remove a group', async (trx) => {
        const done = await trx.deleteFrom('agent_groups').where('name', '=', name).executeTakeFirst()
        return done.numDeletedRows > 0n
      })
    },

    async setCurrent(name, revision) {
      await scope('set the revision of a group', (trx) =>
        trx.updateTable('agent_groups').set({ current: revision }).where('name', '=', name).execute(),
      )
    },

    revisions(group) {
      return scope('list revisions of a group', async (trx) => {
        const rows = await trx
          .selectFrom('agent_group_revisions')
          .selectAll()
          .where('group_name', '=', group)
          .orderBy('number', 'desc')
          .limit(MOST_LISTED)
          .execute()
        return rows.map(revisionFromRow)
      })
    },

    revision(group, number) {
      return scope('read a revision of a group', async (trx) => {
        const row = await trx
          .selectFrom('agent_group_revisions')
          .selectAll()
          .where('group_name', '=', group)
          .where('number', '=', number)
          .executeTakeFirst()
        return row && revisionFromRow(row)
      })
    },

    addRevision({ group, config, content, agentVersion, madeAt, madeBy }) {
      return scope('keep a revision of a group', async (trx) => {
        // Whoever adds one to the same group waits for this.
        await trx
          .selectFrom('agent_groups')
          .select('name')
          .where('name', '=', group)
          .forUpdate()
          .executeTakeFirst()
        const row = await trx
          .insertInto('agent_group_revisions')
          .values((of) => ({
            tenant,
            group_name: group,
            number: of
              .selectFrom('agent_group_revisions')
              .select((max) => sql<number>`coalesce(${max.fn.max('number')}, 0) + 1`.as('next'))
              .where('group_name', '=', group),
            config: JSON.stringify(config),
            content: content ?? null,
            agent_version: agentVersion ?? null,
            made_at: toTimestamp(madeAt),
            made_by: storable(madeBy, 200),
          }))
          .returningAll()
          .executeTakeFirstOrThrow()
        return revisionFromRow(row)
      })
    },

    rollOuts(group) {
      return scope('list roll-outs', async (trx) => {
        const rows = await trx
          .selectFrom('agent_roll_outs')
          .selectAll()
          .$if(group !== undefined, (query) => query.where('group_name', '=', group ?? ''))
          .orderBy('started_at', 'desc')
          .limit(MOST_LISTED)
          .execute()
        return rows.map(rollOutFromRow)
      })
    },

    runningRollOuts() {
      return scope('list roll-outs', async (trx) => {
        const rows = await trx
          .selectFrom('agent_roll_outs')
          .selectAll()
          .where('state', '=', 'running')
          .execute()
        return rows.map(rollOutFromRow)
      })
    },

    startRollOut(rollOut) {
      return scope('keep a roll-out', async (trx) => {
        const running = await trx
          .selectFrom('agent_roll_outs')
          .select('id')
          .where('group_name', '=', rollOut.group)
          .where('state', '=', 'running')
          .executeTakeFirst()
        if (running !== undefined) return false
        await trx
          .insertInto('agent_roll_outs')
          .values({
            tenant,
            id: rollOut.id,
            group_name: rollOut.group,
            from_revision: rollOut.from,
            to_revision: rollOut.to,
            state: rollOut.state,
            stage: rollOut.stage,
            hold_ms: String(rollOut.holdMs),
            agents: JSON.stringify(rollOut.agents),
            started_at: toTimestamp(rollOut.startedAt),
            started_by: storable(rollOut.startedBy, 200),
            stage_at: toTimestamp(rollOut.stageAt),
          })
          .execute()
        return true
      })
    },

    async moveRollOut({ id, state, stage, stageAt, endedAt, reason }) {
      await scope('keep a roll-out', (trx) =>
        trx
          .updateTable('agent_roll_outs')
          .set({
            state,
            stage,
            stage_at: toTimestamp(stageAt),
            ended_at: endedAt === undefined ? null : toTimestamp(endedAt),
            reason: reason === undefined ? null : storable(reason, 2000),
          })
          .where('id', '=', id)
          .execute(),
      )
    },

    labels() {
      return scope('list labels', async (trx) => {
        const rows = await trx.selectFrom('agent_labels').selectAll().limit(MAX_AGENTS).execute()
        return new Map(rows.map(({ agent, labels }) => [agent as AgentId, labels]))
      })
    },

    async setLabels(agent, labels) {
      const text = JSON.stringify(labels)
      await scope('keep labels', (trx) =>
        trx
          .insertInto('agent_labels')
          .values({ tenant, agent, labels: text })
          .onConflict((conflict) => conflict.columns(['tenant', 'agent']).doUpdateSet({ labels: text }))
          .execute(),
      )
    },

    contents() {
      return scope('list content', async (trx) => {
        const rows = await trx
          .selectFrom('agent_contents')
          .select([...contentColumns, sql<number>`length(bytes)`.as('size')])
          .orderBy('version', 'desc')
          .limit(MOST_LISTED)
          .execute()
        return rows.map(contentFromRow)
      })
    },

    contentBytes(sha256) {
      return scope('read content', async (trx) => {
        const row = await trx
          .selectFrom('agent_contents')
          .select('bytes')
          .where('sha256', '=', sha256)
          .limit(1)
          .executeTakeFirst()
        return row?.bytes
      })
    },

    addContent({ sha256, files, madeAt, madeBy }, bytes) {
      return scope('keep content', async (trx) => {
        const before = await trx
          .selectFrom('agent_contents')
          .select([...contentColumns, sql<number>`length(bytes)`.as('size')])
          .orderBy('version', 'desc')
          .limit(1)
          .executeTakeFirst()
        if (before?.sha256 === sha256) return contentFromRow(before)
        const row = await trx
          .insertInto('agent_contents')
          .values({
            tenant,
            version: (before?.version ?? 0) + 1,
            sha256,
            bytes,
            files: JSON.stringify(files),
            made_at: toTimestamp(madeAt),
            made_by: storable(madeBy, 200),
          })
          .returning([...contentColumns, sql<number>`length(bytes)`.as('size')])
          .executeTakeFirstOrThrow()
        return contentFromRow(row)
      })
    },

    assignments() {
      return scope('list assignments', async (trx) => {
        const rows = await trx.selectFrom('agent_assignments').selectAll().limit(MAX_AGENTS).execute()
        return rows.map(assignmentFromRow)
      })
    },

    assignment(agent) {
      return scope('read an assignment', async (trx) => {
        const row = await trx
          .selectFrom('agent_assignments')
          .selectAll()
          .where('agent', '=', agent)
          .executeTakeFirst()
        return row && assignmentFromRow(row)
      })
    },

    async assign({ agent, serial, digest, group, revision, assignedAt }) {
      const what = {
        serial: String(serial),
        digest,
        group_name: group,
        revision,
        assigned_at: toTimestamp(assignedAt),
      }
      await scope('keep an assignment', (trx) =>
        trx
          .insertInto('agent_assignments')
          .values({ tenant, agent, ...what })
          .onConflict((conflict) => conflict.columns(['tenant', 'agent']).doUpdateSet(what))
          .execute(),
      )
    },

    async told(agent, standing, now) {
      const told = { standing: JSON.stringify(standing), told_at: toTimestamp(now) }
      await scope('keep the standing of an agent', (trx) =>
        trx
          .insertInto('agent_assignments')
          .values({ tenant, agent, ...NOTHING_ASSIGNED, assigned_at: toTimestamp(now), ...told })
          .onConflict((conflict) => conflict.columns(['tenant', 'agent']).doUpdateSet(told))
          .execute(),
      )
    },
  }
}

function groupFromRow(row: Selectable<Database['agent_groups']>): AgentGroup {
  const { name, rank, members, labels, hosts, current } = row
  return { name, rank, members, labels, hosts, current }
}

function revisionFromRow(row: Selectable<Database['agent_group_revisions']>): GroupRevision {
  return {
    group: row.group_name,
    number: row.number,
    config: row.config,
    ...(row.content !== null && { content: row.content }),
    ...(row.agent_version !== null && { agentVersion: row.agent_version }),
    madeAt: row.made_at,
    madeBy: row.made_by,
  }
}

function rollOutFromRow(row: Selectable<Database['agent_roll_outs']>): RollOut {
  return {
    id: row.id,
    group: row.group_name,
    from: row.from_revision,
    to: row.to_revision,
    state: row.state,
    stage: row.stage,
    holdMs: Number(row.hold_ms),
    agents: row.agents,
    startedAt: row.started_at,
    startedBy: row.started_by,
    stageAt: row.stage_at,
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...(row.reason !== null && { reason: row.reason }),
  }
}

type ContentRow = Pick<Selectable<Database['agent_contents']>, (typeof contentColumns)[number]>

function contentFromRow(row: ContentRow & { readonly size: number }): PublishedContent {
  return {
    version: row.version,
    sha256: row.sha256,
    sizeBytes: row.size,
    files: row.files,
    madeAt: row.made_at,
    madeBy: row.made_by,
  }
}

function assignmentFromRow(row: Selectable<Database['agent_assignments']>): KeptAssignment {
  return {
    agent: row.agent as AgentId,
    serial: Number(row.serial),
    digest: row.digest,
    group: row.group_name,
    revision: row.revision,
    assignedAt: row.assigned_at,
    ...(row.standing !== null && { standing: row.standing }),
    ...(row.told_at !== null && { toldAt: row.told_at }),
  }
}
