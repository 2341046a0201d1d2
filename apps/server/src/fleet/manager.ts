import { randomBytes } from 'node:crypto'
import { centralDifference, centralProblems, packBundle, unpackBundle } from '@vedette/manager/fleet'
import type {
  AgentGroup,
  AgentId,
  AgentStanding,
  CentralConfig,
  GroupRevision,
  RollOut,
  TenantId,
} from '@vedette/model'
import type { PublishedContent } from '@vedette/store'
import { z } from 'zod'
import { PublicError } from '../access/public-error.ts'
import type { Viewer } from '../access/viewer.ts'
import type { Services } from '../services.ts'
import { orderOf, type RollOutCount } from './roll-out.ts'
import { NO_GROUP, type TenantFleet } from './tenant-fleet.ts'

/** Whoever steers agents, and the tenant whose they are: that of his credential. */
export interface Steward {
  readonly services: Services
  readonly viewer: Viewer
}

const FIRST_REVISION = 1
/** Indicators that go to agents with a bundle, at most; each becomes a YARA rule. */
const MOST_INDICATORS = 2000

const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'expected 1 to 64 lower-case letters, digits or . _ -')
  .refine((name) => name !== NO_GROUP, `${NO_GROUP} is what no group is called`)
const labelKey = z.string().regex(/^[a-z0-9][a-z0-9._/-]{0,62}$/, 'expected a label such as env')
const labelsSchema = z
  .record(labelKey, z.string().min(1).max(100))
  .refine((labels) => Object.keys(labels).length <= 64, 'more than 64 labels')
const groupSchema = z.strictObject({
  name: nameSchema,
  rank: z.int().min(0).max(10_000),
  members: z.array(z.string().max(64)).max(10_000),
  labels: labelsSchema,
  hosts: z.array(z.string().min(1).max(255)).max(200),
})
const versionSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9.+~_-]{0,63}$/, 'expected a version of letters, digits and . + ~ _ -')

/** A group with who is in it. */
export interface GroupView {
  readonly group: AgentGroup
  readonly agents: number
  readonly rollOut?: RollOutView
}

export interface RollOutView {
  readonly rollOut: RollOut
  /** How its agents do, as far as it is known; nothing of one that is over. */
  readonly count?: RollOutCount
}

/** What is to become of a group: settings that are set and unset, content, version of the program. Left out: as it is. */
export interface GroupChange {
  readonly set?: unknown
  readonly unset?: readonly string[] | null | undefined
  /** Version of a bundle; 0 for none. */
  readonly content?: number | null | undefined
  /** Empty: whatever is there. */
  readonly agentVersion?: string | null | undefined
}

/** What a change would do, and whether it can be done. */
export interface GroupPlan {
  readonly group: string
  readonly from: GroupRevision
  readonly changes: ReturnType<typeof centralDifference>
  readonly problems: readonly string[]
  /** Host names of the agents that it goes to, in the order in which they get it, at most 100. */
  readonly agents: readonly string[]
  readonly agentCount: number
  /** Left out in a dry run. */
  readonly rollOut?: RollOutView
}

/** One agent: what it is, what is wanted of it, what holds on it. */
export interface AgentView {
  readonly id: AgentId
  readonly hostname: string
  readonly labels: Readonly<Record<string, string>>
  readonly group?: string
  readonly isHere: boolean
  /** Of the program, as it told last; empty before it did. */
  readonly version: string
  readonly wantedVersion?: string
  readonly upgrade: 'as_it_is' | 'up_to_date' | 'waiting_for_upgrade'
  readonly standing?: AgentStanding
  readonly toldAt?: number
}

export async function listGroups(steward: Steward): Promise<GroupView[]> {
  const { agentGroups } = own(steward)
  const [groups, running] = await Promise.all([agentGroups.list(), agentGroups.runningRollOuts()])
  return Promise.all(
    groups.map(async (group) => {
      const rollOut = running.find((one) => one.group === group.name)
      const members = await desk(steward).membersOf(group.name)
      return { group, agents: members.length, ...(rollOut && { rollOut: view(steward, rollOut) }) }
    }),
  )
}

