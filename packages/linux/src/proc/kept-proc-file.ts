import { closeSync, openSync, readSync } from 'node:fs'

/** Files of /proc and cgroupfs that are measured give little text; what is longer is cut. */
const BUFFER_BYTES = 16_384
const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)

/**
 * A file of /proc or cgroupfs that is read again and again: opened once, read from its beginning each time. A file of a
 * process that ended gives nothing any more, also when another process has its number. Whoever opened it closes it.
 */
export class KeptProcFile implements Disposable {
  #fd: number | undefined

  private constructor(fd: number) {
    this.#fd = fd
  }

  /** Undefined when it is not there or may not be read. */
  static open(path: string): KeptProcFile | undefined {
    try {
      return new KeptProcFile(openSync(path, 'r'))
    } catch {
      return undefined
    }
  }

  /**
   * What it holds now, at most 16 KiB; undefined when that is gone. A view that the next read of any such file
   * overwrites.
   */
  read(): Buffer | undefined {
    if (this.#fd === undefined) return undefined
    try {
      const size = readSync(this.#fd, buffer, 0, BUFFER_BYTES, 0)
      return buffer.subarray(0, size)
    } catch {
      return undefined
    }
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }
}
