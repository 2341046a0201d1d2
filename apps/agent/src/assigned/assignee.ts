import { createPublicKey, type KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type BlindSpot, type AgentStanding, type Assignment, type SignedAssignment } from '@vedette/model'
import type { Clock, Logger } from '@vedette/base'
import { centralProblems, isWithin, openAssignment, withSettings } from '@vedette/manager/fleet'
import { effectiveSettings } from './effective.ts'
import type { Identity } from '../identity.ts'
import type { AgentSettings } from '../settings.ts'
import { ContentDownload, type Piece } from './content-download.ts'
import { KeptAssignments } from './kept-assignments.ts'

/** Having run so long with the server's line open, an assignment is good. */
const GOOD_AFTER_MS = 5000
const STALE_LOOK_MS = 10_000

export interface AssigneeOptions {
  /** The agent's own folder. */
  readonly home: string
  readonly identity: Pick<Identity, 'tenant' | 'agent' | 'authority'>
  /** What the host itself says. */
  readonly own: Pick<AgentSettings, 'config' | 'origins'>
  /** Settings that this host decides itself, with all below them. */
  readonly keep: readonly string[]
  /** False: nothing is taken from the server. */
  readonly enabled: boolean
  readonly clock: Clock
  readonly log: Logger
}

/** What the agent is, once it runs. */
export interface AssigneeSurroundings {
  /** Has files scanned by these rules besides; undefined where none are scanned. */
  readonly replaceRules: (paths: readonly string[]) => Promise<{ readonly rules: number } | undefined>
  readonly ask: (sha256: string, offset: number) => void
  readonly tell: (standing: AgentStanding) => void
  /** Starts the agent anew, with what is in force then. */
  readonly restart: () => void
}

/**
 * Takes what the server assigns to this agent: checks who signed it and for whom, that it is newer than all before and not
 * over, and that it says nothing that is for the host alone to say. What fails is taken back.
 */
export class Assignee implements Disposable {
  readonly #options: AssigneeOptions
  readonly #authority: KeyObject
  readonly #kept: KeptAssignments
  readonly #download: ContentDownload
  #around: AssigneeSurroundings | undefined
  #refused: AgentStanding['refused']
  #rules = 0
  /** The documents that came, one after the other. */
  #last: Promise<void> = Promise.resolve()
  #connected = false
  #goodTimer: NodeJS.Timeout | undefined
  #wasStale = false
  readonly #staleTimer: NodeJS.Timeout

  private constructor(options: AssigneeOptions, kept: KeptAssignments) {
    this.#options = options
    this.#authority = createPublicKey(options.identity.authority)
    this.#kept = kept
    this.#download = new ContentDownload((sha256, offset) => this.#around?.ask(sha256, offset))
    this.#staleTimer = setInterval(() => this.#lookStale(), STALE_LOOK_MS).unref()
  }

  /** Counts this start, so that what ends the agent again and again is given up. */
  static async open(options: AssigneeOptions): Promise<Assignee> {
    const kept = KeptAssignments.open(join(options.home, 'assigned'), options.log)
    await kept.begin()
    const { inForce } = kept
    const content = inForce?.content
    if (inForce !== undefined && content && !existsSync(kept.contentFolder(content.sha256))) {
      await kept.fail(inForce.serial, 'Its content is not on disk any more')
    }
    return new Assignee(options, kept)
  }