/** Adds a group, or changes who is in it. Agents that come to another group so get what that one has. */
export async function putGroup(
  steward: Steward,
  asked: {
    readonly name: string
    readonly rank?: number | null | undefined
    readonly members?: readonly string[] | null | undefined
    readonly labels?: unknown
    readonly hosts?: readonly string[] | null | undefined
  },
): Promise<GroupView> {
  const { services, viewer } = steward
  const { agentGroups } = own(steward)
  const before = await agentGroups.get(asked.name)
  const given = checked(groupSchema, {
    name: asked.name,
    rank: asked.rank ?? before?.rank ?? 100,
    members: asked.members ?? before?.members ?? [],
    labels: asked.labels ?? before?.labels ?? {},
    hosts: asked.hosts ?? before?.hosts ?? [],
  })
  const agents = await own(steward).enrolments.list()
  const members = given.members.map((text) => {
    const found = agents.filter(
      ({ id, hostname, state }) => state === 'active' && (id === text || hostname === text),
    )
    if (found.length !== 1 || found[0] === undefined) {
      throw new PublicError('not-found', `${found.length === 0 ? 'No' : 'More than one'} agent is ${text}`)
    }
    return found[0].id
  })
  const group: AgentGroup = { ...given, members, current: before?.current ?? FIRST_REVISION }
  const { name: _name, current: _current, ...detail } = group
  await services.audited.act(
    { actor: viewer.name, action: 'fleet.group', target: `group ${group.name}`, detail },
    async () => {
      await agentGroups.put(group)
      if (before === undefined) {
        const madeAt = services.clock.now()
        await agentGroups.addRevision({ group: group.name, config: {}, madeAt, madeBy: viewer.name })
      }
    },
  )
  await desk(steward).changed()
  const isIn = await desk(steward).membersOf(group.name)
  return { group, agents: isIn.length }
}

export async function removeGroup(steward: Steward, name: string): Promise<void> {
  await existing(steward, name)
  const act = {
    actor: steward.viewer.name,
    action: 'fleet.group.remove',
    target: `group ${name}`,
    detail: {},
  }
  await steward.services.audited.act(act, () => own(steward).agentGroups.remove(name))
  desk(steward).forget(name)
  await desk(steward).changed()
}

/** Sets labels of an agent; an empty value takes one away. */
export async function labelAgent(steward: Steward, id: string, given: unknown): Promise<AgentView> {
  const { agentGroups } = own(steward)
  const agent = (await listAgents(steward)).find((one) => one.id === id)
  if (agent === undefined) throw new PublicError('not-found', 'There is no such agent')
  const change = checked(z.record(labelKey, z.string().max(100)), given)
  const labels = checked(
    labelsSchema,
    Object.fromEntries(Object.entries({ ...agent.labels, ...change }).filter(([, value]) => value !== '')),
  )
  const act = { actor: steward.viewer.name, action: 'fleet.label', target: agent.id, detail: { labels } }
  await steward.services.audited.act(act, () => agentGroups.setLabels(agent.id, labels))
  await desk(steward).changed()
  const group = await desk(steward).groupNameOf(agent.id)
  const { group: _group, ...rest } = agent
  return { ...rest, labels, ...(group !== undefined && { group }) }
}

/** What a change of a group would do; nothing is done. */
export async function planGroup(steward: Steward, name: string, change: GroupChange): Promise<GroupPlan> {
  const { plan } = await planned(steward, name, change)
  return plan
}

/**
 * Rolls a change out: to 1, 10 and 100 % of the group, each once the one before was good for `holdSeconds`.
 *
 * @throws {PublicError} `bad-input` when it has problems or changes nothing, `busy` when one is under way
 */
