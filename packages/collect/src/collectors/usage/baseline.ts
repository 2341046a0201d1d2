import { z } from 'zod'

/** What a baseline is kept as between two runs. */
export const baselineStateSchema = z.object({
  mean: z.number().finite(),
  variance: z.number().finite().nonnegative(),
  samples: z.int().nonnegative(),
  dayMs: z.number().finite(),
  dayMean: z.number().finite(),
})

type BaselineState = z.output<typeof baselineStateSchema>

export interface BaselineOptions {
  /** Known after so many samples. */
  readonly learnSamples: number
  readonly halfLifeMs: number
  /** Of the mean and of `scale`, in a day: 0.1 is a tenth. */
  readonly driftPerDay: number
  /** What is a lot of this resource: the unit of drift for what is usually near zero. */
  readonly scale: number
}

const DAY_MS = 86_400_000
/** A sample is taken for at most so many deviations above the mean: one outlier teaches no habit. */
const CLIP_DEVIATIONS = 3
/** Of the scale: below this, deviations are noise. */
const LEAST_DEVIATION = 0.02

/**
 * What is usual of one resource of one program, cgroup or host: mean and variance, exponentially weighted by time.
 *
 * Who would teach it slowly meets three bounds: a sample counts as three deviations above the mean at most, the mean rises
 * by a fixed part in a day at most, and above a ceiling (of the caller's) everything is high whatever was learnt.
 */
export class Baseline {
  readonly #state: BaselineState
  #lastMs: number | undefined

  constructor(state?: BaselineState) {
    this.#state = state ?? { mean: 0, variance: 0, samples: 0, dayMs: 0, dayMean: 0 }
  }

  get mean(): number {
    return this.#state.mean
  }

  get deviation(): number {
    return Math.sqrt(this.#state.variance)
  }

  get samples(): number {
    return this.#state.samples
  }

  get state(): BaselineState {
    return this.#state
  }

  isKnown({ learnSamples }: BaselineOptions): boolean {
    return this.#state.samples >= learnSamples
  }

  /** Takes a sample in. Once known, a sample counts for the time since the one before. */
  learn(value: number, timeMs: number, options: BaselineOptions): void {
    const state = this.#state
    const { halfLifeMs, learnSamples, driftPerDay, scale } = options
    const known = state.samples >= learnSamples
    const elapsedMs = Math.max(0, timeMs - (this.#lastMs ?? timeMs))
    this.#lastMs = timeMs
    let sample = value
    if (known) {
      const deviation = Math.max(this.deviation, LEAST_DEVIATION * scale)
      sample = Math.min(value, state.mean + CLIP_DEVIATIONS * deviation)
    }
    // While it learns, every sample counts alike; later by how much time it stands for.
    const weight = known
      ? Math.max(1 - 0.5 ** (elapsedMs / halfLifeMs), Number.EPSILON)
      : 1 / (state.samples + 1)
    const delta = sample - state.mean
    state.mean += weight * delta
    state.variance = (1 - weight) * (state.variance + weight * delta * delta)
    state.samples = Math.min(state.samples + 1, Number.MAX_SAFE_INTEGER)
    if (!known || timeMs - state.dayMs >= DAY_MS || timeMs < state.dayMs) {
      state.dayMs = timeMs
      state.dayMean = state.mean
    }
    const highest = state.dayMean + driftPerDay * (state.dayMean + scale)
    if (state.mean > highest) state.mean = highest
    const widest = Math.max(state.mean, scale)
    if (known && state.variance > widest * widest) state.variance = widest * widest
  }
}
