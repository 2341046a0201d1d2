import type { Clock } from '@vedette/base'

/** Over so long the use is averaged. */
const WINDOW_MS = 5000
/** A pause after a batch is never longer: the signs of life and the reports go on. */
const LONGEST_PAUSE_MS = 250
/** Whoever is held back for less did something at once: it started, or a machine was busy for a moment. */
const LASTING_MS = 30_000

export interface GovernorOptions {
  readonly clock: Clock
  /** Of one processor. */
  readonly cpuPercent: number
  /** Processor time of this process so far, milliseconds. */
  readonly cpuMs: () => number
}

/**
 * Keeps the agent within its share of a processor by pauses between batches, where no control group does. What it does not
 * read meanwhile waits in the kernel or in a bounded queue, where a loss is counted.
 */
export class Governor {
  readonly #options: GovernorOptions
  #windowMs: number
  #cpuMs: number
  /** Since when each window held it back, monotonic milliseconds. */
  #heldFromMs: number | undefined
  #pausedMs = 0

  constructor(options: GovernorOptions) {
    this.#options = options
    this.#windowMs = options.clock.monotonic()
    this.#cpuMs = options.cpuMs()
  }

  /** Whether it has held the agent back for half a minute without a break: more happens than the budget allows for. */
  get isLasting(): boolean {
    return this.#heldFromMs !== undefined && this.#options.clock.monotonic() - this.#heldFromMs >= LASTING_MS
  }

  /** For how long it has held the agent back so far, milliseconds. */
  get pausedMs(): number {
    return this.#pausedMs
  }

  /** How long to wait before the next batch, milliseconds: so long that the average comes back to the budget. */
  pauseMs(): number {
    const { clock, cpuPercent, cpuMs } = this.#options
    const nowMs = clock.monotonic()
    const usedMs = cpuMs() - this.#cpuMs
    const elapsedMs = nowMs - this.#windowMs
    const excessMs = usedMs / (cpuPercent / 100) - elapsedMs
    if (elapsedMs >= WINDOW_MS) {
      this.#windowMs = nowMs
      this.#cpuMs += usedMs
      // What was too much in this window is owed in the next.
      if (excessMs > 0) this.#windowMs += Math.min(excessMs, WINDOW_MS)
      this.#heldFromMs = excessMs > 0 ? (this.#heldFromMs ?? nowMs) : undefined
    }
    // The first moments of a window say nothing.
    if (elapsedMs < 200 && excessMs < LONGEST_PAUSE_MS) return 0
    if (excessMs <= 0) return 0
    const pauseMs = Math.min(excessMs, LONGEST_PAUSE_MS)
    this.#pausedMs += pauseMs
    return pauseMs
  }
}
