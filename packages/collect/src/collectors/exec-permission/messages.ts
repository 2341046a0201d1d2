import type { ProcessIdentity } from '@vedette/model'
import type { Verdict } from '../../prevention/record.ts'
import type { ExecPermissionConfig } from './config.ts'

/** One start of a program. */
export interface GateDecision {
  readonly timeMs: number
  readonly process: ProcessIdentity
  readonly path: string
  readonly inode: number
  readonly verdict: Verdict
  readonly reason: string
}

/** What the collector says to its gate: one word, the first. */
export interface ToGate {
  readonly config: ExecPermissionConfig
}

export type FromGate =
  /** Several times within the time limit. `refused`: mounts that it does not guard. */
  | { readonly type: 'alive'; readonly refused: readonly string[] }
  /** `lost`: decisions that could not be handed over in time. */
  | { readonly type: 'decided'; readonly decisions: readonly GateDecision[]; readonly lost: number }
  | { readonly type: 'failed'; readonly message: string }
