import { existsSync, readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock, Counters, Logger } from '@vedette/base'
import type { BlindSpot, LineRecord } from '@vedette/model'
import type { Collector, CollectorContext } from '../../collector.ts'
import type { FileConfig } from './config.ts'
import { Deliveries } from './deliveries.ts'
import { FollowedFiles } from './followed-files.ts'
import type { Line } from './line-splitter.ts'
import { folderOf } from './paths.ts'
import { Patience, Unanswered } from './patience.ts'
import { loadPositions, savePositions, type SavedPositions } from './positions.ts'
import type { Tail } from './tail.ts'
import { Wake } from './wake.ts'

/** Logs in which syslog daemons write sign-ins. */
const SIGN_INS = /\/(?:auth\.log|secure|syslog|messages)$/
/** Where systemd keeps its journal: what another collector reads then. */
const JOURNALS = ['/var/log/journal', '/run/log/journal']

/** At most this many lines in a batch. */
const BATCH = 4096
/** Changes that come closer together than this are looked at together. */
const SETTLE_MS = 5

/**
 * Follows files line by line, across rotation, truncation and restarts. Reads only as fast as its batches are taken: what
 * waits, waits in the files, so nothing is lost here.
 *
 * A rotation by rename loses nothing: the old file is read on under its new name. One that copies and empties loses only
 * what the writer wrote between the two, which is in neither file. A file that is emptied and refilled with the very bytes
 * that stood there before cannot be told from one that was left alone.
 */
export class FileCollector implements Collector {
  readonly name = 'file'
  readonly #config: FileConfig
  readonly #log: Logger
  readonly #clock: Clock
  readonly #positionsFile: string | undefined
  readonly #patience: Patience
  readonly #files: FollowedFiles
  readonly #wake = new Wake()
  readonly #deliveries = new Deliveries<SavedPositions>()
  #saving: Promise<void> = Promise.resolve()
  #delivered = 0
  #truncatedLines = 0
  #batches = 0

  constructor(config: FileConfig, { clock, log, stateFolder }: CollectorContext) {
    this.#config = config
    this.#log = log
    this.#clock = clock
    this.#positionsFile = stateFolder === undefined ? undefined : `${stateFolder}/positions.json`
    this.#patience = new Patience(clock)
    this.#files = new FollowedFiles(config, log, clock, this.#patience)
  }

  /** Lines that were longer than 64 KiB and were cut. */
  get truncatedLines(): number {
    return this.#truncatedLines
  }

  async *records(signal: AbortSignal): AsyncGenerator<readonly LineRecord[]> {
    const saved = await this.#load()
    if (saved !== undefined) await this.#files.resume(saved)
    this.#wake.follow(this.#folders())
    await this.#look()
    // Where it begins must be known after a restart, also when no line has come by then.
    if (saved === undefined) await this.#save(this.#files.positions())
    let closely = true
    while (!signal.aborted) {
      const before = this.#batches
      for (const tail of this.#files.tails) {
        yield* this.#answered(tail, this.#read(tail, closely, signal))
        if (signal.aborted) return
      }
      for (const tail of this.#files.settledRotations()) {
        yield* this.#flush(tail)
        await this.#files.close(tail)
      }
      if (this.#batches === before) {
        closely = await this.#wake.wait(this.#config.poll_interval_ms, signal)
        if (closely) await delay(SETTLE_MS)
        this.#wake.follow(this.#folders())
      } else closely = false
      await this.#look()
    }
  }

