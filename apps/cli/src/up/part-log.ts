import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const MAX_BYTES = 10 << 20

/** Keeps what the parts log in `NAME.log`, one line each; over 10 MiB the file becomes `NAME.log.1` and a new one begins. */
export class PartLog implements Disposable {
  readonly #path: string
  #fd: number
  #size: number

  constructor(folder: string, name: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#path = join(folder, `${name}.log`)
    this.#fd = openSync(this.#path, 'a', 0o600)
    this.#size = fstatSync(this.#fd).size
  }

  /** Never throws: a full disk must not end the watch. */
  write(line: string): void {
    try {
      if (this.#size > MAX_BYTES) this.#rotate()
      this.#size += writeSync(this.#fd, `${line}\n`)
    } catch {
      // Nobody can be told in the place that is full.
    }
  }

  #rotate(): void {
    renameSync(this.#path, `${this.#path}.1`)
    const next = openSync(this.#path, 'a', 0o600)
    closeSync(this.#fd)
    this.#fd = next
    this.#size = 0
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }
}
