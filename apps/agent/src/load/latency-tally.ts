/** Buckets grow by 2 %, from 0.1 ms to 20 minutes. */
const GROWTH = Math.log(1.02)
const SHORTEST_MS = 0.1
const BUCKETS = Math.ceil(Math.log(1_200_000 / SHORTEST_MS) / GROWTH) + 1

/** How long things took, in buckets, so that any number of them takes the same memory; quantiles are right to 2 %. */
export class LatencyTally {
  readonly #counts = new Float64Array(BUCKETS)
  #total = 0

  add(ms: number, times = 1): void {
    const bucket = ms <= SHORTEST_MS ? 0 : Math.ceil(Math.log(ms / SHORTEST_MS) / GROWTH)
    const at = Math.min(bucket, BUCKETS - 1)
    this.#counts[at] = (this.#counts[at] ?? 0) + times
    this.#total += times
  }

  /** Adds what another one counted, as it told by `buckets`. */
  addAll(buckets: readonly (readonly [number, number])[]): void {
    for (const [at, times] of buckets) {
      if (at < 0 || at >= BUCKETS) continue
      this.#counts[at] = (this.#counts[at] ?? 0) + times
      this.#total += times
    }
  }

  /** Those that hold something: number and count. */
  buckets(): [number, number][] {
    return [...this.#counts.entries()].filter(([, count]) => count > 0)
  }

  /** Nearest rank, the upper end of its bucket, milliseconds; `q` from 0 to 1. Left out when nothing was added. */
  quantile(q: number): number | undefined {
    if (this.#total === 0) return undefined
    const rank = Math.max(1, Math.ceil(q * this.#total))
    let seen = 0
    for (const [at, count] of this.#counts.entries()) {
      seen += count
      if (seen >= rank) return SHORTEST_MS * Math.exp(at * GROWTH)
    }
    return undefined
  }
}
