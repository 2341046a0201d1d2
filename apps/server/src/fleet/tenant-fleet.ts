import { createHash } from 'node:crypto'
import type { Clock, Logger } from '@vedette/base'
import { type AssignmentSigner, signAssignment } from '@vedette/manager/fleet'
import type {
  AgentGroup,
  AgentId,
  AgentStanding,
  Assignment,
  GroupRevision,
  RollOut,
  TenantId,
} from '@vedette/model'
import type { KeptAssignment, PublishedContent, TenantState } from '@vedette/store'
import type { AgentLink, Fleet } from '../agent/fleet.ts'
import { groupOf, type Selectable } from './group-of.ts'
import { type AgentCondition, judge, reachOf, type RollOutCount } from './roll-out.ts'

/** An assignment is good for so long, and is said again in time. Who keeps it from an agent is noticed then. */
const ASSIGNMENT_MS = 3_600_000
const SAID_AGAIN_MS = ASSIGNMENT_MS / 4
/** What others changed, such as another server, is seen within this. */
const RELOAD_MS = 5000
/** An agent that was given something and does not say what became of it, or is gone, is bad after so long. */
const PATIENCE_MS = 60_000
const MOST_CONTENT_IN_MEMORY = 4
/** Who was of a group and is of none any more; no group is called so. */
export const NO_GROUP = 'none'
/** The version of the protocol from which on agents are assigned something. */
const STEERED_FROM = 3

export interface TenantFleetOptions {
  readonly tenant: TenantId
  readonly state: Pick<TenantState, 'agentGroups' | 'enrolments'>
  readonly fleet: Pick<Fleet, 'linksOf' | 'versionOf' | 'isReporting'>
  readonly signer: () => Promise<AssignmentSigner>
  readonly clock: Clock
  readonly log: Logger
}

interface Plan {
  readonly groups: readonly AgentGroup[]
  readonly agents: ReadonlyMap<AgentId, Selectable>
  readonly contents: readonly PublishedContent[]
}

/** What one tenant's agents are to be, and what they say of that: told to each that is connected, and rolled out. */
export class TenantFleet {
  readonly #options: TenantFleetOptions
  readonly #assigned = new Map<AgentId, KeptAssignment>()
  /** By link, so that one that came anew is told again: when it was told, on the wall clock. */
  readonly #told = new WeakMap<AgentLink, { readonly serial: number; readonly at: number }>()
  readonly #revisions = new Map<string, GroupRevision>()
  readonly #content = new Map<string, Buffer>()
  readonly #counts = new Map<string, RollOutCount>()
  /** By roll-out: since when all was good, monotonic milliseconds. */
  readonly #goodSince = new Map<string, number>()
  /** Monotonic milliseconds at which an agent with something new was last there. */
  readonly #thereMs = new Map<AgentId, number>()
  #plan: Plan | undefined
  #rollOuts: readonly RollOut[] = []
  #loadedMs = -Infinity
  #busy: Promise<void> = Promise.resolve()

  constructor(options: TenantFleetOptions) {
    this.#options = options
  }

  /** Something was changed: look at once. Resolves when that is done. */
  changed(): Promise<void> {
    this.#loadedMs = -Infinity
    return this.look()
  }

  /** Looks what is to be told, and how roll-outs do. One at a time. Rejects where the store does not answer. */
  look(): Promise<void> {
    this.#busy = this.#busy.catch(() => undefined).then(() => this.#look())
    return this.#busy
  }

  /** An agent told what became of what it was given. */
  async stands(agent: AgentId, standing: AgentStanding): Promise<void> {
    const { state, clock } = this.#options
    await state.agentGroups.told(agent, standing, clock.now())
    const kept = await this.#keptOf(agent)
    if (kept !== undefined) this.#assigned.set(agent, { ...kept, standing, toldAt: clock.now() })
  }

