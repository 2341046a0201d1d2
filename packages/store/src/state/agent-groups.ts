import type { AgentGroup, AgentId, AgentStanding, GroupRevision, RollOut } from '@vedette/model'

/** A bundle that a tenant published. */
export interface PublishedContent {
  readonly version: number
  readonly sha256: string
  readonly sizeBytes: number
  /** Paths of its files. */
  readonly files: readonly string[]
  readonly madeAt: number
  readonly madeBy: string
}

/** What an agent was told to be, and what it said of that. */
export interface KeptAssignment {
  readonly agent: AgentId
  /** 0: it was given nothing, and told of itself. */
  readonly serial: number
  /** Names all that was assigned but serial and times. */
  readonly digest: string
  readonly group: string
  readonly revision: number
  readonly assignedAt: number
  readonly standing?: AgentStanding
  readonly toldAt?: number
}

/** Groups of a tenant's agents, what they are given, and what became of it. */
export interface AgentGroups {
  /** By rank, then by name. */
  list(): Promise<AgentGroup[]>
  get(name: string): Promise<AgentGroup | undefined>
  /** Adds it, or changes who is in it; `current` of one that is there stays. */
  put(group: AgentGroup): Promise<void>
  /** With its revisions and roll-outs. */
  remove(name: string): Promise<boolean>
  setCurrent(name: string, revision: number): Promise<void>

  /** Newest first, at most 100. */
  revisions(group: string): Promise<GroupRevision[]>
  revision(group: string, number: number): Promise<GroupRevision | undefined>
  /** Gives it the next number. */
  addRevision(revision: Omit<GroupRevision, 'number'>): Promise<GroupRevision>

  /** Newest first, at most 100; with `group` those of one group. */
  rollOuts(group?: string): Promise<RollOut[]>
  runningRollOuts(): Promise<RollOut[]>
  /** False when one runs in the group already. */
  startRollOut(rollOut: RollOut): Promise<boolean>
  /** Keeps how far it is: stage, state, times, reason. */
  moveRollOut(rollOut: RollOut): Promise<void>

  labels(): Promise<ReadonlyMap<AgentId, Readonly<Record<string, string>>>>
  setLabels(agent: AgentId, labels: Readonly<Record<string, string>>): Promise<void>

  /** Newest first. */
  contents(): Promise<PublishedContent[]>
  contentBytes(sha256: string): Promise<Buffer | undefined>
  /** Gives it the next version; the newest one again changes nothing. */
  addContent(
    content: Pick<PublishedContent, 'sha256' | 'files' | 'madeAt' | 'madeBy'>,
    bytes: Buffer,
  ): Promise<PublishedContent>

  assignments(): Promise<KeptAssignment[]>
  assignment(agent: AgentId): Promise<KeptAssignment | undefined>
  assign(assignment: Omit<KeptAssignment, 'standing' | 'toldAt'>): Promise<void>
  told(agent: AgentId, standing: AgentStanding, now: number): Promise<void>
}