export async function rollOutGroup(
  steward: Steward,
  name: string,
  change: GroupChange,
  holdSeconds: number,
): Promise<GroupPlan> {
  const { services, viewer } = steward
  const { agentGroups } = own(steward)
  const hold = checked(z.int().min(0).max(604_800), holdSeconds)
  const { plan, next } = await planned(steward, name, change)
  const [problem] = plan.problems
  if (problem !== undefined) throw new PublicError('bad-input', problem)
  if (plan.changes.length === 0) throw new PublicError('bad-input', 'This changes nothing')
  const members = await desk(steward).membersOf(name)
  const id = randomBytes(4).toString('hex')
  const now = services.clock.now()
  const detail = {
    changes: plan.changes.map(({ path, after }) => ({ path, after: after ?? null })),
    agents: members.length,
    hold_seconds: hold,
  }
  const act = { actor: viewer.name, action: 'fleet.roll-out', target: `group ${name}`, detail }
  const rollOut = await services.audited.act(act, async () => {
    const running = await agentGroups.runningRollOuts()
    if (running.some(({ group }) => group === name)) throw underWay()
    const revision = await agentGroups.addRevision({ ...next, madeAt: now, madeBy: viewer.name })
    const started: RollOut = {
      id,
      group: name,
      from: plan.from.number,
      to: revision.number,
      state: 'running',
      stage: 0,
      holdMs: hold * 1000,
      agents: orderOf(
        id,
        members.map((member) => member.id),
      ),
      startedAt: now,
      startedBy: viewer.name,
      stageAt: now,
    }
    if (!(await agentGroups.startRollOut(started))) throw underWay()
    return started
  })
  await desk(steward).changed()
  return { ...plan, rollOut: view(steward, rollOut) }
}

/** Stops what is under way; who has it gets back what was there before. */
export async function stopRollOut(steward: Steward, name: string, reason: string): Promise<RollOutView> {
  const { services, viewer } = steward
  await existing(steward, name)
  const { agentGroups } = own(steward)
  const running = (await agentGroups.runningRollOuts()).find(({ group }) => group === name)
  if (running === undefined) throw new PublicError('not-found', 'Nothing is rolled out to this group now')
  const stopped: RollOut = { ...running, state: 'stopped', endedAt: services.clock.now(), reason }
  const act = {
    actor: viewer.name,
    action: 'fleet.stop',
    target: `group ${name}`,
    detail: { revision: running.to, reason },
  }
  await services.audited.act(act, () => agentGroups.moveRollOut(stopped))
  await desk(steward).changed()
  return { rollOut: stopped }
}

/** Gives a group what an earlier revision had, at once: as a new revision, since no agent goes back to an older number. */
export async function rollBackGroup(
  steward: Steward,
  name: string,
  to: number | null | undefined,
): Promise<GroupView> {
  const { services, viewer } = steward
  const { agentGroups } = own(steward)
  const group = await existing(steward, name)
  if ((await agentGroups.runningRollOuts()).some((one) => one.group === name)) throw underWay()
  const number = to ?? group.current - 1
  const old = await agentGroups.revision(name, number)
  if (old === undefined || number === group.current) {
    throw new PublicError('not-found', `There is no earlier revision ${number} of this group`)
  }
  const act = {
    actor: viewer.name,
    action: 'fleet.roll-back',
    target: `group ${name}`,
    detail: { from: group.current, to: number },
  }
  const revision = await services.audited.act(act, async () => {
    const { number: _number, ...same } = old
    const made = await agentGroups.addRevision({
      ...same,
      madeAt: services.clock.now(),
      madeBy: viewer.name,
    })
    await agentGroups.setCurrent(name, made.number)
    return made
  })
  await desk(steward).changed()
  const members = await desk(steward).membersOf(name)
  return { group: { ...group, current: revision.number }, agents: members.length }
}

export async function listRevisions(steward: Steward, name: string): Promise<GroupRevision[]> {
  await existing(steward, name)
  return own(steward).agentGroups.revisions(name)
}

