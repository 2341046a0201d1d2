import type { Clock, Logger } from '@vedette/base'
import { bootId, type ProcessInfo } from '@vedette/linux'
import {
  type AffectedProcess,
  type AgentId,
  processUid,
  type ProcessTarget,
  type ResponseId,
  type ResponseRequest,
  type ResponseResult,
} from '@vedette/model'
import type { Action, ActionContext, AuditEntry, AuditPort, Effect } from './action.ts'
import { freeze } from './actions/freeze/index.ts'
import { actions } from './actions/list.ts'
import { count, list, nameOf } from './actions/preview.ts'
import type { ResponseConfig } from './config.ts'
import { hold } from './held-process.ts'
import { type Lease, LeaseBook } from './lease-book.ts'
import { Policy } from './policy.ts'
import { Selection } from './selection.ts'

export interface ResponderOptions {
  readonly agent: AgentId
  readonly config: ResponseConfig
  readonly audit: AuditPort
  /** File that holds the leases that run; its folder must exist. */
  readonly leasesFile: string
  /** Vedette's own processes: nothing touches them nor what descends from them. */
  readonly protectedRoots: readonly ProcessTarget[]
  readonly clock: Clock
  readonly log: Logger
  /** Name of a user; its number by default. */
  readonly userName?: (uid: number) => string
  /** Arguments as one line for people, without the secrets in them; joined by spaces by default. */
  readonly commandLine?: (argv: readonly string[]) => string
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
  const book = await LeaseBook.open(options.leasesFile, bootId())
  const responder = new HostResponder(options, book)
  await responder.resume()
  return responder
}

type Told = Pick<ResponseResult, 'outcome' | 'summary'> & Partial<ResponseResult>

class HostResponder implements Responder {
  readonly #options: ResponderOptions
  readonly #policy: Policy
  readonly #book: LeaseBook
  readonly #bootId = bootId()
  /** By lease: when it ends, monotonic milliseconds. The wall clock may jump. */
  readonly #deadlines = new Map<string, number>()
  #turn: Promise<unknown> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined

