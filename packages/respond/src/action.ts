import type { Clock } from '@vedette/base'
import type { ActionName, AuditRecord } from '@vedette/model'
import type { HeldProcess } from './held-process.ts'
import type { LeaseMember } from './lease-book.ts'
import type { Selection } from './selection.ts'

/** What the writer of an audit record says; the log adds number, time and hashes. */
export type AuditEntry = Pick<AuditRecord, 'actor' | 'action' | 'target' | 'outcome' | 'detail'>

/** The audit log as actions need it. */
export interface AuditPort {
  /** Resolves once the record is on disk. Throws when it cannot be: then nothing may be done. */
  append(entry: AuditEntry): Promise<unknown>
}

/** What an action may use while it runs. */
export interface ActionContext {
  readonly clock: Clock
  /** Between SIGTERM and SIGKILL, milliseconds. */
  readonly killGraceMs: number
  /** Largest number of processes that may be touched. */
  readonly maxProcesses: number
  /** Writes down what is about to be done and will have to be undone; done once it has resolved. */
  keep(members: readonly LeaseMember[]): Promise<void>
  /** Whether an earlier freeze of ours holds a process. */
  isFrozen(pid: number, startTicks: number): boolean
}

/** What came of it. */
export interface Effect {
  readonly touched: readonly HeldProcess[]
  /** Those that it did not work on, and why. Empty: done. */
  readonly failed: readonly { readonly process: HeldProcess; readonly reason: string }[]
}

/**
 * Something that can be done to processes. One folder with `index.ts`, and one line in `index.ts` of the package. It never
 * sees a bare pid: what it gets is held, judged by the policy, and written down.
 */
export interface Action {
  readonly name: Exclude<ActionName, 'thaw'>
  /** One line for the documentation. */
  readonly description: string
  /** As in "would have *frozen* 3 processes". */
  readonly participle: string
  /** What takes it back; left out where nothing does. */
  readonly undo?: Undo
  /** What would happen, as one sentence. Changes nothing. */
  preview(selection: Selection): string
  run(selection: Selection, context: ActionContext): Promise<Effect>
}

/** Takes an action back. */
export interface Undo {
  readonly name: 'thaw'
  /** Touches only those that still are the same process. Returns how many there were. */
  run(members: readonly LeaseMember[]): number
}
