const MOST_LINES = 40

/** Remembers what a program wrote last, to tell why it ended. */
export class LastWords {
  readonly #lines: string[] = []

  add(line: string): void {
    this.#lines.push(line)
    if (this.#lines.length > MOST_LINES) this.#lines.shift()
  }

  /** The line that names the error: of a stack trace its head, else the last line that is not empty. */
  reason(): string | undefined {
    const named = this.#lines.findLast((line) => /^(?:Uncaught )?\w*Error\b.*: |^Cannot /.test(line))
    return (named ?? this.#lines.findLast((line) => line.trim() !== ''))?.trim().slice(0, 500)
  }
}
