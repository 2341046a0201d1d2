import type { KindName } from './kinds.ts'

/** So long without a loss until a kind counts as told again. */
const QUIET_MS = 5000

/** Which kinds are being lost now, by what their counters of losses say from time to time. */
export class Losing {
  readonly #lostOf: (kind: KindName) => number
  readonly #lost: Map<KindName, number>
  readonly #lastMs = new Map<KindName, number>()

  constructor(kinds: readonly KindName[], lostOf: (kind: KindName) => number) {
    this.#lostOf = lostOf
    this.#lost = new Map(kinds.map((kind) => [kind, lostOf(kind)]))
  }

  /** The kinds that lost something within the last seconds; undefined where they are those of the last time. */
  look(nowMs: number): readonly KindName[] | undefined {
    let changed = false
    for (const [kind, before] of this.#lost) {
      const now = this.#lostOf(kind)
      if (now > before) {
        this.#lost.set(kind, now)
        changed ||= !this.#lastMs.has(kind)
        this.#lastMs.set(kind, nowMs)
      } else if (nowMs - (this.#lastMs.get(kind) ?? nowMs) > QUIET_MS) {
        this.#lastMs.delete(kind)
        changed = true
      }
    }
    return changed ? [...this.#lastMs.keys()] : undefined
  }
}
