/** At most this many states are kept. Beyond, every second one is dropped: a safe point may then come later. */
const MAX_KEPT = 1024

/** What state belongs to which batch, until the batch is known to be safe. */
export class Deliveries<State> {
  #kept: { readonly batch: number; readonly state: State }[] = []

  /** Batch number `batch` was given out; `state` says how far that is. Numbers rise. */
  given(batch: number, state: State): void {
    this.#kept.push({ batch, state })
    if (this.#kept.length > MAX_KEPT) this.#kept = this.#kept.filter((_, i) => i % 2 === 1)
  }

  /** The state after the last batch up to `batches`; undefined when there is no newer one than at the last call. */
  safe(batches: number): State | undefined {
    const index = this.#kept.findLastIndex(({ batch }) => batch <= batches)
    const found = this.#kept[index]
    this.#kept = this.#kept.slice(index + 1)
    return found?.state
  }
}
