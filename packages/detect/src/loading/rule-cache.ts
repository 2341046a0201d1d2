import { join } from 'node:path'
import { readCacheFile, writeCacheFile } from './cache-file.ts'
import type { Remembered } from './remembered-rule.ts'
import type { FileStamp } from './rule-files.ts'
import { columnsOf, ruleAt, type RuleColumns } from './rule-columns.ts'

/** Changes whenever the same text would be read as something else, mappings among it. */
const VERSION = 3
const FILE = `rules-${VERSION}.cache`
const LENGTH_BYTES = 4

/** What content was read as, where it had no faults. */
export interface RememberedContent {
  /** Of everything that was read. */
  readonly digest: string
  /** What the documents of each file of mappings hold. */
  readonly mappings: readonly (readonly [file: string, documents: readonly unknown[]])[]
}

/** By file, then by document; documents of a file follow each other. */
interface Index {
  /** What the rules were compiled against. */
  readonly context: string
  readonly content: RememberedContent | null
  readonly files: readonly string[]
  /** By which a file that has not changed is known. */
  readonly sizes: readonly number[]
  readonly times: readonly number[]
  /** Whether a file's documents are rules and nothing else, each for itself. */
  readonly plain: readonly (0 | 1)[]
  /** Documents of each file. */
  readonly counts: readonly number[]
  /** Bytes of each document. */
  readonly lengths: readonly number[]
  readonly rules: RuleColumns
}

/** What a file held. */
export interface RememberedFile {
  /** Whether its documents are rules and nothing else, each for itself. */
  readonly plain: boolean
  /** How many documents it has. */
  readonly count: number
  /** Reads a document: most are never asked for. */
  read(index: number): unknown
}

/** A file that was read since the cache was opened. */
interface FreshFile {
  readonly stamp: FileStamp
  readonly plain: boolean
  readonly documents: readonly Buffer[]
  readonly rules: (Remembered | undefined)[]
}

/** Keys that are for people and that nothing is worked out from. */
const LEFT_OUT = new Set(['references', 'date', 'modified', 'license', 'fields'])

const NOT_PLAIN = ['action', 'correlation', 'filter']

/**
 * What files of rules hold, from the last time they were read: one file, `rules-3.cache`, in a folder of the caller's. It
 * holds the length of an index, the index, and the documents, each of which is read when it is asked for; a file that is
 * damaged, that is another user's, or of another version, is as good as none.
 */
export class RuleCache {
  readonly #path: string
  readonly #index: Index
  readonly #bytes: Buffer
  /** Places of files in the index. */
  readonly #known = new Map<string, number>()
  /** Of each file in the index, where its documents begin: among all, and their bytes. The end comes last. */
  readonly #firsts: Uint32Array
  readonly #starts: Uint32Array
  /** Files of the index that were asked for. */
  readonly #used: Uint8Array
  #usedCount = 0
  readonly #fresh = new Map<string, FreshFile>()
  /** Rules of documents in the index that were compiled anew. */
  readonly #compiled = new Map<number, Remembered | undefined>()
  #content: RememberedContent | undefined
  #changed = false

  private constructor(path: string, index: Index, bytes: Buffer) {
    const { files, counts, lengths } = index
    this.#path = path
    this.#index = index
    this.#bytes = bytes
    this.#content = index.content ?? undefined
    this.#used = new Uint8Array(files.length)
    this.#firsts = new Uint32Array(files.length + 1)
    this.#starts = new Uint32Array(lengths.length + 1)
    for (let at = 0; at < files.length; at += 1) {
      this.#known.set(files[at] as string, at)
      this.#firsts[at + 1] = (this.#firsts[at] as number) + (counts[at] as number)
    }
    for (let at = 0; at < lengths.length; at += 1)
      this.#starts[at + 1] = (this.#starts[at] as number) + (lengths[at] as number)
  }

  /** Reads the cache; never throws. */
  static open(folder: string): RuleCache {
    const path = join(folder, FILE)
    try {
      const body = readCacheFile(path)
      if (body) {
        const end = LENGTH_BYTES + body.readUInt32LE(0)
        // It is written in ASCII, which is read in a fraction of the time.
        const index = JSON.parse(body.toString('latin1', LENGTH_BYTES, end)) as Index
        return new RuleCache(path, index, body.subarray(end))
      }
    } catch {
      // As good as none.
    }
    return new RuleCache(path, NOTHING, Buffer.alloc(0))
  }

  /** What the rules in it were compiled against. */
  get context(): string {
    return this.#index.context
  }

  /** What content of this digest was read as; undefined where it is not known to have no faults. */
  content(digest: string): RememberedContent | undefined {
    return this.#content?.digest === digest ? this.#content : undefined
  }

  setContent(content: RememberedContent): void {
    this.#content = content
    this.#changed = true
  }

