import { createHash } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type FileFacts, fileFactsSchema } from '@vedette/model'
import { z } from 'zod'

/** A file of the baseline. At least one of `accepted` and `now` is there. */
export interface BaselineEntry {
  /** As somebody, or the first look, took it for right; left out for one that nobody knew. */
  readonly accepted?: FileFacts
  /** As it was seen last; left out for one that is gone. */
  readonly now?: FileFacts
  /** Names the state in which it was seen last. */
  readonly state?: string
}

const lineSchema = z.tuple([
  z.string().min(1).max(65_536),
  z.strictObject({
    accepted: fileFactsSchema.optional(),
    now: fileFactsSchema.optional(),
    /** Where `now` is what was accepted, it is written once. */
    same: z.literal(true).optional(),
    state: z.string().max(256).optional(),
  }),
])

const headSchema = z.strictObject({
  vedette_baseline: z.literal(1),
  paths: z.array(z.string().max(65_536)).max(20_000),
  exclude: z.array(z.string().max(65_536)).max(20_000),
})

/** What a baseline is about: real paths, and what of them is left out. */
export interface Coverage {
  readonly paths: readonly string[]
  readonly exclude: readonly string[]
}

/** A larger file is no baseline of ours. */
const MAX_BYTES = 1 << 30

/** What a kept baseline is worth. */
export type LoadedBaseline =
  | { readonly outcome: 'loaded'; readonly baseline: Baseline }
  | { readonly outcome: 'none' }
  /** Somebody else wrote to it, or it broke. */
  | { readonly outcome: 'damaged'; readonly reason: string }

/** What is known of files, by path. */
export class Baseline {
  readonly #entries: Map<string, BaselineEntry>
  coverage: Coverage

  constructor(
    entries: Iterable<readonly [string, BaselineEntry]> = [],
    coverage: Coverage = { paths: [], exclude: [] },
  ) {
    this.#entries = new Map(entries)
    this.coverage = coverage
  }

  get size(): number {
    return this.#entries.size
  }

  get(path: string): BaselineEntry | undefined {
    return this.#entries.get(path)
  }

  /** Sets what is known; an entry that says nothing is forgotten. */
  set(path: string, entry: BaselineEntry): void {
    if (entry.accepted === undefined && entry.now === undefined) this.#entries.delete(path)
    else this.#entries.set(path, entry)
  }

  entries(): IterableIterator<[string, BaselineEntry]> {
    return this.#entries.entries()
  }

  /** States by path, of files that are there. */
  states(): Map<string, string> {
    const states = new Map<string, string>()
    for (const [path, { now, state }] of this.#entries) if (now !== undefined) states.set(path, state ?? '')
    return states
  }

  /** Takes a file as it was seen last for right. False where nothing was known of it. */
  accept(path: string): boolean {
    const entry = this.#entries.get(path)
    if (entry === undefined) return false
    const { accepted: _, ...seen } = entry
    this.set(path, { ...seen, ...(entry.now !== undefined && { accepted: entry.now }) })
    return true
  }

  /** Files that are not as they were accepted, by path. */
  differing(): [string, BaselineEntry][] {
    return [...this.#entries]
      .filter(([, { accepted, now }]) => accepted !== now)
      .sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** Reads it. Never throws for what the file holds. */
  static async load(file: string): Promise<LoadedBaseline> {
    let text: string
    try {
      text = await readFile(file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { outcome: 'none' }
      throw error
    }
    const end = text.lastIndexOf('\n', text.length - 2) + 1
    const sum = /^\{"sha256":"([0-9a-f]{64})"\}\n$/.exec(text.slice(end))?.[1]
    const [head = ''] = text.split('\n', 1)
    if (text.length > MAX_BYTES || !head.startsWith('{"vedette_baseline":1,') || sum === undefined)
      return { outcome: 'damaged', reason: 'it is cut off, or of another kind' }
    if (createHash('sha256').update(text.slice(0, end)).digest('hex') !== sum)
      return { outcome: 'damaged', reason: 'its checksum is wrong' }
    const entries: [string, BaselineEntry][] = []
    let coverage: Coverage
    try {
      coverage = headSchema.parse(JSON.parse(head))
      for (const line of text.slice(head.length + 1, end).split('\n')) {
        if (line === '') continue
        const [path, { accepted, now, same, state }] = lineSchema.parse(JSON.parse(line))
        const seen = (same === true ? accepted : now) as FileFacts | undefined
        entries.push([
          path,
          {
            ...(accepted !== undefined && { accepted: accepted as FileFacts }),
            ...(seen !== undefined && { now: seen }),
            ...(state !== undefined && { state }),
          },
        ])
      }
    } catch {
      return { outcome: 'damaged', reason: 'a line of it is not as it should be' }
    }
    return { outcome: 'loaded', baseline: new Baseline(entries, coverage) }
  }

  /** Writes it so that a crash leaves what was there or what is new, whole. On disk once it has resolved. */
  async save(file: string): Promise<void> {
    const { paths, exclude } = this.coverage
    const lines = [JSON.stringify({ vedette_baseline: 1, paths, exclude })]
    for (const [path, { accepted, now, state }] of this.#entries) {
      const isSame = accepted !== undefined && accepted === now
      lines.push(JSON.stringify([path, { accepted, ...(isSame ? { same: true } : { now }), state }]))
    }
    const text = `${lines.join('\n')}\n`
    const sum = createHash('sha256').update(text).digest('hex')
    const next = `${file}.next`
    {
      await using handle = await open(next, 'w', 0o600)
      await handle.writeFile(`${text}${JSON.stringify({ sha256: sum })}\n`)
      await handle.sync()
    }
    await rename(next, file)
    await using folder = await open(dirname(file), 'r')
    await folder.sync()
  }
}
