import type { ChildProcess } from 'node:child_process'

/** What a technique is given. */
export interface Stage {
  /** Folder of this demo, 0700, removed at its end. */
  readonly scratch: string
  /** Keeps a process in mind: it is ended, and waited for, when the technique is over. */
  readonly track: (child: ChildProcess) => void
  /** Has the sensor watch a folder for a minute. False when no sensor of this host can. */
  readonly watch: (path: string) => Promise<boolean>
  /** Aborts when the technique is over. */
  readonly signal: AbortSignal
}

/** One harmless act, done for real, that an attacker would do. */
export interface Technique {
  readonly name: string
  /** A sentence: what is done. */
  readonly title: string
  /** ATT&CK ids, any of which its alert names. */
  readonly ids: readonly string[]
  /** Collectors that see it, any of them. */
  readonly seenBy: readonly string[]
  /** Said before it is done, where it is not the whole thing. */
  caveat?(uid: number): string | undefined
  /** Does it. Resolves once it is done; what it started may go on until `signal` aborts. */
  act(stage: Stage): Promise<void>
}