  /** What a file held when it was like this; undefined where it is not known or has changed. */
  get(file: string, { size, mtimeMs }: FileStamp): RememberedFile | undefined {
    const at = this.#known.get(file)
    const { sizes, times } = this.#index
    if (at === undefined || sizes[at] !== size || times[at] !== mtimeMs) return undefined
    if (this.#used[at] === 0) this.#usedCount += 1
    this.#used[at] = 1
    return new KnownFile(this, at, this.#index.plain[at] === 1, this.#index.counts[at] ?? 0)
  }

  /** Keeps what a file holds. */
  set(file: string, stamp: FileStamp, documents: readonly unknown[]): void {
    this.#fresh.set(file, {
      stamp,
      plain: documents.every(isPlain),
      documents: documents.map((document) => Buffer.from(JSON.stringify(withoutRemarks(document ?? null)))),
      rules: [],
    })
    this.#changed = true
  }

  /** What a document was compiled to. */
  rule(file: string, index: number): Remembered | undefined {
    const fresh = this.#fresh.get(file)
    if (fresh) return fresh.rules[index]
    const document = this.#documentOf(file, index)
    return document === undefined ? undefined : ruleAt(this.#index.rules, document, file)
  }

  /** Keeps what a document of a file that is kept was compiled to; undefined where it has to be compiled again. */
  setRule(file: string, index: number, rule: Remembered | undefined): void {
    const fresh = this.#fresh.get(file)
    const document = fresh ? undefined : this.#documentOf(file, index)
    if (fresh) fresh.rules[index] = rule
    else if (document === undefined) return
    else if (rule === undefined && ruleAt(this.#index.rules, document, file) === undefined) return
    else this.#compiled.set(document, rule)
    this.#changed = true
  }

  /** The document of that place in a file of the index. */
  read(file: number, index: number): unknown {
    return JSON.parse(this.#documentAt((this.#firsts[file] as number) + index).toString('utf8'))
  }

  /**
   * Writes the files that were asked for or set since it was opened, where that is not what is there.
   *
   * @param context what rules were compiled against
   * @throws {Error} when the folder cannot be written
   */
  async save(context: string): Promise<void> {
    const { files, sizes, times, plain, counts } = this.#index
    if (!this.#changed && this.#usedCount === files.length && context === this.context) return
    const kept = [...this.#used.keys()].filter(
      (at) => this.#used[at] === 1 && !this.#fresh.has(files[at] as string),
    )
    const fresh = [...this.#fresh.values()]
    const own = kept.flatMap((at) => this.#documentsOf(at))
    const documents = [
      ...own.map((document) => this.#documentAt(document)),
      ...fresh.flatMap((file) => file.documents),
    ]
    const rules = [
      ...kept.flatMap((at) =>
        this.#documentsOf(at).map((document) =>
          this.#compiled.has(document)
            ? this.#compiled.get(document)
            : ruleAt(this.#index.rules, document, files[at] as string),
        ),
      ),
      ...fresh.flatMap((file) => file.documents.map((_, index) => file.rules[index])),
    ]
    const index: Index = {
      context,
      content: this.#content ?? null,
      files: [...kept.map((at) => files[at] as string), ...this.#fresh.keys()],
      sizes: [...kept.map((at) => sizes[at] as number), ...fresh.map(({ stamp }) => stamp.size)],
      times: [...kept.map((at) => times[at] as number), ...fresh.map(({ stamp }) => stamp.mtimeMs)],
      plain: [...kept.map((at) => plain[at] as 0 | 1), ...fresh.map((file) => (file.plain ? 1 : 0))],
      counts: [...kept.map((at) => counts[at] as number), ...fresh.map((file) => file.documents.length)],
      lengths: documents.map(({ length }) => length),
      rules: columnsOf(rules),
    }
    const text = Buffer.from(asciiJson(index), 'latin1')
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt32LE(text.length)
    await writeCacheFile(this.#path, [length, text, ...documents])
  }

  #documentOf(file: string, index: number): number | undefined {
    const at = this.#known.get(file)
    return at === undefined || this.#used[at] === 0 ? undefined : (this.#firsts[at] as number) + index
  }

  #documentsOf(file: number): number[] {
    const first = this.#firsts[file] as number
    return Array.from({ length: this.#index.counts[file] ?? 0 }, (_, index) => first + index)
  }

  #documentAt(document: number): Buffer {
    return this.#bytes.subarray(this.#starts[document], this.#starts[document + 1])
  }
}

/** A class rather than a literal: there are thousands. */
class KnownFile implements RememberedFile {
  readonly #cache: RuleCache
  readonly #at: number
  readonly plain: boolean
  readonly count: number

  constructor(cache: RuleCache, at: number, plain: boolean, count: number) {
    this.#cache = cache
    this.#at = at
    this.plain = plain
    this.count = count
  }

  read(index: number): unknown {
    return this.#cache.read(this.#at, index)
  }
}

const NOTHING: Index = {
  context: '',
  content: null,
  files: [],
  sizes: [],
  times: [],
  plain: [],
  counts: [],
  lengths: [],
  rules: columnsOf([]),
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
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
