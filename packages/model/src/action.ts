import { z } from 'zod'
import type { AgentId, AlertId, ProcessUid, ResponseId } from './ids.ts'

export const actionNames = ['freeze', 'thaw', 'kill'] as const
export type ActionName = (typeof actionNames)[number]

/** How far an action may go by itself: only say what it would do, wait for a person, or act. */
export const actionModes = ['dry_run', 'ask', 'automatic'] as const
export type ActionMode = (typeof actionModes)[number]

/** A process and proof of which: a pid alone may mean another by now. */
export interface ProcessTarget {
  readonly pid: number
  /** Clock ticks since boot, as in field 22 of /proc/PID/stat. */
  readonly startTicks: number
}

/** What somebody asks of a host. A closed list: an agent does nothing else. */
export interface ResponseRequest {
  readonly id: ResponseId
  readonly action: ActionName
  /**
   * Without `startTicks` the agent takes the process that has the pid when it gets the request, holds it by a pidfd from
   * then on, and says which it was in the answer.
   */
  readonly target: Pick<ProcessTarget, 'pid'> & Partial<ProcessTarget>
  /** With the target's descendants. */
  readonly tree: boolean
  /** When false nothing is done but the preview. */
  readonly execute: boolean
  /** For `freeze`: undone by itself after this long. 1 s to 24 h. */
  readonly leaseMs: number
  readonly actor: string
  /** A policy asks, not a person: then it is done only where the host's mode for the action is `automatic`. */
  readonly automatic?: boolean
  readonly reason: string
  readonly alert?: AlertId
}

export const responseRequestSchema = z.object({
  id: z.string().min(1).max(64),
  action: z.enum(actionNames),
  target: z.object({ pid: z.int().min(1), startTicks: z.number().int().nonnegative().optional() }),
  tree: z.boolean(),
  execute: z.boolean(),
  leaseMs: z.int().min(1000).max(86_400_000),
  actor: z.string().max(200),
  automatic: z.boolean().optional(),
  reason: z.string().max(2000),
  alert: z.string().max(64).optional(),
})

/** One process that an action would touch, or why it would not. */
export interface AffectedProcess {
  readonly uid: ProcessUid
  readonly pid: number
  readonly name: string
  readonly cmdLine: string
  readonly user: string
  /** Reason for which it is left alone; left out where the action may touch it. */
  readonly protectedBecause?: string
}

/** What an action would do or did. */
export interface ResponseResult {
  readonly id: ResponseId
  readonly agent: AgentId
  readonly action: ActionName
  /** `refused`: the never-touch list or the agent's policy said no. `undone`: its lease ended or a person undid it. */
  readonly outcome: 'preview' | 'done' | 'refused' | 'failed' | 'undone'
  /** One sentence for people. */
  readonly summary: string
  readonly affected: readonly AffectedProcess[]
  /** How to take it back; left out where it cannot be (`kill`). */
  readonly undo?: 'thaw'
  /** When the lease ends, milliseconds since the epoch. */
  readonly leaseEnds?: number
  readonly time: number
}
