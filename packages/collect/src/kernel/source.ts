import type { BlindSpot, RawRecord } from '@vedette/model'

/**
 * Hands records on. `lost` counts those that are known to be missing since the last call, and `ofKind` says of which kind
 * they are: `unseen` where that is not known.
 */
export type Emit = (records: readonly RawRecord[], lost: number, ofKind?: string) => void

/** What is missing since its process may not be known to this user, or was gone: as usual as it is certain. */
export const UNOWNED = 'unowned'

/** What runs inside the worker of a collector, or, where it takes little, beside everything else. */
export interface Source extends Disposable {
  /** Hands records on until the signal aborts, then what is left, then returns. Throws when the source fails. */
  run(emit: Emit, signal: AbortSignal): Promise<void>
  /** What there is to say of it now, beside what its collector says. Asked once a second. */
  blindSpots?(): readonly BlindSpot[]
  /** Watches a file or folder from now on. Disposing of the result ends it. Present where the source sees files. */
  watch?(path: string): Disposable
}

/**
 * Runs `look` again and again until the signal aborts, at least `intervalMs` apart, and so that it takes at most
 * 2 % of a processor.
 */
export async function everySoOften(intervalMs: number, look: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const before = process.threadCpuUsage()
    look()
    const { user, system } = process.threadCpuUsage(before)
    const pauseMs = Math.max(intervalMs, ((user + system) / 1000) * 49)
    await pause(pauseMs, signal)
  }
}

/** Resolves after so long, or once the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
