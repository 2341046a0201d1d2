import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileStamp } from './rule-files.ts'

/** Changes whenever the same text would be read as something else. */
const VERSION = 1
const FILE = `rules-${VERSION}.cache`
const DIGEST_BYTES = 32

/** A file in the cache: path, size, time of last change, and what its documents hold. */
type Row = readonly [string, number, number, readonly unknown[]]

/** Keys that are for people and that nothing is worked out from. */
const LEFT_OUT = new Set(['references', 'date', 'modified', 'license', 'fields'])

/**
 * What files of rules hold, from the last time they were read: one file, `rules-1.cache`, in a folder of the caller's. It
 * begins with a SHA-256 of the rest; a file that is damaged, or of another version, is as good as none.
 */
export class RuleCache {
  readonly #folder: string
  readonly #known: ReadonlyMap<string, Row>
  readonly #rows: Row[] = []
  #changed = false

  private constructor(folder: string, known: ReadonlyMap<string, Row>) {
    this.#folder = folder
    this.#known = known
  }

  /** Reads the cache; never throws. */
  static async open(folder: string): Promise<RuleCache> {
    try {
      const bytes = await readFile(join(folder, FILE))
      const body = bytes.subarray(DIGEST_BYTES)
      if (!digest(body).equals(bytes.subarray(0, DIGEST_BYTES))) return new RuleCache(folder, new Map())
      const rows = JSON.parse(body.toString('utf8')) as readonly Row[]
      return new RuleCache(folder, new Map(rows.map((row) => [row[0], row])))
    } catch {
      return new RuleCache(folder, new Map())
    }
  }

  /** What a file held when it was like this; undefined where it is not known or has changed. */
  get(file: string, { size, mtimeMs }: FileStamp): readonly unknown[] | undefined {
    const row = this.#known.get(file)
    if (!row || row[1] !== size || row[2] !== mtimeMs) return undefined
    this.#rows.push(row)
    return row[3]
  }

  /** Keeps what a file holds. */
  set(file: string, { size, mtimeMs }: FileStamp, documents: readonly unknown[]): void {
    this.#rows.push([file, size, mtimeMs, documents.map(withoutRemarks)])
    this.#changed = true
  }

  /**
   * Writes the files that were asked for or set since it was opened, where that is not what is there.
   *
   * @throws {Error} when the folder cannot be written
   */
  async save(): Promise<void> {
    if (!this.#changed && this.#rows.length === this.#known.size) return
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const body = Buffer.from(JSON.stringify(this.#rows), 'utf8')
    const path = join(this.#folder, FILE)
    const draft = `${path}.${process.pid}`
    await writeFile(draft, Buffer.concat([digest(body), body]), { mode: 0o600 })
    await rename(draft, path)
  }
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function withoutRemarks(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return data
  return Object.fromEntries(Object.entries(data).filter(([key]) => !LEFT_OUT.has(key)))
}