  /** The configuration that holds: the host's own with what is assigned laid over it. */
  get config(): AgentSettings['config'] {
    return withSettings(this.#options.own.config, this.#settings())
  }

  /** Folders of rules that were assigned. */
  get ruleFolders(): readonly string[] {
    const content = this.#inForce?.content
    return content === undefined ? [] : [this.#kept.contentFolder(content.sha256)]
  }

  /** Once all is there that an assignment is about. */
  begin(around: AssigneeSurroundings): void {
    this.#around = around
  }

  connection(connected: boolean): void {
    this.#connected = connected
    clearTimeout(this.#goodTimer)
    if (!connected) return
    this.#tell()
    this.#waitForGood()
  }

  /** A document came. They are dealt with one after the other. Never rejects. */
  take(document: SignedAssignment): Promise<void> {
    this.#last = this.#last
      .then(() => this.#take(document))
      .catch((error: unknown) =>
        this.#options.log.error({ error }, 'what the server assigned could not be taken'),
      )
    return this.#last
  }

  piece(piece: Piece): void {
    this.#download.take(piece)
  }

  blindSpots(): readonly BlindSpot[] {
    if (!this.#isStale) return []
    return [
      {
        code: 'assignment-stale',
        message:
          'The server has not said for too long that what it assigned still holds: newer rules may be kept from this agent',
      },
    ]
  }

  standing(): AgentStanding {
    const { failed, isTrial } = this.#kept
    const inForce = this.#inForce
    return {
      state: inForce === undefined ? 'own' : isTrial ? 'trial' : 'in_force',
      ...(inForce !== undefined && {
        serial: inForce.serial,
        group: inForce.group,
        revision: inForce.revision,
        ...(inForce.content !== undefined && {
          content: {
            version: inForce.content.version,
            sha256: inForce.content.sha256,
            rules: this.#rules,
            problems: 0,
          },
        }),
        ...(inForce.agentVersion !== undefined && { agentVersion: inForce.agentVersion }),
      }),
      ...(failed !== undefined && { failed }),
      ...(this.#refused !== undefined && { refused: this.#refused }),
      isStale: this.#isStale,
      settings: effectiveSettings(
        this.config,
        this.#options.own.origins,
        this.#settings(),
        inForce === undefined ? '' : `group ${inForce.group}, revision ${inForce.revision}`,
      ),
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#goodTimer)
    clearInterval(this.#staleTimer)
  }

  get #inForce(): Assignment | undefined {
    return this.#options.enabled ? this.#kept.inForce : undefined
  }

  get #isStale(): boolean {
    return (this.#inForce?.expiresAt ?? Infinity) <= this.#options.clock.now()
  }

  #settings(assignment = this.#inForce): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      Object.entries(assignment?.config ?? {}).filter(([path]) => !isWithin(path, this.#options.keep)),
    )
  }

  async #take(document: SignedAssignment): Promise<void> {
    const { clock, identity, enabled } = this.#options
    if (!enabled)
      return this.#refuse('not-wanted', 'This host takes nothing from its server (agent.central.enabled)')
    const opened = openAssignment(document, {
      tenant: identity.tenant,
      agent: identity.agent,
      authority: this.#authority,
      floor: this.#kept.floor,
      now: clock.now(),
    })
    if (!opened.ok) return this.#refuse(opened.code, opened.reason)
    const { assignment } = opened
    const before = this.#inForce
    if (assignment.serial === this.#kept.floor) {
      // The same again says that it still holds; one that failed has failed.
      if (before !== undefined && before.serial === assignment.serial && isSame(before, assignment)) {
        await this.#kept.refresh(assignment)
        this.#lookStale()
      } else if (this.#kept.failed?.serial !== assignment.serial) {
        this.#refuse('rolled-back', `Another one has number ${assignment.serial} already`)
      }
      return
    }
    const [problem] = centralProblems(assignment.config)
    if (problem !== undefined) {
      await this.#kept.fail(assignment.serial, `${problem.path} ${problem.expected}`)
      return this.#tell()
    }
    const { content } = assignment
    if (content !== undefined && !existsSync(this.#kept.contentFolder(content.sha256))) {
      try {
        await this.#download.fetch(content, this.#kept.contentFolder(content.sha256))
      } catch (error) {
        // The line broke, most likely: it is sent again with the next one.
        if (!this.#connected) return
        await this.#kept.fail(assignment.serial, messageOf(error))
        return this.#tell()
      }
    }
    if (JSON.stringify(this.#settings(before)) !== JSON.stringify(this.#settings(assignment))) {
      await this.#kept.propose(assignment, 0)
      this.#options.log.info(
        { serial: assignment.serial },
        'other settings were assigned; the agent starts anew',
      )
      this.#around?.restart()
      return
    }
    await this.#kept.propose(assignment, 1)
    if (before?.content?.sha256 !== content?.sha256) await this.#applyRules()
    this.#tell()
    this.#waitForGood()
  }

  /** Takes the rules that are in force; where they are no good, the ones before. */
  async #applyRules(): Promise<void> {
    const inForce = this.#inForce
    try {
      this.#rules = (await this.#around?.replaceRules(this.ruleFolders))?.rules ?? 0
    } catch (error) {
      if (inForce === undefined || !this.#kept.isTrial) throw error
      const config = JSON.stringify(this.#settings())
      await this.#kept.fail(inForce.serial, messageOf(error))
      if (JSON.stringify(this.#settings()) === config) await this.#applyRules()
      else this.#around?.restart()
    }
  }

  #waitForGood(): void {
    clearTimeout(this.#goodTimer)
    if (!this.#kept.isTrial) {
      if (this.#rules === 0 && this.ruleFolders.length > 0) this.#queue(() => this.#applyRules())
      return
    }
    this.#goodTimer = setTimeout(
      () =>
        this.#queue(async () => {
          // After a start nobody has tried the rules yet.
          if (this.#rules === 0 && this.ruleFolders.length > 0) await this.#applyRules()
          if (this.#kept.isTrial && this.#connected) await this.#kept.confirm()
        }),
      GOOD_AFTER_MS,
    ).unref()
  }

  #queue(work: () => Promise<void>): void {
    this.#last = this.#last
      .then(work)
      .catch((error: unknown) =>
        this.#options.log.error({ error }, 'what the server assigned could not be taken'),
      )
      .then(() => this.#tell())
  }

  #refuse(code: string, reason: string): void {
    this.#options.log.warn({ code, reason }, 'what came as an assignment is refused')
    this.#refused = { code, reason: reason.slice(0, 2000), count: (this.#refused?.count ?? 0) + 1 }
    this.#tell()
  }

  #tell(): void {
    if (this.#connected) this.#around?.tell(this.standing())
  }

  #lookStale(): void {
    if (this.#isStale === this.#wasStale) return
    this.#wasStale = this.#isStale
    this.#tell()
  }
}

/** Whether two of one number want the same. */
function isSame(a: Assignment, b: Assignment): boolean {
  const what = ({ issuedAt: _issued, expiresAt: _expires, ...rest }: Assignment) => JSON.stringify(rest)
  return what(a) === what(b)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
