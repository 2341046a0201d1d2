import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Remembered } from './remembered-rule.ts'
import type { FileStamp } from './rule-files.ts'

/** Changes whenever the same text would be read as something else. */
const VERSION = 1
const FILE = `rules-${VERSION}.cache`
const DIGEST_BYTES = 32

/** A file in the cache: path, size, time of last change, what its documents hold, and what they were compiled to. */
type Row = [
  file: string,
  size: number,
  mtimeMs: number,
  documents: readonly unknown[],
  rules: (Remembered | null)[],
]

interface Kept {
  /** What the rules were compiled against. */
  readonly context: string
  readonly rows: readonly Row[]
}

/** Keys that are for people and that nothing is worked out from. */
const LEFT_OUT = new Set(['references', 'date', 'modified', 'license', 'fields'])

/**
 * What files of rules hold, from the last time they were read: one file, `rules-1.cache`, in a folder of the caller's. It
 * begins with a SHA-256 of the rest; a file that is damaged, or of another version, is as good as none.
 */
export class RuleCache {
  readonly #folder: string
  readonly #known: ReadonlyMap<string, Row>
  readonly #rows = new Map<string, Row>()
  /** What the rules in it were compiled against. */
  readonly context: string
  #changed = false

  private constructor(folder: string, { context, rows }: Kept) {
    this.#folder = folder
    this.#known = new Map(rows.map((row) => [row[0], row]))
    this.context = context
  }

  /** Reads the cache; never throws. */
  static async open(folder: string): Promise<RuleCache> {
    try {
      const bytes = await readFile(join(folder, FILE))
      const body = bytes.subarray(DIGEST_BYTES)
      const isWhole = digest(body).equals(bytes.subarray(0, DIGEST_BYTES))
      return new RuleCache(folder, isWhole ? (JSON.parse(body.toString('utf8')) as Kept) : NOTHING)
    } catch {
      return new RuleCache(folder, NOTHING)
    }
  }

  /** What a file held when it was like this; undefined where it is not known or has changed. */
  get(file: string, { size, mtimeMs }: FileStamp): readonly unknown[] | undefined {
    const row = this.#known.get(file)
    if (!row || row[1] !== size || row[2] !== mtimeMs) return undefined
    this.#rows.set(file, row)
    return row[3]
  }

  /** Keeps what a file holds. */
  set(file: string, { size, mtimeMs }: FileStamp, documents: readonly unknown[]): void {
    this.#rows.set(file, [file, size, mtimeMs, documents.map(withoutRemarks), []])
    this.#changed = true
  }

  /** What a document was compiled to. */
  rule(file: string, index: number): Remembered | undefined {
    return this.#rows.get(file)?.[4][index] ?? undefined
  }

  /** Keeps what a document of a file that is kept was compiled to; undefined where it has to be compiled again. */
  setRule(file: string, index: number, rule: Remembered | undefined): void {
    const row = this.#rows.get(file)
    if (!row || (rule === undefined && !row[4][index])) return
    row[4][index] = rule ?? null
    this.#changed = true
  }

  /**
   * Writes the files that were asked for or set since it was opened, where that is not what is there.
   *
   * @param context what rules were compiled against
   * @throws {Error} when the folder cannot be written
   */
  async save(context: string): Promise<void> {
    if (!this.#changed && this.#rows.size === this.#known.size && context === this.context) return
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const body = Buffer.from(
      JSON.stringify({ context, rows: [...this.#rows.values()] } satisfies Kept),
      'utf8',
    )
    const path = join(this.#folder, FILE)
    const draft = `${path}.${process.pid}`
    await writeFile(draft, Buffer.concat([digest(body), body]), { mode: 0o600 })
    await rename(draft, path)
  }
}

const NOTHING: Kept = { context: '', rows: [] }

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function withoutRemarks(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return data
  return Object.fromEntries(Object.entries(data).filter(([key]) => !LEFT_OUT.has(key)))
}
