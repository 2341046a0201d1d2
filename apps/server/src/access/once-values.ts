import type { Clock } from '@vedette/base'

/** Values that are kept; beyond it the oldest are forgotten, so that many askers cannot fill the memory. */
const MAX_VALUES = 10_000

/**
 * What was begun and has to be finished by the same asker soon: each value is taken once, and no more after its time.
 * Kept in memory: after a restart people begin anew.
 */
export class OnceValues<T> {
  readonly #values = new Map<string, { readonly value: T; readonly until: number }>()
  readonly #clock: Clock
  readonly #lifetimeMs: number

  constructor(clock: Clock, lifetimeMs: number) {
    this.#clock = clock
    this.#lifetimeMs = lifetimeMs
  }

  /** @param key random, at least 128 bits */
  put(key: string, value: T): void {
    this.#values.set(key, { value, until: this.#clock.monotonic() + this.#lifetimeMs })
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= MAX_VALUES) break
      this.#values.delete(oldest)
    }
  }

  /** Undefined when there is none, when it was taken before, or when its time is over. */
  take(key: string): T | undefined {
    const found = this.#values.get(key)
    this.#values.delete(key)
    return found && found.until > this.#clock.monotonic() ? found.value : undefined
  }
}
