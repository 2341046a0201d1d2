import type { Clock, Logger } from '@vedette/base'
import { bootId } from '@vedette/linux'
import type { AgentId, ProcessTarget, ResponseId, ResponseRequest, ResponseResult } from '@vedette/model'
import type { Action, ActionContext, AuditEntry, AuditPort, Effect } from './action.ts'
import { actions } from './actions/list.ts'
import { count, nameOf } from './actions/preview.ts'
import type { ResponseConfig } from './config.ts'
import { auditEntry, Describer, type DescriberOptions, missing, summaryOf } from './describe.ts'
import { hold } from './held-process.ts'
import { type Lease, LeaseBook } from './lease-book.ts'
import { LeaseKeeper } from './lease-keeper.ts'
import { OneAtATime } from './one-at-a-time.ts'
import { Policy } from './policy.ts'
import { Selection } from './selection.ts'

export interface ResponderOptions extends Omit<DescriberOptions, 'bootId'> {
  readonly agent: AgentId
  readonly config: ResponseConfig
  readonly audit: AuditPort
  /** File that holds the leases that run; its folder must exist. */
  readonly leasesFile: string
  /** Vedette's own processes: nothing touches them nor what descends from them. */
  readonly protectedRoots: readonly ProcessTarget[]
  readonly clock: Clock
  readonly log: Logger
  /** Told when a lease has ended and its effect was undone. */
  readonly onUndone?: (result: ResponseResult) => void
}

/** Does, or shows, what is asked of this host, within its policy. Disposing of it undoes what would have no end then. */
export interface Responder extends AsyncDisposable {
  /** Never rejects: what goes wrong is an outcome with a sentence. One request is carried out at a time. */
  handle(request: ResponseRequest): Promise<ResponseResult>
  /** Freezes that hold now. */
  leases(): readonly Lease[]
}

/**
 * Opens a responder. Leases of an earlier run go on; those that ended meanwhile are undone before it resolves.
 *
 * @throws {CodedError} `leases-unreadable`
 */
export async function createResponder(options: ResponderOptions): Promise<Responder> {
  const boot = bootId()
  const responder = new HostResponder(options, boot, await LeaseBook.open(options.leasesFile, boot))
  await responder.resume()
  return responder
}

type Told = Pick<ResponseResult, 'outcome' | 'summary'> & Partial<ResponseResult>

class HostResponder implements Responder {
  readonly #options: ResponderOptions
  readonly #policy: Policy
  readonly #keeper: LeaseKeeper
  readonly #describer: Describer
  readonly #turns = new OneAtATime()