  constructor(options: ResponderOptions, book: LeaseBook) {
    this.#options = options
    this.#book = book
    this.#policy = new Policy({
      neverTouch: options.config.never_touch,
      protectedRoots: options.protectedRoots,
    })
  }

  async resume(): Promise<void> {
    const { clock } = this.#options
    for (const { id, endsMs, leaseMs } of this.#book.leases) {
      const left = Math.min(Math.max(endsMs - clock.now(), 0), leaseMs)
      this.#deadlines.set(id, clock.monotonic() + left)
    }
    await this.#inTurn(() => this.#endOverdue())
  }

  leases(): readonly Lease[] {
    return this.#book.leases
  }

  async handle(request: ResponseRequest): Promise<ResponseResult> {
    const told = await this.#inTurn(() => this.#carryOut(request)).catch((error: unknown): Told => {
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

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer)
    // With nobody there to end them, leases must not outlive the responder.
    await this.#inTurn(async () => {
      for (const lease of this.#book.leases) await this.#end(lease, 'agent', 'the agent stops')
    })
    clearTimeout(this.#timer)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
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
    const affected = this.#affected(selection)
    const refusal = this.#refusal(action, selection)
    if (!request.execute) {
      const summary = action.preview(selection)
      if (refusal === undefined) return { outcome: 'preview', summary, affected }
      const text = selection.chosen.length === 0 ? '' : `${summary}. `
      return { outcome: 'preview', summary: `${text}It would be refused: ${refusal}`, affected }
    }
    if (refusal !== undefined) {
      const told: Told = {
        outcome: 'refused',
        summary: `Refused to ${action.name} ${nameOf(root.info)}: ${refusal}`,
        affected,
      }
      await this.#note(this.#entry(request, root.info, 'refused', { because: refusal }))
      return told
    }
    const mode = this.#options.config.mode[action.name]
    if (request.automatic === true && mode !== 'automatic') {
      const why = mode === 'ask' ? 'it waits for a person' : `${action.name} is in dry run`
      return {
        outcome: 'preview',
        summary: `${action.preview(selection)}. Nothing was done: ${why}`,
        affected,
      }
    }
    const intended = {
      tree: request.tree,
      processes: affected.filter((one) => one.protectedBecause === undefined),
    }
    try {
      await this.#options.audit.append(this.#entry(request, root.info, 'intended', intended))
    } catch (error) {
      const summary = `Nothing was done: the audit log cannot be written (${messageOf(error)})`
      return { outcome: 'failed', summary, affected }
    }
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
    const { clock, config } = this.#options
    const leaseEnds = clock.now() + request.leaseMs
    const deadline = clock.monotonic() + request.leaseMs
    const context: ActionContext = {
      clock,
      killGraceMs: config.kill_grace_ms,
      maxProcesses: config.max_processes,
      keep: async (members) => {
        await this.#book.put({
          id: request.id,
          action: 'freeze',
          actor: request.actor,
          endsMs: leaseEnds,
          leaseMs: request.leaseMs,
          members: [...members],
        })
        this.#deadlines.set(request.id, deadline)
        this.#arm()
      },
      isFrozen: (pid, startTicks) => this.#holding(pid, startTicks).length > 0,
    }
    let effect: Effect
    try {
      effect = await action.run(selection, context)
    } catch (error) {
      const lease = this.#lease(request.id)
      if (lease !== undefined) await this.#end(lease, 'agent', 'it could not be finished')
      const summary = `Cannot ${action.name} ${nameOf(selection.root.info)}: ${messageOf(error)}`
      await this.#note(this.#entry(request, selection.root.info, 'failed', { because: summary }))
      return { outcome: 'failed', summary, affected: this.#affected(selection) }
    }
    const done = effect.failed.length === 0
    const summary = summaryOf(action, effect, selection)
    const affected = this.#affected(selection)
    const touched = affected.filter((one) => one.protectedBecause === undefined)
    await this.#note(
      this.#entry(request, selection.root.info, done ? 'done' : 'failed', { summary, processes: touched }),
    )
    return {
      outcome: done ? 'done' : 'failed',
      summary,
      affected,
      ...(action.undo === undefined ? undefined : { undo: action.undo.name, leaseEnds }),
    }
  }

  async #thaw(request: ResponseRequest): Promise<Told> {
    const { pid, startTicks } = request.target
    const leases = this.#holding(pid, startTicks)
    if (leases.length === 0) {
      return { outcome: 'failed', summary: `Process ${pid} is not frozen by this agent; nothing was done` }
    }
    const affected = leases.flatMap((lease) => this.#members(lease))
    if (!request.execute) {
      return { outcome: 'preview', summary: `Would thaw ${count(affected.length)}`, affected }
    }
    const entry = this.#entry(request, { pid, name: 'process' }, 'intended', { processes: affected })
    try {
      await this.#options.audit.append(entry)
    } catch (error) {
      const summary = `Nothing was done: the audit log cannot be written (${messageOf(error)})`
      return { outcome: 'failed', summary, affected }
    }
    let thawed = 0
    for (const lease of leases) thawed += await this.#end(lease, request.actor, request.reason)
    return { outcome: 'done', summary: `Thawed ${count(thawed)}`, affected }
  }

  /** Leases that hold a process. */
  #holding(pid: number, startTicks: number | undefined): Lease[] {
    return this.#book.leases.filter(({ members }) =>
      members.some((one) => one.pid === pid && (startTicks === undefined || one.startTicks === startTicks)),
    )
  }

  #lease(id: string): Lease | undefined {
    return this.#book.leases.find((lease) => lease.id === id)
  }

  async #endOverdue(): Promise<void> {
    const now = this.#options.clock.monotonic()
    for (const lease of this.#book.leases) {
      if ((this.#deadlines.get(lease.id) ?? 0) <= now) await this.#end(lease, 'agent', 'its lease has ended')
    }
    this.#arm()
  }

  #arm(): void {
    clearTimeout(this.#timer)
    const next = Math.min(...this.#deadlines.values())
    if (next === Infinity) return
    const wait = Math.max(0, next - this.#options.clock.monotonic())
    this.#timer = setTimeout(() => {
      this.#inTurn(() => this.#endOverdue()).catch((error: unknown) => {
        this.#options.log.error({ error }, 'a lease could not be ended')
      })
    }, wait)
    this.#timer.unref()
  }

  /**
   * Undoes what a lease holds; the number of processes that went on. It is done also where it cannot be recorded: that it
   * would end was recorded when it began, and nobody should stay frozen for a full disk.
   */
  async #end(lease: Lease, actor: string, reason: string): Promise<number> {
    const affected = this.#members(lease)
    await this.#note({
      actor,
      action: 'respond.thaw',
      target: lease.members
        .map(({ pid }) => `process ${pid}`)
        .join(', ')
        .slice(0, 1000),
      outcome: 'undone',
      detail: { response: lease.id, reason },
    })
    const others = this.#book.leases.filter(({ id }) => id !== lease.id).flatMap(({ members }) => members)
    const heldElsewhere = (pid: number, startTicks: number) =>
      others.some((one) => one.pid === pid && one.startTicks === startTicks)
    const thawed =
      freeze.undo?.run(lease.members.filter(({ pid, startTicks }) => !heldElsewhere(pid, startTicks))) ?? 0
    this.#deadlines.delete(lease.id)
    await this.#book.remove(lease.id).catch((error: unknown) => {
      // Thawed once more after a restart: that hurts nobody.
      this.#options.log.error({ error, lease: lease.id }, 'a lease that has ended could not be struck out')
    })
    this.#arm()
    this.#options.onUndone?.({
      id: lease.id as ResponseId,
      agent: this.#options.agent,
      action: 'freeze',
      outcome: 'undone',
      summary: `Thawed ${count(thawed)}: ${reason}`,
      affected,
      time: this.#options.clock.now(),
    })
    return thawed
  }

  /** Best effort: the entry that had to be there before the act was written before it. */
  async #note(entry: AuditEntry): Promise<void> {
    try {
      await this.#options.audit.append(entry)
    } catch (error) {
      this.#options.log.error(
        { error, action: entry.action, outcome: entry.outcome },
        'audit log cannot be written',
      )
    }
  }

  #entry(
    request: ResponseRequest,
    { pid, name }: Pick<ProcessInfo, 'pid' | 'name'>,
    outcome: AuditEntry['outcome'],
    detail: AuditEntry['detail'],
  ): AuditEntry {
    return {
      actor: request.actor,
      action: `respond.${request.action}`,
      target: nameOf({ pid, name }),
      outcome,
      detail: {
        response: request.id,
        reason: request.reason,
        ...(request.alert === undefined ? undefined : { alert: request.alert }),
        ...detail,
      },
    }
  }

  #affected({ chosen, spared }: Selection): AffectedProcess[] {
    return [
      ...chosen.map(({ info }) => this.#describe(info)),
      ...spared.map(({ info, because }) => ({ ...this.#describe(info), protectedBecause: because })),
    ]
  }

  #members(lease: Lease): AffectedProcess[] {
    return lease.members.flatMap((member) => {
      using held = hold(member)
      return held === undefined ? [] : [this.#describe(held.info)]
    })
  }

  #describe(info: ProcessInfo): AffectedProcess {
    const { userName = String, commandLine = (argv) => argv.join(' ') } = this.#options
    return {
      uid: processUid(this.#bootId, info.pid, info.startTicks),
      pid: info.pid,
      name: info.name,
      cmdLine: commandLine(info.argv),
      user: userName(info.uid),
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function missing({ target: { pid, startTicks } }: ResponseRequest): string {
  const which = startTicks === undefined ? '' : ` that started at tick ${startTicks}`
  return `There is no process ${pid}${which}, or not any more; nothing was done`
}

function summaryOf(action: Action, { touched, failed }: Effect, { spared }: Selection): string {
  const { participle } = action
  const left = spared.length === 0 ? '' : `; left alone: ${list(spared.map(({ info }) => info))}`
  const worked = touched.length - failed.length
  const [first] = failed
  if (first === undefined) {
    return `${capital(participle)} ${count(worked)}: ${list(touched.map(({ info }) => info))}${left}`
  }
  const rest = `${nameOf(first.process.info)} was not ${participle}: ${first.reason}`
  return `${capital(participle)} ${worked} of ${count(touched.length)}; ${rest}${left}`
}

const capital = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`
