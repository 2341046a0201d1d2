import type { Invocation } from '../../command.ts'

/** One line on standard error that is drawn over; nothing where that is no terminal. */
export class OneLine {
  readonly #invocation: Invocation
  #visible = false

  constructor(invocation: Invocation) {
    this.#invocation = invocation
  }

  show(text: string): void {
    const { terminal, style } = this.#invocation
    if (terminal.errColumns === undefined) return
    this.#visible = true
    terminal.err(`\r\u001b[K${style.dim(text.slice(0, terminal.errColumns - 1))}`)
  }

  /** Takes the line away, before something else is written. */
  clear(): void {
    if (this.#visible) this.#invocation.terminal.err('\r\u001b[K')
    this.#visible = false
  }
}
