import { type Logger, supervise } from '@vedette/base'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'
import { type Part, PartFailure } from './part.ts'

/** A part that ends so many times, each time within `QUICK_MS` of its start, is given up. */
const MOST_QUICK_FAILURES = 5
const QUICK_MS = 10_000

export interface SupervisorOptions {
  readonly log: Logger
  /** Told when a part ended by itself and is started again. */
  readonly onRestart: (failure: PartFailure, restarts: number) => void
}

/**
 * Keeps a part running until the signal aborts; it is started again with growing pauses when it ends by itself.
 *
 * @param hasWorked whether the part has ever got so far as to do its work: a fault that it calls fatal before that ends
 *   the start at once, since a new try would tell the same
 * @throws {CliError} `part-given-up`, or with the part's own code
 */
export async function keepRunning(
  part: Part,
  hasWorked: () => boolean,
  options: SupervisorOptions,
  signal: AbortSignal,
): Promise<void> {
  let startedMs = 0
  let quick = 0
  const timed = {
    name: part.name,
    run(stop: AbortSignal) {
      startedMs = performance.now()
      return part.run(stop)
    },
  }
  const onFailure = (error: unknown, restarts: number) => {
    if (!(error instanceof PartFailure)) throw error
    if (error.fatal && !hasWorked()) {
      throw new CliError(error.code, exitCodes.failure, error.message)
    }
    quick = performance.now() - startedMs < QUICK_MS ? quick + 1 : 0
    if (quick >= MOST_QUICK_FAILURES) {
      throw new CliError(
        'part-given-up',
        exitCodes.failure,
        `The ${part.name} ended ${quick} times right after its start and is given up: ${error.message}`,
        'Its log says more: see the folder operator/log in the home folder',
      )
    }
    options.onRestart(error, restarts)
  }
  await supervise(timed, { log: options.log, firstPauseMs: 250, longestPauseMs: 15_000, onFailure }, signal)
}