export async function listRollOuts(
  steward: Steward,
  name: string | null | undefined,
): Promise<RollOutView[]> {
  const rollOuts = await own(steward).agentGroups.rollOuts(name ?? undefined)
  return rollOuts.map((rollOut) => view(steward, rollOut))
}

export function listContents(steward: Steward): Promise<PublishedContent[]> {
  return own(steward).agentGroups.contents()
}

/**
 * Keeps files for agents under the next version. Nobody gets them before they are rolled out to a group.
 *
 * @param packed a bundle, Base64
 * @param withIndicators also the tenant's indicators that name files by their SHA-256, as rules
 */
export async function publishContent(
  steward: Steward,
  packed: { readonly bundle: string; readonly sha256: string },
  withIndicators: boolean,
): Promise<PublishedContent> {
  const { services, viewer } = steward
  let bundle
  try {
    const files = [...unpackBundle(Buffer.from(packed.bundle, 'base64'), packed.sha256)]
    if (withIndicators) files.push(...(await indicatorRules(steward)))
    bundle = { files, ...packBundle(files) }
  } catch (error) {
    throw new PublicError('bad-input', error instanceof Error ? error.message : 'bundle: cannot be read')
  }
  const { bytes, sha256, files } = bundle
  const made = {
    sha256,
    files: files.map(({ path }) => path).sort(),
    madeAt: services.clock.now(),
    madeBy: viewer.name,
  }
  const act = {
    actor: viewer.name,
    action: 'fleet.content',
    target: `content ${sha256}`,
    detail: { files: files.length, bytes: bytes.length, indicators: withIndicators },
  }
  const published = await services.audited.act(act, () => own(steward).agentGroups.addContent(made, bytes))
  await desk(steward).changed()
  return published
}

/** All agents that are not removed, by host name. */
export async function listAgents(steward: Steward): Promise<AgentView[]> {
  const { enrolments, agentGroups, hosts } = own(steward)
  const { fleet } = steward.services
  const [agents, labels, kept, reported, groups] = await Promise.all([
    enrolments.list(),
    agentGroups.labels(),
    agentGroups.assignments(),
    hosts.list(),
    agentGroups.list(),
  ])
  const assignments = new Map(kept.map((one) => [one.agent, one]))
  const reports = new Map(reported.map(({ id, report }) => [id, report]))
  const wanted = new Map<string, string | undefined>()
  for (const { name, current } of groups) {
    wanted.set(name, (await agentGroups.revision(name, current))?.agentVersion)
  }
  const views: AgentView[] = []
  for (const { id, hostname, state } of agents) {
    if (state !== 'active') continue
    const group = await desk(steward).groupNameOf(id)
    const assignment = assignments.get(id)
    const version = reports.get(id)?.version ?? ''
    // What it was given says more than what its group has: a roll-out may be under way.
    const wantedVersion =
      assignment?.standing?.agentVersion ?? (group === undefined ? undefined : wanted.get(group))
    views.push({
      id,
      hostname,
      labels: labels.get(id) ?? {},
      ...(group !== undefined && { group }),
      isHere: fleet.isReporting(steward.viewer.tenant, id),
      version,
      ...(wantedVersion !== undefined && { wantedVersion }),
      upgrade:
        wantedVersion === undefined
          ? 'as_it_is'
          : wantedVersion === version
            ? 'up_to_date'
            : 'waiting_for_upgrade',
      ...(assignment?.standing && { standing: assignment.standing }),
      ...(assignment?.toldAt !== undefined && { toldAt: assignment.toldAt }),
    })
  }
  return views
}

