import type { Clock } from '@vedette/base'

/** The real clock, moved by hand. */
export class MovedClock implements Clock {
  #ahead = 0

  now(): number {
    return Date.now() + this.#ahead
  }

  monotonic(): number {
    return performance.now() + this.#ahead
  }

  forward(ms: number): void {
    this.#ahead += ms
  }
}
