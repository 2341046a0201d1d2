import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Remembered } from './remembered-rule.ts'
import type { FileStamp } from './rule-files.ts'

/** Changes whenever the same text would be read as something else. */
const VERSION = 2
const FILE = `rules-${VERSION}.cache`
const DIGEST_BYTES = 32
const LENGTH_BYTES = 4

/** Where the JSON of a document stands behind the index, in bytes. */
type Place = readonly [start: number, length: number]

/** A file in the cache: path, size, time of last change, its documents, and what they were compiled to. */
type Row = [
  file: string,
  size: number,
  mtimeMs: number,
  documents: readonly Place[],
  /** Whether its documents are rules and nothing else, each for itself. */
  plain: 0 | 1,
  rules: (Remembered | null)[],
]

interface Index {
  /** What the rules were compiled against. */
  readonly context: string
  readonly rows: readonly Row[]
}

/** What a file held. */
export interface RememberedFile {
  /** Whether its documents are rules and nothing else, each for itself. */
  readonly plain: boolean
  /** One function a document, which reads it: most are never asked for. */
  readonly documents: readonly (() => unknown)[]
}

/** Keys that are for people and that nothing is worked out from. */
const LEFT_OUT = new Set(['references', 'date', 'modified', 'license', 'fields'])

const NOT_PLAIN = ['action', 'correlation', 'filter']

/**
 * What files of rules hold, from the last time they were read: one file, `rules-2.cache`, in a folder of the caller's. It
 * holds a SHA-256 of the rest, the length of an index, the index, and the documents, each of which is read when it is
 * asked for; a file that is damaged, or of another version, is as good as none.
 */
export class RuleCache {
  readonly #folder: string
  readonly #known: ReadonlyMap<string, Row>
  readonly #bytes: Buffer
  readonly #rows = new Map<string, Row>()
  /** Documents of rows that were set since it was opened. */
  readonly #fresh = new Map<Row, readonly Buffer[]>()
  /** What the rules in it were compiled against. */
  readonly context: string
  #changed = false

  private constructor(folder: string, { context, rows }: Index, bytes: Buffer) {
    this.#folder = folder
    this.#known = new Map(rows.map((row) => [row[0], row]))
    this.#bytes = bytes
    this.context = context
  }

  /** Reads the cache; never throws. */
  static async open(folder: string): Promise<RuleCache> {
    try {
      const bytes = await readFile(join(folder, FILE))
      const body = bytes.subarray(DIGEST_BYTES)
      if (!digest(body).equals(bytes.subarray(0, DIGEST_BYTES))) return nothing(folder)
      const end = LENGTH_BYTES + body.readUInt32LE(0)
      const index = JSON.parse(body.toString('utf8', LENGTH_BYTES, end)) as Index
      return new RuleCache(folder, index, body.subarray(end))
    } catch {
      return nothing(folder)
    }
    function nothing(where: string): RuleCache {
      return new RuleCache(where, { context: '', rows: [] }, Buffer.alloc(0))
    }
  }

  /** What a file held when it was like this; undefined where it is not known or has changed. */
  get(file: string, { size, mtimeMs }: FileStamp): RememberedFile | undefined {
    const row = this.#known.get(file)
    if (!row || row[1] !== size || row[2] !== mtimeMs) return undefined
    this.#rows.set(file, row)
    return {
      plain: row[4] === 1,
      documents: row[3].map((place) => () => JSON.parse(this.#at(place).toString('utf8'))),
    }
  }

  /** Keeps what a file holds. */
  set(file: string, { size, mtimeMs }: FileStamp, documents: readonly unknown[]): void {
    const row: Row = [file, size, mtimeMs, [], documents.every(isPlain) ? 1 : 0, []]
    this.#rows.set(file, row)
    this.#fresh.set(
      row,
      documents.map((document) => Buffer.from(JSON.stringify(withoutRemarks(document ?? null)), 'utf8')),
    )
    this.#changed = true
  }

  /** What a document was compiled to. */
  rule(file: string, index: number): Remembered | undefined {
    return this.#rows.get(file)?.[5][index] ?? undefined
  }

  /** Keeps what a document of a file that is kept was compiled to; undefined where it has to be compiled again. */
  setRule(file: string, index: number, rule: Remembered | undefined): void {
    const row = this.#rows.get(file)
    if (!row || (rule === undefined && !row[5][index])) return
    row[5][index] = rule ?? null
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
    const documents: Buffer[] = []
    let length = 0
    const rows = [...this.#rows.values()].map((row): Row => {
      const own = this.#fresh.get(row) ?? row[3].map((place) => this.#at(place))
      const places = own.map((bytes): Place => {
        documents.push(bytes)
        length += bytes.length
        return [length - bytes.length, bytes.length]
      })
      return [row[0], row[1], row[2], places, row[4], row[5]]
    })
    const index = Buffer.from(JSON.stringify({ context, rows } satisfies Index), 'utf8')
    const indexLength = Buffer.alloc(LENGTH_BYTES)
    indexLength.writeUInt32LE(index.length)
    const body = Buffer.concat([indexLength, index, ...documents])
    const path = join(this.#folder, FILE)
    const draft = `${path}.${process.pid}`
    await writeFile(draft, Buffer.concat([digest(body), body]), { mode: 0o600 })
    await rename(draft, path)
  }

  #at([start, length]: Place): Buffer {
    return this.#bytes.subarray(start, start + length)
  }
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function isPlain(data: unknown): boolean {
  return isMap(data) && !NOT_PLAIN.some((key) => key in data)
}

function withoutRemarks(data: unknown): unknown {
  if (!isMap(data)) return data
  return Object.fromEntries(Object.entries(data).filter(([key]) => !LEFT_OUT.has(key)))
}

function isMap(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}
