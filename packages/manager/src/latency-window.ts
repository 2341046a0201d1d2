/** The last `size` durations, for quantiles that show what is and not what once was. */
export class LatencyWindow {
  readonly #values: Float64Array
  #next = 0
  #count = 0

  constructor(size = 1000) {
    this.#values = new Float64Array(size)
  }

  add(ms: number): void {
    this.#values[this.#next] = ms
    this.#next = (this.#next + 1) % this.#values.length
    this.#count = Math.min(this.#count + 1, this.#values.length)
  }

  /** The smallest value that a share `q` (0 to 1) of them does not exceed; left out while there are none. */
  quantile(q: number): number | undefined {
    if (this.#count === 0) return undefined
    const sorted = this.#values.slice(0, this.#count).sort()
    return sorted[Math.max(0, Math.ceil(q * this.#count) - 1)]
  }
}
