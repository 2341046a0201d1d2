import type { ProcessIdentity, SystemRecord } from '@vedette/model'

/** What became of the start of a program; the last ones are about the prevention itself. */
export type Verdict =
  | 'killed'
  | 'would_kill'
  | 'denied'
  | 'would_deny'
  | 'failed'
  | 'let_through'
  | 'switched_off'
  | 'switched_on'

export interface Decision {
  readonly source: SystemRecord['source']
  readonly timeMs: number
  /** The process that was to run it; for what is about the prevention itself nobody. */
  readonly process: ProcessIdentity
  /** Name of the collector that decided. */
  readonly by: string
  readonly verdict: Verdict
  readonly reason: string
  readonly path?: string
  readonly inode?: number
}

/** Each decision is told. */
export function decisionRecord({ source, timeMs, process, path, inode, ...said }: Decision): SystemRecord {
  const { by, verdict, reason } = said
  return {
    type: 'system',
    source,
    timeMs,
    process,
    activity: 'prevent_exec',
    // What is about the prevention itself was no call of anybody's.
    systemCall: process.pid === 0 ? '' : 'execve',
    ...(path === undefined ? undefined : { path }),
    ...(inode === undefined ? undefined : { inode }),
    arguments: { verdict, by, reason },
  }
}
