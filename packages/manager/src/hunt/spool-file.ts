import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where a text lies in a spool. */
export interface Place {
  readonly offset: number
  readonly sizeBytes: number
}

/** Bytes that are gathered before they are written. Small hunts never touch the disk. */
const BUFFER_BYTES = 4 << 20

/**
 * Bytes put aside, in memory as long as they are few and else in a file of the system's temporary folder. The file has no
 * name from the moment that it is open: nobody else can open it, and it goes away with this process, however that ends.
 */
export class SpoolFile {
  #buffer = Buffer.allocUnsafe(64 * 1024)
  #filled = 0
  #written = 0
  #file: number | undefined

  /** Bytes in it. */
  get sizeBytes(): number {
    return this.#written + this.#filled
  }

  append(data: string | Uint8Array): Place {
    const sizeBytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length
    const offset = this.sizeBytes
    this.#makeRoom(sizeBytes)
    if (typeof data === 'string') this.#buffer.write(data, this.#filled, 'utf8')
    else this.#buffer.set(data, this.#filled)
    this.#filled += sizeBytes
    return { offset, sizeBytes }
  }

  read({ offset, sizeBytes }: Place): Buffer {
    const bytes = Buffer.allocUnsafe(sizeBytes)
    const fromFile = Math.max(0, Math.min(sizeBytes, this.#written - offset))
    for (let at = 0; at < fromFile;) {
      const read = readSync(this.#file as number, bytes, at, fromFile - at, offset + at)
      if (read === 0) throw new RangeError(`the spool ends before ${offset + sizeBytes}`)
      at += read
    }
    const start = Math.max(0, offset - this.#written)
    this.#buffer.copy(bytes, fromFile, start, start + sizeBytes - fromFile)
    return bytes
  }

  /** Forgets what is in it. */
  clear(): void {
    this.#filled = 0
    this.#written = 0
    if (this.#file !== undefined) ftruncateSync(this.#file)
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    this.#buffer = Buffer.alloc(0)
  }

  #makeRoom(sizeBytes: number): void {
    if (this.#filled + sizeBytes <= this.#buffer.length) return
    if (this.#filled + sizeBytes > BUFFER_BYTES) this.#flush()
    const wanted = this.#filled + sizeBytes
    if (wanted <= this.#buffer.length) return
    const grown = Buffer.allocUnsafe(Math.max(wanted, Math.min(BUFFER_BYTES, this.#buffer.length * 4)))
    this.#buffer.copy(grown, 0, 0, this.#filled)
    this.#buffer = grown
  }

  #flush(): void {
    this.#file ??= openNameless()
    for (let at = 0; at < this.#filled;) {
      at += writeSync(this.#file, this.#buffer, at, this.#filled - at, this.#written + at)
    }
    this.#written += this.#filled
    this.#filled = 0
  }
}

function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-hunt-'))
  try {
    return openSync(join(folder, 'spool'), 'wx+', 0o600)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
