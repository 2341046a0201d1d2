import { trimMemory, trimProgram } from '@vedette/linux'

/** After the start, and when what is told at first has been told. */
const SOON_MS = 15_000
/** What is done now and then needs pages too. */
const REPEAT_MS = 60_000

/**
 * Gives back what the start took and nothing needs any more: memory of the C library, and pages of the program. The next
 * time soon, and then once a minute: it costs some ten milliseconds.
 */
export class Trimming implements Disposable {
  #timer: NodeJS.Timeout

  constructor() {
    trim()
    this.#timer = setTimeout(() => this.#again(), SOON_MS)
    this.#timer.unref()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #again(): void {
    trim()
    this.#timer = setTimeout(() => this.#again(), REPEAT_MS)
    this.#timer.unref()
  }
}

function trim(): void {
  trimMemory()
  trimProgram()
}
