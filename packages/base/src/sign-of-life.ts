/** How often a thread or process that is well says so. */
export const SIGN_OF_LIFE_MS = 1000

/**
 * For how long somebody has not been heard, as far as this thread can tell: while it was held up itself, it could hear
 * nobody. Whoever made it disposes of it.
 */
export class SignOfLife implements Disposable {
  #heardMs = performance.now()
  #tickMs = this.#heardMs
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#timer = setInterval(() => this.#tick(), SIGN_OF_LIFE_MS)
    this.#timer.unref()
  }

  heard(): void {
    this.#heardMs = performance.now()
  }

  silentMs(): number {
    const nowMs = performance.now()
    // What was said meanwhile is still to be heard.
    return nowMs - this.#tickMs > 2 * SIGN_OF_LIFE_MS ? 0 : nowMs - this.#heardMs
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #tick(): void {
    const nowMs = performance.now()
    if (nowMs - this.#tickMs > 2 * SIGN_OF_LIFE_MS) this.#heardMs = nowMs
    this.#tickMs = nowMs
  }
}
