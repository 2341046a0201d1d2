import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Clock, Logger } from '@vedette/base'
import type { FileConfig } from './config.ts'
import { expand, filesBeside, folderOf, isPattern, isRotationOf } from './paths.ts'
import { isPackedRotationOf, openPacked } from './packed.ts'
import { type Patience, Unanswered } from './patience.ts'
import type { Position, SavedPositions } from './positions.ts'
import { fileKey, Tail } from './tail.ts'

/** File systems tell times by a clock that ticks some hundred times a second. */
const BORN_SLACK_MS = 50
const SILENT = 'its file system does not answer'

/**
 * Which files are read: those that stand under the watched paths, those that were rotated away from there a moment ago,
 * and the copies that a rotation left of files that it emptied.
 */
export class FollowedFiles implements AsyncDisposable {
  readonly #config: FileConfig
  readonly #log: Logger
  readonly #clock: Clock
  readonly #patience: Patience
  /** By `fileKey`, in the order in which they were found: what was rotated away comes before what replaced it. */
  readonly #tails = new Map<string, Tail>()
  /** By path: why it is not read. */
  readonly #refused = new Map<string, string>()
  /** By `fileKey`: copies of which it was not clear yet whether their lines come from elsewhere. */
  readonly #suspects = new Set<string>()
  /** Where an earlier run was in files whose file system does not answer. */
  #owed: readonly Position[] = []
  /** Patterns that were watched in an earlier run, or at an earlier look. */
  #watched: ReadonlySet<string> = new Set()
  /** When it last looked at what is there, milliseconds since the epoch. */
  #lookedMs = 0

  constructor(config: FileConfig, log: Logger, clock: Clock, patience: Patience) {
    this.#patience = patience
    this.#config = config
    this.#log = log
    this.#clock = clock
  }