  constructor(options: ResponderOptions, boot: string, book: LeaseBook) {
    const { audit, clock, config, log, protectedRoots } = options
    this.#options = options
    this.#policy = new Policy({ neverTouch: config.never_touch, protectedRoots })
    this.#describer = new Describer({ ...options, bootId: boot })
    this.#keeper = new LeaseKeeper({
      book,
      audit,
      clock,
      log,
      turns: this.#turns,
      onEnded: (lease, thawed, reason) => this.#tellUndone(lease, thawed, reason),
    })
  }

  resume(): Promise<void> {
    return this.#turns.run(() => this.#keeper.resume())
  }

  leases(): readonly Lease[] {
    return this.#keeper.leases
  }

  async handle(request: ResponseRequest): Promise<ResponseResult> {
    const told = await this.#turns
      .run(() => this.#carryOut(request))
      .catch((error: unknown): Told => {
        this.#options.log.error({ error, request: request.id }, 'response failed')
        return { outcome: 'failed', summary: `Cannot ${request.action}: ${messageOf(error)}` }
      })
    return {
      id: request.id,
      agent: this.#options.agent,
      action: request.action,
      affected: [],
      time: this.#options.clock.now(),
      ...told,
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#keeper[Symbol.asyncDispose]()
  }

  #carryOut(request: ResponseRequest): Promise<Told> {
    if (request.action === 'thaw') return this.#thaw(request)
    const action = actions.find(({ name }) => name === request.action)
    if (action !== undefined) return this.#act(action, request)
    return Promise.resolve({ outcome: 'failed', summary: `There is no action ${request.action}` })
  }

  async #act(action: Action, request: ResponseRequest): Promise<Told> {
    const root = hold(request.target)
    if (root === undefined) return { outcome: 'failed', summary: missing(request) }
    using selection = new Selection(root, request.tree, this.#policy)
    const affected = this.#describer.selection(selection)
    const refusal = this.#refusal(action, selection)
    const name = nameOf(root.info)
    if (!request.execute) {
      const preview = selection.chosen.length === 0 ? '' : `${action.preview(selection)}. `
      if (refusal === undefined) return { outcome: 'preview', summary: action.preview(selection), affected }
      return { outcome: 'preview', summary: `${preview}It would be refused: ${refusal}`, affected }
    }
    if (refusal !== undefined) {
      await this.#note(auditEntry(request, name, 'refused', { because: refusal }))
      return { outcome: 'refused', summary: `Refused to ${action.name} ${name}: ${refusal}`, affected }
    }
    const mode = this.#options.config.mode[action.name]
    if (request.automatic === true && mode !== 'automatic') {
      const why = mode === 'ask' ? 'it waits for a person' : `${action.name} is in dry run`
      const summary = `${action.preview(selection)}. Nothing was done: ${why}`
      return { outcome: 'preview', summary, affected }
    }
    const processes = affected.filter(({ protectedBecause }) => protectedBecause === undefined)
    const intent = auditEntry(request, name, 'intended', { tree: request.tree, processes })
    const unwritten = await this.#record(intent)
    if (unwritten !== undefined) return { ...unwritten, affected }
    // Awaited here: the selection lets go of its processes when this function is left.
    return await this.#run(action, request, selection)
  }

  /** Why the policy does not allow it, as the end of a sentence. */
  #refusal(action: Action, { root, chosen, spared }: Selection): string | undefined {
    const { config } = this.#options
    const because = spared.find(({ info }) => info.pid === root.info.pid)?.because
    if (because !== undefined) return because
    if (!config.enabled) return 'responses are switched off on this host (response.enabled)'
    if (action.name === 'kill' && !config.enable_kill) {
      return 'killing is switched off on this host (response.enable_kill)'
    }
    if (chosen.length <= config.max_processes) return undefined
    return `its tree has ${count(chosen.length)}, more than ${config.max_processes} (response.max_processes)`
  }

  async #run(action: Action, request: ResponseRequest, selection: Selection): Promise<Told> {
    const { clock } = this.#options
    const name = nameOf(selection.root.info)
    const leaseEnds = clock.now() + request.leaseMs
    let effect: Effect
    try {
      effect = await action.run(selection, this.#contextFor(request, leaseEnds))
    } catch (error) {
      const lease = this.#keeper.find(request.id)
      if (lease !== undefined) await this.#keeper.end(lease, 'agent', 'it could not be finished')
      const summary = `Cannot ${action.name} ${name}: ${messageOf(error)}`
      await this.#note(auditEntry(request, name, 'failed', { summary }))
      return { outcome: 'failed', summary, affected: this.#describer.selection(selection) }
    }
    const outcome = effect.failed.length === 0 ? 'done' : 'failed'
    const summary = summaryOf(action, effect, selection)
    const affected = this.#describer.selection(selection)
    const processes = affected.filter(({ protectedBecause }) => protectedBecause === undefined)
    await this.#note(auditEntry(request, name, outcome, { summary, processes }))
    const undo = action.undo === undefined ? undefined : { undo: action.undo.name, leaseEnds }
    return { outcome, summary, affected, ...undo }
  }

  #contextFor({ id, actor, leaseMs }: ResponseRequest, endsMs: number): ActionContext {
    const { clock, config } = this.#options
    const deadline = clock.monotonic() + leaseMs
    return {
      clock,
      killGraceMs: config.kill_grace_ms,
      maxProcesses: config.max_processes,
      keep: (members) =>
        this.#keeper.put({ id, action: 'freeze', actor, endsMs, leaseMs, members: [...members] }, deadline),
      isFrozen: (pid, startTicks) => this.#keeper.holding(pid, startTicks).length > 0,
    }
  }

  async #thaw(request: ResponseRequest): Promise<Told> {
    const { pid, startTicks } = request.target
    const leases = this.#keeper.holding(pid, startTicks)
    if (leases.length === 0) {
      return { outcome: 'failed', summary: `Process ${pid} is not frozen by this agent; nothing was done` }
    }
    const affected = leases.flatMap((lease) => this.#describer.lease(lease))
    if (!request.execute) {
      return { outcome: 'preview', summary: `Would thaw ${count(affected.length)}`, affected }
    }
    const unwritten = await this.#record(
      auditEntry(request, `process ${pid}`, 'intended', { processes: affected }),
    )
    if (unwritten !== undefined) return { ...unwritten, affected }
    let thawed = 0
    for (const lease of leases) thawed += await this.#keeper.end(lease, request.actor, request.reason)
    return { outcome: 'done', summary: `Thawed ${count(thawed)}`, affected }
  }

  #tellUndone(lease: Lease, thawed: number, reason: string): void {
    this.#options.onUndone?.({
      id: lease.id as ResponseId,
      agent: this.#options.agent,
      action: 'freeze',
      outcome: 'undone',
      summary: `Thawed ${count(thawed)}: ${reason}`,
      affected: this.#describer.lease(lease),
      time: this.#options.clock.now(),
    })
  }

  /** Writes what is about to be done. What it returns is the answer where that fails: then nothing may be done. */
  async #record(entry: AuditEntry): Promise<Told | undefined> {
    try {
      await this.#options.audit.append(entry)
      return undefined
    } catch (error) {
      const summary = `Nothing was done: the audit log cannot be written (${messageOf(error)})`
      return { outcome: 'failed', summary }
    }
  }

  /** Writes what came of it, as well as that goes: what had to be on disk was written before. */
  async #note(entry: AuditEntry): Promise<void> {
    try {
      await this.#options.audit.append(entry)
    } catch (error) {
      const { action, outcome } = entry
      this.#options.log.error({ error, action, outcome }, 'audit log cannot be written')
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