async function planned(steward: Steward, name: string, change: GroupChange) {
  const { agentGroups } = own(steward)
  const group = await existing(steward, name)
  const from = await agentGroups.revision(name, group.current)
  if (from === undefined) throw new PublicError('not-found', 'This group has no revision')
  const set = checked(z.record(z.string().max(256), z.json()), change.set ?? {})
  const unset = new Set(change.unset ?? [])
  const config: CentralConfig = Object.fromEntries(
    Object.entries({ ...from.config, ...set }).filter(([path]) => !unset.has(path)),
  )
  const problems = centralProblems(config).map(
    ({ path, value, expected }) => `${path}: ${JSON.stringify(value)} ${expected}`,
  )
  const contents = await agentGroups.contents()
  const versionOf = (sha256: string | undefined) => contents.find((one) => one.sha256 === sha256)?.version
  let { content } = from
  if (change.content === 0) content = undefined
  else if (typeof change.content === 'number') {
    content = contents.find(({ version }) => version === change.content)?.sha256
    if (content === undefined) problems.push(`content: there is no version ${change.content}`)
  }
  let { agentVersion } = from
  if (change.agentVersion === '') agentVersion = undefined
  else if (typeof change.agentVersion === 'string') agentVersion = checked(versionSchema, change.agentVersion)
  // What is told of the rest stands beside the settings, under names that no setting has.
  const summary = (settings: CentralConfig, sha256: string | undefined, version: string | undefined) => ({
    ...settings,
    ...(sha256 !== undefined && { '(content)': versionOf(sha256) }),
    ...(version !== undefined && { '(agent version)': version }),
  })
  const members = await desk(steward).membersOf(name)
  const plan: GroupPlan = {
    group: name,
    from,
    changes: centralDifference(
      summary(from.config, from.content, from.agentVersion),
      summary(config, content, agentVersion),
    ),
    problems,
    agents: members.slice(0, 100).map(({ hostname }) => hostname),
    agentCount: members.length,
  }
  const next = {
    group: name,
    config,
    ...(content !== undefined && { content }),
    ...(agentVersion !== undefined && { agentVersion }),
  }
  return { plan, next }
}

/** A rule for each file that is known by its SHA-256, so that agents find it where it lies and nobody has sent it on. */
async function indicatorRules(steward: Steward) {
  const { indicators } = own(steward)
  const rules: string[] = []
  const now = steward.services.clock.now()
  for await (const batch of indicators.each({ type: 'sha256' })) {
    for (const { value, number, severity, validUntil = Infinity } of batch) {
      if (validUntil <= now || !/^[0-9a-f]{64}$/.test(value)) continue
      if (rules.length >= MOST_INDICATORS) {
        throw new RangeError(`More than ${MOST_INDICATORS} indicators name files; agents take no more`)
      }
      rules.push(
        `rule indicator_${number} {\n  meta:\n    description = "A file that indicator ${number} names by its SHA-256"\n` +
          `    severity = "${severity}"\n  condition: hash.sha256(0, filesize) == "${value}"\n}\n`,
      )
    }
  }
  return rules.length === 0
    ? []
    : [{ path: 'vedette-indicators.yar', text: `import "hash"\n${rules.join('')}` }]
}

function own({ services, viewer }: Steward) {
  return services.state.of(viewer.tenant)
}

/** @throws {PublicError} `not-open` where no agent can come in, so that there is none to be steered */
function desk({ services, viewer }: { services: Services; viewer: { tenant: TenantId } }): TenantFleet {
  if (services.fleetDesk === undefined) {
    throw new PublicError('not-open', 'No agent can come in: set api.agents_listen, such as 0.0.0.0:8443')
  }
  return services.fleetDesk.of(viewer.tenant)
}

async function existing(steward: Steward, name: string): Promise<AgentGroup> {
  const group = await own(steward).agentGroups.get(name)
  if (group === undefined) throw new PublicError('not-found', 'There is no such group')
  return group
}

function view(steward: Steward, rollOut: RollOut): RollOutView {
  const count = rollOut.state === 'running' ? desk(steward).countOf(rollOut.id) : undefined
  return { rollOut, ...(count && { count }) }
}

function underWay(): PublicError {
  return new PublicError('busy', 'A roll-out to this group is under way; stop it first')
}

function checked<S extends z.ZodType>(schema: S, data: unknown): z.output<S> {
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new PublicError('bad-input', `${issue?.path.join('.') || 'value'}: ${issue?.message ?? 'wrong'}`)
}