  /** Those whose file systems answer. */
  get tails(): readonly Tail[] {
    return [...this.#tails.values()].filter(({ path }) => !this.#patience.isRefused(path))
  }

  get refused(): ReadonlyMap<string, string> {
    return this.#refused
  }

  /** How far each of them was read, in whole lines. */
  positions(): SavedPositions {
    return {
      patterns: this.#config.paths,
      savedMs: this.#lookedMs,
      files: [...[...this.#tails.values()].map((tail) => tail.position()), ...this.#owed],
    }
  }

  /** Goes on where an earlier run was. To be called once, first. */
  async resume(saved: SavedPositions): Promise<void> {
    this.#watched = new Set(saved.patterns)
    this.#lookedMs = saved.savedMs
    await this.#resumeAll(saved.files)
  }

  async #resumeAll(positions: readonly Position[]): Promise<void> {
    const lost: Position[] = []
    const owed: Position[] = []
    for (const position of positions) {
      const isResumed = !this.#patience.isRefused(position.path) && (await this.#resume(position))
      if (isResumed) continue
      if (this.#patience.isRefused(position.path)) owed.push(position)
      else lost.push(position)
    }
    this.#owed = owed
    for (const path of new Set(lost.map((position) => position.path))) {
      await this.#resumePacked(
        path,
        lost.filter((position) => position.path === path),
      )
    }
    for (const path of new Set(positions.map(({ path }) => path))) await this.#addMissed(path)
  }

  /**
   * Finds the file of a position again: in its place, renamed by a rotation, or as the copy that a rotation left. False where
   * it is not there any more.
   */
  async #resume(position: Position): Promise<boolean> {
    const beside = await this.#beside(position.path)
    const isSame = (key: string) => key === `${position.device}:${position.inode}`
    const same = await this.#openAt([position.path, ...beside], position, isSame)
    if (same !== undefined) {
      // It may have been taken for the copy of another.
      await this.#tails.get(same.key)?.[Symbol.asyncDispose]()
      this.#tails.set(same.key, same)
      return true
    }
    // Of a file of which nothing was read anything could be the copy.
    if (position.offset === 0) return true
    const copy = await this.#openAt(beside, position, (key) => !this.#tails.has(key))
    if (copy !== undefined) this.#leave(copy)
    await this.#resumeRefilled(position, beside, isSame)
    return copy !== undefined
  }

  /**
   * Goes on in what a rotation packed while nobody read: where a position is, and in what was written after it from the
   * beginning. Packing keeps the time of a file's last change.
   */
  async #resumePacked(path: string, lost: readonly Position[]): Promise<void> {
    const found: { readonly file: string; readonly modifiedMs: number }[] = []
    for (const file of await this.#beside(path)) {
      if (!isPackedRotationOf(path, file)) continue
      const modifiedMs = Number((await this.#statusOf(file))?.mtimeMs ?? 0)
      if (modifiedMs >= this.#lookedMs - BORN_SLACK_MS) found.push({ file, modifiedMs })
    }
    const missing = new Set(lost)
    for (const { file } of found.sort((a, b) => a.modifiedMs - b.modifiedMs)) {
      const tail = await openPacked(file, path, this.#patience)
      if (tail === undefined) continue
      let isKnown = false
      for (const other of this.tails) isKnown ||= await tail.isCopyOf(other)
      for (const position of missing) {
        if (isKnown || !(await tail.resumeAt(position))) continue
        missing.delete(position)
        break
      }
      if (isKnown) await tail[Symbol.asyncDispose]()
      else this.#leave(tail)
    }
    if (missing.size > 0) {
      this.#log.warn({ path }, 'a log was rotated out of reach; its last lines may be missing')
    }
  }

  /** A file that was emptied, filled anew and then renamed: what it holds now was never read. */
  async #resumeRefilled(
    position: Position,
    beside: readonly string[],
    isSame: (key: string) => boolean,
  ): Promise<void> {
    for (const path of beside) {
      const status = isRotationOf(position.path, path) ? await this.#statusOf(path) : undefined
      if (status === undefined || !isSame(fileKey(status)) || this.#tails.has(fileKey(status))) continue
      // Its number may be another file's by now; one that nobody has written to since is not meant.
      if (Number(status.mtimeMs) < this.#lookedMs - BORN_SLACK_MS) continue
      const tail = await this.#open(path, position.path, 'beginning')
      if (tail !== undefined) this.#leave(tail)
      return
    }
  }

  /** Opens the first of some files that may be meant and holds what was read up to a position. */
  async #openAt(
    paths: readonly string[],
    position: Position,
    mayBe: (key: string) => boolean,
  ): Promise<Tail | undefined> {
    for (const path of paths) {
      const status = await this.#statusOf(path)
      if (status === undefined || !mayBe(fileKey(status))) continue
      const tail = await this.#open(path, position.path, 'beginning')
      if (tail === undefined) continue
      if (await tail.resumeAt(position)) return tail
      await tail[Symbol.asyncDispose]()
    }
    return undefined
  }

  /** Opens what is new under the watched paths, and notices which open files are no longer where they were. */
  async look(): Promise<void> {
    const lookedMs = this.#clock.now()
    // What was rotated away before anybody looked is nothing that was missed.
    if (this.#lookedMs === 0) this.#lookedMs = lookedMs
    const there = new Set<string>()
    if (this.#owed.some(({ path }) => !this.#patience.isRefused(path))) await this.#resumeAll(this.#owed)
    for (const pattern of this.#config.paths) {
      for (const path of await this.#expand(pattern)) {
        const status = await this.#statusOf(path)
        if (status === undefined) continue
        there.add(fileKey(status))
        const known = this.#tails.get(fileKey(status))
        if (known === undefined) await this.#add(path, pattern, status)
        else known.rotatedAtMs = undefined
      }
    }
    for (const tail of this.tails) {
      if (!there.has(tail.key)) tail.rotatedAtMs ??= this.#clock.monotonic()
      // That a file was filled, copied and emptied shows in itself only where some of it had been read.
      else if (!tail.isSettled || this.#suspects.size > 0) await this.#addMissed(tail.path)
      tail.isSettled = !tail.isUnread
    }
    this.#lookedMs = lookedMs
    this.#watched = new Set(this.#config.paths)
  }

  async #add(path: string, pattern: string, status: BigIntStats): Promise<void> {
    if (this.#tails.size >= this.#config.max_files) {
      this.#refused.set(path, `more than ${this.#config.max_files} files are followed already`)
      return
    }
    const appeared = this.#watched.has(pattern)
    const tail = await this.#open(path, path, appeared ? 'beginning' : this.#config.start)
    if (tail === undefined) return
    if ([...this.#tails.values()].some((other) => other.path === path)) await this.#addMissed(path)
    if (appeared && isPattern(pattern) && (await this.#isCopy(tail, path, status.size))) return
    // It was rotated away just now, and found there.
    if (this.#tails.has(tail.key)) await tail[Symbol.asyncDispose]()
    else this.#tails.set(tail.key, tail)
  }

  /**
   * A rotation that copies may leave the copy under a name that is followed too: its lines were read already, but for the
   * rest. Whether that is so is clear once the original was emptied; until then it is left for the next look.
   */
  async #isCopy(tail: Tail, path: string, size: bigint): Promise<boolean> {
    for (const other of this.tails) {
      const started = size === 0n && isRotationOf(other.path, path)
      if (!started && !(await tail.isCopyOf(other)) && !(await other.beginsWithAllOf(tail))) continue
      if (!started && (await tail.isCopyOf(other)) && (await other.wasEmptied())) {
        tail.takeOver(other)
        this.#tails.set(tail.key, tail)
      } else await tail[Symbol.asyncDispose]()
      return true
    }
    return false
  }

  /**
   * Takes up files that were made and rotated away again between two looks. They were never seen in their place: they are
   * called as a rotation calls them, and were made since the last look.
   */
  async #addMissed(path: string): Promise<void> {
    const found: { readonly tail: Tail; readonly born: bigint }[] = []
    for (const file of await this.#beside(path)) {
      if (!isRotationOf(path, file)) continue
      const status = await this.#statusOf(file)
      if (status === undefined || this.#tails.has(fileKey(status))) continue
      const fresh = Number(status.birthtimeMs) >= this.#lookedMs - BORN_SLACK_MS
      if (!fresh && !this.#suspects.has(fileKey(status))) continue
      this.#suspects.delete(fileKey(status))
      const tail = await this.#open(file, path, 'beginning')
      if (tail === undefined) continue
      if (await this.#isMissed(tail, status.size)) found.push({ tail, born: status.birthtimeNs })
      else await tail[Symbol.asyncDispose]()
    }
    for (const { tail } of found.sort((a, b) => Number(a.born - b.born))) this.#leave(tail)
  }

  /** Whether its lines stand nowhere else: not in a file that is followed, nor is it the rest of one. */
  async #isMissed(tail: Tail, size: bigint): Promise<boolean> {
    for (const other of this.tails) {
      if (await tail.isCopyOf(other)) return false
      // A copy of a file that was not emptied yet, or a copy in the making: the next look will tell.
      if (size > 0n && !(await other.beginsWithAllOf(tail))) continue
      this.#suspects.add(tail.key)
      return false
    }
    return true
  }

  /**
   * A file was emptied: finds the copy that the rotation made before, goes on in it where the file was, and begins the
   * file anew. Without a copy it warns and begins anew; the caller flushes the file before.
   */
  async takeUpCopy(tail: Tail): Promise<Tail | undefined> {
    for (const path of await this.#beside(tail.path)) {
      const copy = await this.#open(path, tail.path, 'beginning')
      if (copy === undefined) continue
      if (this.#tails.has(copy.key) || !(await copy.isCopyOf(tail))) {
        await copy[Symbol.asyncDispose]()
        continue
      }
      copy.takeOver(tail)
      this.#leave(copy)
      await this.#addMissed(tail.path)
      return copy
    }
    this.#log.warn({ path: tail.path }, 'a log was emptied; lines written just before may be missing')
    await this.#addMissed(tail.path)
    return undefined
  }

  /** Those that were rotated away and did not grow for as long as they are kept. */
  settledRotations(): Tail[] {
    const since = this.#clock.monotonic() - this.#config.linger_ms
    return this.tails.filter(({ rotatedAtMs }) => rotatedAtMs !== undefined && rotatedAtMs <= since)
  }

  async close(tail: Tail): Promise<void> {
    this.#tails.delete(tail.key)
    await tail[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const tail of this.#tails.values()) await this.close(tail)
  }

  /** Follows a file that does not stand under a watched path. */
  #leave(tail: Tail): void {
    tail.rotatedAtMs = this.#clock.monotonic()
    this.#tails.set(tail.key, tail)
  }

  async #open(path: string, name: string, at: 'beginning' | 'end'): Promise<Tail | undefined> {
    try {
      const tail = await Tail.open(path, name, at, this.#patience)
      if (tail === undefined) this.#refused.set(path, 'it is not a regular file')
      else this.#refused.delete(path)
      return tail
    } catch (error) {
      if (error instanceof Unanswered) {
        this.#refused.set(path, SILENT)
        return undefined
      }
      const code = (error as NodeJS.ErrnoException).code
      if (code !== 'ENOENT') this.#refused.set(path, code === 'EACCES' ? 'it may not be read' : String(code))
      return undefined
    }
  }

  /** Undefined where it is not there, or nobody answers. */
  async #statusOf(path: string): Promise<BigIntStats | undefined> {
    try {
      const status = await this.#patience.ask(path, () => stat(path, { bigint: true }))
      if (this.#refused.get(path) === SILENT) this.#refused.delete(path)
      return status
    } catch (error) {
      if (error instanceof Unanswered) this.#refused.set(path, SILENT)
      return undefined
    }
  }

  async #expand(pattern: string): Promise<readonly string[]> {
    const folder = folderOf(pattern)
    try {
      const paths = await this.#patience.ask(folder, () => expand(pattern, this.#config.max_files))
      if (this.#refused.get(pattern) === SILENT) this.#refused.delete(pattern)
      return paths
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error
      this.#refused.set(pattern, SILENT)
      return []
    }
  }

  async #beside(path: string): Promise<readonly string[]> {
    try {
      return await this.#patience.ask(path, () => filesBeside(path))
    } catch {
      return []
    }
  }
}
