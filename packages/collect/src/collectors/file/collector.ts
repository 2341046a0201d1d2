import { stat } from 'node:fs/promises'
import type { Clock, Counters, Logger } from '@vedette/base'
import type { BlindSpot, LineRecord } from '@vedette/model'
import type { Collector, CollectorContext } from '../../collector.ts'
import type { FileConfig } from './config.ts'
import type { Line } from './line-splitter.ts'
import { expand, folderOf, isPattern, rotatedNames } from './paths.ts'
import { Deliveries } from './deliveries.ts'
import { loadPositions, type Position, savePositions, type SavedPositions } from './positions.ts'
import { fileKey, Tail } from './tail.ts'
import { Wake } from './wake.ts'

/** At most this many lines in a batch. */
const BATCH = 4096
/** Changes that come closer together than this are looked at together. */
const SETTLE_MS = 5

/**
 * Follows files line by line, across rotation, truncation and restarts. Reads only as fast as its batches are taken: what
 * waits, waits in the files, so nothing is lost here.
 */
export class FileCollector implements Collector {
  readonly name = 'file'
  readonly #config: FileConfig
  readonly #log: Logger
  readonly #clock: Clock
  readonly #positionsFile: string | undefined
  readonly #wake = new Wake()
  /** By `fileKey`. In the order in which they were found: what was rotated away comes before what replaced it. */
  readonly #tails = new Map<string, Tail>()
  readonly #refused = new Map<string, string>()
  readonly #deliveries = new Deliveries<SavedPositions>()
  #saving: Promise<void> = Promise.resolve()
  #saved: SavedPositions | undefined
  /** The first look is still to come. */
  #fresh = true
  #delivered = 0
  #truncatedLines = 0
  #batches = 0

  constructor(config: FileConfig, context: CollectorContext) {
    this.#config = config
    this.#log = context.log
    this.#clock = context.clock
    this.#positionsFile =
      context.stateFolder === undefined ? undefined : `${context.stateFolder}/positions.json`
  }

  /** Lines that were longer than 64 KiB and were cut. */
  get truncatedLines(): number {
    return this.#truncatedLines
  }

  async *records(signal: AbortSignal): AsyncGenerator<readonly LineRecord[]> {
    if (this.#fresh) await this.#begin()
    let closely = true
    while (!signal.aborted) {
      await this.#discover()
      const before = this.#batches
      for (const tail of this.#tails.values()) {
        yield* this.#follow(tail, closely, signal)
        if (signal.aborted) return
      }
      yield* this.#closeRotated()
      if (this.#batches > before) {
        closely = false
        continue
      }
      closely = await this.#wake.wait(this.#config.poll_interval_ms, signal)
      if (closely) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    }
  }

  counters(): Counters {
    return { emitted: this.#delivered, delivered: this.#delivered, lost: 0 }
  }

  blindSpots(): readonly BlindSpot[] {
    const spots = [...this.#refused].map(([path, reason]) => ({
      code: 'file-unreadable',
      message: `Lines of ${path} are not seen: ${reason}.`,
    }))
    if (this.#tails.size > 0 || spots.length > 0) return spots
    return [
      {
        code: 'no-logs',
        message:
          `None of the log files is there (${this.#config.paths.join(', ')}): sign-ins that are written elsewhere, such ` +
          'as only to the journal, are not seen.',
      },
    ]
  }

  async commit(batches: number): Promise<void> {
    const positions = this.#deliveries.safe(batches)
    if (positions !== undefined) await this.#save(positions)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#wake[Symbol.dispose]()
    await this.#saving.catch(() => undefined)
    for (const tail of this.#tails.values()) await tail[Symbol.asyncDispose]()
    this.#tails.clear()
  }

  async #begin(): Promise<void> {
    if (this.#positionsFile === undefined) return
    try {
      this.#saved = await loadPositions(this.#positionsFile)
    } catch (error) {
      // Better every line once more than none.
      this.#log.error({ error }, 'saved positions cannot be used; files are read from their beginning')
      this.#saved = { patterns: this.#config.paths, files: [] }
    }
    for (const position of this.#saved?.files ?? []) await this.#resume(position)
  }

  /** Finds the file of a position again: in its place, renamed by a rotation, or as the copy that a rotation left. */
  async #resume(position: Position): Promise<void> {
    const others = rotatedNames(position.path)
    const same = await this.#openSame([position.path, ...others], position)
    if (same !== undefined) {
      this.#tails.set(same.key, same)
      return
    }
    const copy = position.offset === 0 ? undefined : await this.#openCopy(others, position)
    if (copy !== undefined) {
      copy.rotatedAtMs = this.#clock.monotonic()
      this.#tails.set(copy.key, copy)
      return
    }
    if (position.offset > 0) {
      this.#log.warn({ path: position.path }, 'a log was rotated out of reach; its last lines may be missing')
    }
  }

  async #openSame(paths: readonly string[], position: Position): Promise<Tail | undefined> {
    for (const path of paths) {
      const status = await statusOf(path)
      if (status === undefined || fileKey(status) !== `${position.device}:${position.inode}`) continue
      const tail = await this.#open(path, position.path, 'beginning')
      if (tail !== undefined && (await tail.resumeAt(position))) return tail
      await tail?.[Symbol.asyncDispose]()
    }
    return undefined
  }

  async #openCopy(paths: readonly string[], position: Position): Promise<Tail | undefined> {
    for (const path of paths) {
      const tail = await this.#open(path, position.path, 'beginning')
      if (tail === undefined) continue
      if (!this.#tails.has(tail.key) && (await tail.resumeAt(position))) return tail
      await tail[Symbol.asyncDispose]()
    }
    return undefined
  }

  /** Opens what is new under the watched paths, and notices which open files are no longer where they were. */
  async #discover(): Promise<void> {
    const room = this.#config.max_files
    const there = new Set<string>()
    for (const pattern of this.#config.paths) {
      for (const path of await expand(pattern, room)) {
        const status = await statusOf(path)
        if (status === undefined) continue
        const key = fileKey(status)
        there.add(key)
        const known = this.#tails.get(key)
        if (known === undefined) await this.#add(path, pattern)
        else known.rotatedAtMs = undefined
      }
    }
    for (const tail of this.#tails.values()) {
      if (!there.has(tail.key)) tail.rotatedAtMs ??= this.#clock.monotonic()
    }
    this.#wake.follow(new Set(this.#config.paths.map(folderOf)))
    if (!this.#fresh) return
    this.#fresh = false
    if (this.#saved === undefined) await this.#save(this.#positions())
  }

  async #add(path: string, pattern: string): Promise<void> {
    if (this.#tails.size >= this.#config.max_files) {
      this.#refused.set(path, `more than ${this.#config.max_files} files are followed already`)
      return
    }
    const appeared = !this.#fresh || this.#saved?.patterns.includes(pattern) === true
    const tail = await this.#open(path, path, appeared ? 'beginning' : this.#config.start)
    if (tail === undefined) return
    // A rotation that copies may leave the copy under a name that is followed too: its lines were read already.
    if (appeared && isPattern(pattern) && (await this.#isCopy(tail))) return
    this.#tails.set(tail.key, tail)
  }

  async #isCopy(tail: Tail): Promise<boolean> {
    for (const other of this.#tails.values()) {
      if (!(await tail.isCopyOf(other)) || (await other.look(true)) !== 'emptied') continue
      tail.takeOver(other)
      this.#tails.set(tail.key, tail)
      return true
    }
    return false
  }

  async #open(path: string, name: string, at: 'beginning' | 'end'): Promise<Tail | undefined> {
    try {
      const tail = await Tail.open(path, name, at)
      if (tail === undefined) this.#refused.set(path, 'it is not a regular file')
      else this.#refused.delete(path)
      return tail
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code !== 'ENOENT') this.#refused.set(path, code === 'EACCES' ? 'it may not be read' : String(code))
      return undefined
    }
  }