  /** A piece of content, empty where there is none. */
  async piece(sha256: string, offset: number, mostBytes: number): Promise<Buffer> {
    let bytes = this.#content.get(sha256)
    if (bytes === undefined) {
      bytes = await this.#options.state.agentGroups.contentBytes(sha256)
      if (bytes === undefined) return Buffer.alloc(0)
      const [oldest] = this.#content.keys()
      if (this.#content.size >= MOST_CONTENT_IN_MEMORY && oldest !== undefined) this.#content.delete(oldest)
      this.#content.set(sha256, bytes)
    }
    return bytes.subarray(offset, offset + mostBytes)
  }

  /** Agents that are of a group now. */
  async membersOf(group: string): Promise<Selectable[]> {
    const { groups, agents } = await this.#load()
    return [...agents.values()].filter((agent) => groupOf(groups, agent)?.name === group)
  }

  async groupNameOf(agent: AgentId): Promise<string | undefined> {
    const { groups, agents } = await this.#load()
    const known = agents.get(agent)
    return known && groupOf(groups, known)?.name
  }

  countOf(rollOut: string): RollOutCount | undefined {
    return this.#counts.get(rollOut)
  }

  async #look(): Promise<void> {
    const plan = await this.#load()
    for (const rollOut of this.#rollOuts) await this.#judge(rollOut)
    const signer = await this.#options.signer()
    for (const link of this.#options.fleet.linksOf(this.#options.tenant)) {
      if (link.version >= STEERED_FROM) await this.#assign(link, plan, signer)
    }
  }

  async #load(): Promise<Plan> {
    const { state, clock } = this.#options
    const nowMs = clock.monotonic()
    if (this.#plan !== undefined && nowMs - this.#loadedMs < RELOAD_MS) return this.#plan
    const { agentGroups } = state
    const [groups, labels, agents, contents, rollOuts] = await Promise.all([
      agentGroups.list(),
      agentGroups.labels(),
      state.enrolments.list(),
      agentGroups.contents(),
      agentGroups.runningRollOuts(),
    ])
    this.#rollOuts = rollOuts
    this.#plan = {
      groups,
      contents,
      agents: new Map(
        agents
          .filter((agent) => agent.state === 'active')
          .map(({ id, hostname }) => [id, { id, hostname, labels: labels.get(id) ?? {} }]),
      ),
    }
    this.#loadedMs = nowMs
    return this.#plan
  }

