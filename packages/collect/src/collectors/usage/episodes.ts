/** A measurement of one resource of one subject. */
export interface Measured {
  readonly value: number
  /** Above this it is high. */
  readonly threshold: number
}

/** What became of it with this look. */
export interface Turn {
  readonly activity: 'high' | 'normal'
  /** The highest of the episode for `high`, the present one for `normal`. */
  readonly value: number
  readonly durationMs: number
}

interface Episode {
  /** Since when it is above the threshold, or, once it was told, below four fifths of it. */
  sinceMs: number
  startedMs: number
  highest: number
  /** The threshold that it was measured by when it was told; later ones do not move the way back. */
  threshold: number
  told: boolean
  calm: boolean
}

/** Below so much of the threshold it is normal again. */
const WAY_BACK = 0.8

/**
 * Which subjects use much of which resource, with hysteresis: a `high` after it was above its threshold for so long without
 * a break, a `normal` after it was well below it for as long, or ended. One of each an episode.
 */
export class Episodes {
  readonly #limit: number
  readonly #open = new Map<string, Episode>()
  #refused = 0

  /** @param limit most episodes at a time; others are not told, and counted */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Episodes that there was no room for since the last call. */
  takeRefused(): number {
    const refused = this.#refused
    this.#refused = 0
    return refused
  }

  isHigh(key: string): boolean {
    return this.#open.get(key)?.told === true
  }

  /** @returns what is to be told, if anything */
  observe(key: string, { value, threshold }: Measured, nowMs: number, forMs: number): Turn | undefined {
    const episode = this.#open.get(key)
    if (episode === undefined) {
      if (value <= threshold) return undefined
      if (this.#open.size >= this.#limit) {
        this.#refused += 1
        return undefined
      }
      const begun = { sinceMs: nowMs, startedMs: nowMs, highest: value, threshold, told: false, calm: false }
      this.#open.set(key, begun)
      return forMs === 0 ? this.#tell(begun, nowMs) : undefined
    }
    if (!episode.told) {
      if (value <= threshold) {
        this.#open.delete(key)
        return undefined
      }
      episode.highest = Math.max(episode.highest, value)
      episode.threshold = threshold
      return nowMs - episode.sinceMs >= forMs ? this.#tell(episode, nowMs) : undefined
    }
    if (value > WAY_BACK * episode.threshold) {
      episode.calm = false
      return undefined
    }
    if (!episode.calm) {
      episode.calm = true
      episode.sinceMs = nowMs
    }
    if (nowMs - episode.sinceMs < forMs) return undefined
    this.#open.delete(key)
    return { activity: 'normal', value, durationMs: nowMs - episode.startedMs }
  }

  /** The subject is gone. @returns what is to be told, if it was high */
  end(key: string, nowMs: number): Turn | undefined {
    const episode = this.#open.get(key)
    if (episode === undefined) return undefined
    this.#open.delete(key)
    return episode.told ? { activity: 'normal', value: 0, durationMs: nowMs - episode.startedMs } : undefined
  }

  /** Drops what was not told yet of a subject whose keys begin with this and a blank. */
  forget(prefix: string): void {
    for (const [key, { told }] of this.#open) {
      if (!told && key.startsWith(`${prefix} `)) this.#open.delete(key)
    }
  }

  #tell(episode: Episode, nowMs: number): Turn {
    episode.told = true
    return { activity: 'high', value: episode.highest, durationMs: nowMs - episode.startedMs }
  }
}