  async *#follow(tail: Tail, closely: boolean, signal: AbortSignal): AsyncGenerator<readonly LineRecord[]> {
    const state = await tail.look(closely)
    if (state === 'same') return
    if (state === 'emptied') yield* this.#readCopy(tail)
    for (let more = true; more && !signal.aborted;) {
      const read = await tail.readLines()
      more = read.more
      yield* this.#batch(tail, read.lines)
    }
    if (tail.rotatedAtMs !== undefined) tail.rotatedAtMs = this.#clock.monotonic()
  }

  /** A file was emptied: what was not read of it yet stands in the copy that the rotation made, if it made one. */
  async *#readCopy(tail: Tail): AsyncGenerator<readonly LineRecord[]> {
    for (const path of rotatedNames(tail.path)) {
      const copy = await this.#open(path, tail.path, 'beginning')
      if (copy === undefined) continue
      if (this.#tails.has(copy.key) || !(await copy.isCopyOf(tail))) {
        await copy[Symbol.asyncDispose]()
        continue
      }
      copy.takeOver(tail)
      this.#tails.set(copy.key, copy)
      for (let more = true; more;) {
        const read = await copy.readLines()
        more = read.more
        yield* this.#batch(copy, read.lines)
      }
      copy.rotatedAtMs = this.#clock.monotonic()
      return
    }
    this.#log.warn({ path: tail.path }, 'a log was emptied; lines written just before may be missing')
    const rest = tail.flush()
    if (rest !== undefined) yield* this.#batch(tail, [rest])
    tail.beginAnew()
  }

  async *#closeRotated(): AsyncGenerator<readonly LineRecord[]> {
    for (const tail of this.#tails.values()) {
      if (tail.rotatedAtMs === undefined) continue
      if (this.#clock.monotonic() - tail.rotatedAtMs < this.#config.linger_ms) continue
      const rest = tail.flush()
      if (rest !== undefined) yield* this.#batch(tail, [rest])
      this.#tails.delete(tail.key)
      await tail[Symbol.asyncDispose]()
    }
  }

  *#batch(tail: Tail, lines: readonly Line[]): Generator<readonly LineRecord[]> {
    for (let start = 0; start < lines.length; start += BATCH) {
      const timeMs = this.#clock.now()
      const records = lines.slice(start, start + BATCH).map(({ text, truncated }): LineRecord => {
        if (truncated) this.#truncatedLines += 1
        return { source: 'line', timeMs, path: tail.path, text, truncated }
      })
      this.#batches += 1
      this.#delivered += records.length
      const last = start + BATCH >= lines.length
      if (last && this.#positionsFile !== undefined) this.#deliveries.given(this.#batches, this.#positions())
      yield records
    }
  }

  #positions(): SavedPositions {
    return { patterns: this.#config.paths, files: [...this.#tails.values()].map((tail) => tail.position()) }
  }

  /** One write at a time, in order. */
  #save(positions: SavedPositions): Promise<void> {
    const file = this.#positionsFile
    if (file === undefined) return Promise.resolve()
    this.#saving = this.#saving.catch(() => undefined).then(() => savePositions(file, positions))
    return this.#saving
  }
}

async function statusOf(path: string) {
  try {
    return await stat(path, { bigint: true })
  } catch {
    return undefined
  }
}
