/** How many live values wait for a reader that is busy. */
const CAPACITY = 1000

/**
 * A bounded buffer between a socket that pushes and a reader that pulls. When it is full the newest value is dropped
 * and `onLost` is told how many have been dropped so far.
 */
export class LiveValues<T> {
  readonly #onLost: (lost: number) => void
  readonly #values: T[] = []
  #lost = 0
  #ended = false
  #error: unknown
  #wake: (() => void) | undefined

  constructor(onLost: (lost: number) => void) {
    this.#onLost = onLost
  }

  push(value: T): void {
    if (this.#ended) return
    if (this.#values.length >= CAPACITY) {
      this.#lost += 1
      this.#onLost(this.#lost)
      return
    }
    this.#values.push(value)
    this.#wake?.()
  }

  /** No more values. With an error the reader gets it after the values that are left. */
  end(error?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    this.#wake?.()
  }

  /** Values until the end; `stop` is called once when the reader leaves or the end is reached. */
  async *read(stop: () => void): AsyncGenerator<T> {
    try {
      while (true) {
        while (this.#values.length > 0) yield this.#values.shift() as T
        if (this.#ended) {
          if (this.#error !== undefined) throw this.#error
          return
        }
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        this.#wake = undefined
      }
    } finally {
      stop()
    }
  }
}