  async #judge(rollOut: RollOut): Promise<void> {
    const { state, clock, log } = this.#options
    for (const agent of rollOut.agents.slice(0, reachOf(rollOut.stage, rollOut.agents.length))) {
      await this.#keptOf(agent)
    }
    const nowMs = clock.monotonic()
    const since = this.#goodSince.get(rollOut.id)
    const { step, count } = judge(
      rollOut,
      (agent) => this.#conditionOf(agent, rollOut),
      since === undefined ? 0 : nowMs - since,
    )
    this.#counts.set(rollOut.id, count)
    if (step.kind === 'wait') {
      if (!step.isGood) this.#goodSince.delete(rollOut.id)
      else if (since === undefined) this.#goodSince.set(rollOut.id, nowMs)
      return
    }
    this.#goodSince.delete(rollOut.id)
    const now = clock.now()
    if (step.kind === 'advance') {
      await state.agentGroups.moveRollOut({ ...rollOut, stage: step.stage, stageAt: now })
    } else if (step.kind === 'finish') {
      await state.agentGroups.setCurrent(rollOut.group, rollOut.to)
      await state.agentGroups.moveRollOut({ ...rollOut, state: 'done', endedAt: now })
    } else {
      log.error({ group: rollOut.group, revision: rollOut.to, reason: step.reason }, 'a roll-out was stopped')
      await state.agentGroups.moveRollOut({ ...rollOut, state: 'stopped', endedAt: now, reason: step.reason })
    }
    this.#loadedMs = -Infinity
    await this.#load()
  }

  #conditionOf(agent: AgentId, { group, to }: RollOut): AgentCondition {
    const { fleet, tenant, clock } = this.#options
    const kept = this.#assigned.get(agent)
    if (kept === undefined || kept.group !== group || kept.revision !== to) {
      return { kind: (fleet.versionOf(tenant, agent) ?? 0) >= STEERED_FROM ? 'waiting' : 'absent' }
    }
    const { standing, serial, toldAt = 0, assignedAt } = kept
    if (standing?.failed?.serial === serial) return { kind: 'bad', reason: standing.failed.reason }
    const nowMs = clock.monotonic()
    const isThere = fleet.isReporting(tenant, agent)
    if (isThere) this.#thereMs.set(agent, nowMs)
    const lastMs = this.#thereMs.get(agent)
    if (!isThere) {
      // One that was there with what it was given before: it may have been the end of it.
      if (lastMs === undefined) return { kind: 'absent' }
      if (nowMs - lastMs > PATIENCE_MS) return { kind: 'bad', reason: 'it is not heard of any more' }
      return { kind: 'waiting' }
    }
    if (standing?.state === 'in_force' && standing.serial === serial) return { kind: 'good' }
    if (toldAt >= assignedAt && standing?.refused?.code === 'not-wanted') return { kind: 'absent' }
    if (clock.now() - assignedAt > PATIENCE_MS) {
      const reason = toldAt >= assignedAt ? standing?.refused?.reason : undefined
      return { kind: 'bad', reason: reason ?? 'it does not say what became of it' }
    }
    return { kind: 'waiting' }
  }

  async #assign(link: AgentLink, plan: Plan, signer: AssignmentSigner): Promise<void> {
    const { clock, state, tenant } = this.#options
    const agent = plan.agents.get(link.agent)
    if (agent === undefined) return
    let kept = await this.#keptOf(link.agent)
    const wanted = await this.#wanted(agent, plan, kept)
    if (wanted === undefined) return
    const digest = createHash('sha256').update(JSON.stringify(wanted)).digest('hex')
    const now = clock.now()
    if (kept?.digest !== digest) {
      // Greater than all before, also after the state was restored from a backup.
      const serial = Math.max((kept?.serial ?? 0) + 1, Math.floor(now))
      const { group, revision } = wanted
      kept = {
        agent: link.agent,
        serial,
        digest,
        group,
        revision,
        assignedAt: now,
        ...(kept?.standing !== undefined && { standing: kept.standing }),
        ...(kept?.toldAt !== undefined && { toldAt: kept.toldAt }),
      }
      await state.agentGroups.assign(kept)
      this.#assigned.set(link.agent, kept)
    }
    const told = this.#told.get(link)
    if (told?.serial === kept.serial && Math.abs(now - told.at) < SAID_AGAIN_MS) return
    const assignment: Assignment = {
      tenant,
      agent: link.agent,
      serial: kept.serial,
      issuedAt: now,
      expiresAt: now + ASSIGNMENT_MS,
      ...wanted,
    }
    link.send({ type: 'assign', document: signAssignment(assignment, signer) })
    this.#told.set(link, { serial: kept.serial, at: now })
  }

  /** What an agent is to be; nothing where it is of no group and never was. */
  async #wanted(
    agent: Selectable,
    { groups, contents }: Plan,
    kept: KeptAssignment | undefined,
  ): Promise<Omit<Assignment, 'tenant' | 'agent' | 'serial' | 'issuedAt' | 'expiresAt'> | undefined> {
    const group = groupOf(groups, agent)
    if (group === undefined)
      return kept !== undefined && kept.serial > 0 ? { group: NO_GROUP, revision: 1, config: {} } : undefined
    const rollOut = this.#rollOuts.find((one) => one.group === group.name)
    const isReached =
      rollOut !== undefined &&
      rollOut.agents.slice(0, reachOf(rollOut.stage, rollOut.agents.length)).includes(agent.id)
    const revision = await this.#revision(group.name, isReached ? rollOut.to : group.current)
    if (revision === undefined) return undefined
    const content = contents.find(({ sha256 }) => sha256 === revision.content)
    return {
      group: group.name,
      revision: revision.number,
      config: revision.config,
      ...(content && {
        content: { version: content.version, sha256: content.sha256, sizeBytes: content.sizeBytes },
      }),
      ...(revision.agentVersion !== undefined && { agentVersion: revision.agentVersion }),
    }
  }

  async #revision(group: string, number: number): Promise<GroupRevision | undefined> {
    const key = `${group} ${number}`
    const known = this.#revisions.get(key)
    if (known) return known
    const found = await this.#options.state.agentGroups.revision(group, number)
    // A revision never changes; the group of its name may be another one by now.
    if (found) this.#revisions.set(key, found)
    return found
  }

  /** A group of that name is gone. */
  forget(group: string): void {
    for (const key of this.#revisions.keys()) if (key.startsWith(`${group} `)) this.#revisions.delete(key)
  }

  async #keptOf(agent: AgentId): Promise<KeptAssignment | undefined> {
    const known = this.#assigned.get(agent)
    if (known) return known
    const found = await this.#options.state.agentGroups.assignment(agent)
    if (found) this.#assigned.set(agent, found)
    return found
  }
}
