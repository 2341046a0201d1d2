import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from './log.ts'

/** A part that runs until its signal aborts. It throws when it fails and never retries by itself. */
export interface Supervised {
  readonly name: string
  run(signal: AbortSignal): Promise<void>
}

export interface SuperviseOptions {
  readonly log: Logger
  /** First pause before a restart, milliseconds; doubled at each failure in a row. Default 100. */
  readonly firstPauseMs?: number
  /** Longest pause, milliseconds. Default 30 000. */
  readonly longestPauseMs?: number
  /** Told at each failure, with how many times the part has been restarted. */
  readonly onFailure?: (error: unknown, restarts: number) => void
}

/**
 * Runs a part and starts it again when it throws, with growing pauses, until the signal aborts or the part ends by
 * itself. A run of more than a minute resets the pause.
 */
export async function supervise(
  part: Supervised,
  options: SuperviseOptions,
  signal: AbortSignal,
): Promise<void> {
  const { log, firstPauseMs = 100, longestPauseMs = 30_000 } = options
  let pauseMs = firstPauseMs
  let restarts = 0
  while (!signal.aborted) {
    const startedMs = performance.now()
    try {
      await part.run(signal)
      return
    } catch (error) {
      if (signal.aborted) return
      restarts += 1
      options.onFailure?.(error, restarts)
      if (performance.now() - startedMs > 60_000) pauseMs = firstPauseMs
      log.error({ part: part.name, error, restarts, pauseMs }, 'part failed and is restarted')
      await delay(pauseMs, undefined, { signal }).catch(() => undefined)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }
}