  counters(): Counters {
    return { emitted: this.#delivered, delivered: this.#delivered, lost: 0 }
  }

  blindSpots(): readonly BlindSpot[] {
    const spots = [...this.#files.refused].map(([path, reason]) => ({
      code: 'file-unreadable',
      message: `Lines of ${path} are not seen: ${reason}`,
    }))
    // A web server's log says nothing of sign-ins.
    const wanted = this.#config.paths.filter((path) => SIGN_INS.test(path))
    const paths = wanted.length > 0 ? wanted : this.#config.paths
    const isThere =
      this.#files.tails.some((tail) => wanted.length === 0 || SIGN_INS.test(tail.path)) ||
      // Not opened yet: it is asked before the first look.
      paths.some((path) => !this.#patience.isRemote(path) && existsSync(path))
    if (isThere || spots.length > 0 || hasJournal()) return spots
    return [
      {
        code: 'no-logs',
        message: `None of the log files is there (${paths.join(', ')}): sign-ins that are written elsewhere are not seen`,
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
    await this.#files[Symbol.asyncDispose]()
  }

  /** The folders that the kernel tells changes of: not what others make elsewhere, and who asks for that may wait for ever. */
  #folders(): Set<string> {
    return new Set(this.#config.paths.map(folderOf).filter((folder) => !this.#patience.isRemote(folder)))
  }

  /** Looks at what is there; of what does not answer the rest is found later. */
  async #look(): Promise<void> {
    try {
      await this.#files.look()
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error
      this.#log.warn({ error }, 'a log is passed over until it answers')
    }
  }

  /** Batches of a file, up to where it does not answer: it is read on from there once it does. */
  async *#answered(
    tail: Tail,
    batches: AsyncGenerator<readonly LineRecord[]>,
  ): AsyncGenerator<readonly LineRecord[]> {
    try {
      yield* batches
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error
      this.#log.warn({ error, path: tail.path }, 'a log is passed over until it answers')
    }
  }

  async *#read(tail: Tail, closely: boolean, signal: AbortSignal): AsyncGenerator<readonly LineRecord[]> {
    const state = await tail.look(closely)
    if (state === 'same') return
    if (state === 'emptied') yield* this.#readRest(tail)
    for (let more = true; more && !signal.aborted;) {
      const read = await tail.readLines()
      if (read === 'emptied') {
        yield* this.#readRest(tail)
        continue
      }
      more = read.more
      yield* this.#batch(tail, read.lines)
    }
    if (tail.rotatedAtMs !== undefined) tail.rotatedAtMs = this.#clock.monotonic()
  }

  /** A file was emptied: what was not read of it yet stands in the copy that the rotation made, if it made one. */
  async *#readRest(tail: Tail): AsyncGenerator<readonly LineRecord[]> {
    const copy = await this.#files.takeUpCopy(tail)
    if (copy === undefined) {
      yield* this.#flush(tail)
      tail.beginAnew()
      return
    }
    for (let read = await copy.readLines(); read !== 'emptied'; read = await copy.readLines()) {
      yield* this.#batch(copy, read.lines)
      if (!read.more) break
    }
    // Nobody writes to a copy any more: a line without an end has none.
    yield* this.#flush(copy)
  }

  *#flush(tail: Tail): Generator<readonly LineRecord[]> {
    const rest = tail.flush()
    if (rest !== undefined) yield* this.#batch(tail, [rest])
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
      // A position is known only after the last line of what was read.
      const last = start + BATCH >= lines.length
      if (last && this.#positionsFile !== undefined) {
        this.#deliveries.given(this.#batches, this.#files.positions())
      }
      yield records
    }
  }

  async #load(): Promise<SavedPositions | undefined> {
    if (this.#positionsFile === undefined) return undefined
    try {
      return await loadPositions(this.#positionsFile)
    } catch (error) {
      // Better every line once more than none.
      this.#log.error({ error }, 'saved positions cannot be used; files are read from their beginning')
      return { patterns: this.#config.paths, savedMs: this.#clock.now(), files: [] }
    }
  }

  /** One write at a time, in order. */
  #save(positions: SavedPositions): Promise<void> {
    const file = this.#positionsFile
    if (file === undefined) return Promise.resolve()
    this.#saving = this.#saving.catch(() => undefined).then(() => savePositions(file, positions))
    return this.#saving
  }
}

function hasJournal(): boolean {
  return JOURNALS.some((folder) => existsSync(folder) && readdirSync(folder).length > 0)
}
