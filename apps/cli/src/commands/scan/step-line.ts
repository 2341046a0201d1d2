import type { Terminal } from '../../terminal.ts'

const EVERY_MS = 100

/** One line on standard error that says what is done now; nothing where that is no terminal. */
export class StepLine {
  readonly #terminal: Terminal
  #step = ''
  #drawnMs = 0
  #isVisible = false

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** Shown at once where the step is a new one, ten times a second at most otherwise. */
  show(text: string, step: string): void {
    const columns = this.#terminal.errColumns
    if (columns === undefined) return
    const nowMs = performance.now()
    if (step === this.#step && nowMs - this.#drawnMs < EVERY_MS) return
    this.#step = step
    this.#drawnMs = nowMs
    this.#isVisible = true
    this.#terminal.err(`\r\u001b[K${text.slice(0, columns - 1)}`)
  }

  clear(): void {
    if (this.#isVisible) this.#terminal.err('\r\u001b[K')
    this.#isVisible = false
  }
}
