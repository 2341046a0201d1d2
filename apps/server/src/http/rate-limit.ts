import type { Clock } from '@vedette/base'
import { PublicError } from '../access/public-error.ts'

/** Keys that are remembered; beyond it the oldest are forgotten, so that many addresses cannot fill the memory. */
const MAX_KEYS = 20_000

interface Bucket {
  tokens: number
  at: number
}

/**
 * So many at once and so many a minute for each key (a token bucket). One for requests and sockets alike, and for keys
 * that are no address, such as an account's name: plugins of a web framework limit its routes only.
 */
export class RateLimit {
  readonly #burst: number
  readonly #perMs: number
  readonly #clock: Clock
  readonly #buckets = new Map<string, Bucket>()

  constructor(clock: Clock, limit: { readonly burst: number; readonly perMinute: number }) {
    this.#clock = clock
    this.#burst = limit.burst
    this.#perMs = limit.perMinute / 60_000
  }

  /** Takes one. False when there is none left. */
  take(key: string): boolean {
    const now = this.#clock.monotonic()
    const before = this.#buckets.get(key)
    const tokens = before
      ? Math.min(this.#burst, before.tokens + (now - before.at) * this.#perMs)
      : this.#burst
    // Deleted and set anew: the map is in order of last use.
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
    if (this.#buckets.size > MAX_KEYS) {
      const oldest = this.#buckets.keys().next().value
      if (oldest !== undefined) this.#buckets.delete(oldest)
    }
    return tokens >= 1
  }

  /** @throws {PublicError} `rate-limited` */
  require(key: string): void {
    if (!this.take(key)) throw new PublicError('rate-limited', 'Too many tries; wait a minute')
  }
}
