import { existsSync, globSync, mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Clock, CodedError, type Counters, type Logger } from '@vedette/base'
import type { Inspection } from '@vedette/collect/files'
import type { SideProcess } from '@vedette/collect/side'
import { type FileLock, lockFile } from '@vedette/linux'
import type {
  BlindSpot,
  Event,
  FileEvent,
  FileFacts,
  FileIntegrity as Difference,
  IntegrityRecord,
  PartReport,
  Process,
} from '@vedette/model'
import { AcceptRequests, type AcceptRequest } from './accept-requests.ts'
import { Baseline } from './baseline.ts'
import type { IntegrityConfig } from './config.ts'
import { differingFacts, givesRights } from './difference.ts'
import { ExamineError, ExaminingJob } from './examining-job.ts'
import type { ScanSummary, Seen } from './messages.ts'

/** A change that goes on is looked at after so long all the same. */
const LONGEST_MS = 3000
/** Files that were touched and are not looked at yet. What comes beyond is found by the next look at all. */
const MOST_TOUCHED = 8192
/** Files that the worker has at a time. */
const MOST_AT_ONCE = 64
/** A package manager writes its database after the files: until it has, what it brought matches nothing. */
const PATIENCE_MS = [1000, 3000, 10_000]
/** The baseline is written so long after a change, and no more often. */
const SAVE_MS = 2000
const MAX_ACTORS = 16
/** Looks at a file that come to nothing are repeated so often. */
const RETRIES = 2
/** Pause after a look at all files that came to nothing; doubled with each in a row. */
const FIRST_RETRY_MS = 1000

export const BASELINE_FILE = 'baseline'
export const LOCK_FILE = 'lock'
/** A command that accepts a change holds the baseline for some milliseconds. */
const LOCK_TRIES = 50

export interface FileIntegrityOptions {
  readonly config: IntegrityConfig
  /** A folder of its own, made 0700 when missing. */
  readonly folder: string
  /** Where files are looked at. */
  readonly side: SideProcess
  /** Takes what differs. */
  readonly found: (record: IntegrityRecord) => void
  /** Records that somebody accepts a change, before it is done. Left out: nobody can, while it runs. */
  readonly audit?: (request: AcceptRequest) => Promise<void>
  readonly clock: Clock
  readonly log: Logger
}

interface Touched {
  process: Process | undefined
  timeMs: number
  /** Monotonic. */
  readonly firstMs: number
  timer: NodeJS.Timeout
  /** Looks that came too soon for the package manager. */
  tries: number
  /** Looks that came to nothing, since the process ended meanwhile. */
  failures: number
}

/**
 * Knows the files that a system stands on by content and rights, and tells each difference: who made it, where a collector
 * saw that, else that it was made while nobody watched. What it knows it keeps over restarts. Whoever made it disposes of
 * it.
 */
export class FileIntegrity implements AsyncDisposable {
  readonly #options: FileIntegrityOptions
  readonly #file: string
  readonly #examining: ExaminingJob
  readonly #touched = new Map<string, Touched>()
  readonly #ready: string[] = []
  readonly #blindSpots = new Map<string, BlindSpot>()
  readonly #requests: AcceptRequests
  #baseline = new Baseline()
  /** Held as long as it runs, so that nobody else writes the baseline. */
  #lock: FileLock | undefined
  #roots: readonly string[] = []
  #looking = 0
  /** Looks at all files in a row that came to nothing. */
  #failures = 0
  #state: PartReport['state'] = 'stopped'
  /** Until it is built nothing is told: nobody knows yet what was there. */
  #building = false
  #scanning: Promise<void> | undefined
  #rescan: NodeJS.Timeout | undefined
  #saving: Promise<void> = Promise.resolve()
  #saveTimer: NodeJS.Timeout | undefined
  #emitted = 0
  #delivered = 0
  #lost = 0
  #closed = false

  constructor(options: FileIntegrityOptions) {
    const { config, folder, side } = options
    this.#options = options
    mkdirSync(folder, { mode: 0o700, recursive: true })
    this.#file = join(folder, BASELINE_FILE)
    this.#examining = new ExaminingJob(
      {
        maxFileBytes: config.max_file_bytes,
        maxFiles: config.max_files,
        bytesPerSecond: config.bytes_per_second,
      },
      side,
    )
    this.#requests = new AcceptRequests(folder, (request) => this.#accept(request))
  }

  /**
   * Reads what is known of a former run, and has all files looked at, which goes on after it has resolved.
   *
   * @param watch has a path told of by a collector
   * Never rejects: a watch without a baseline is better than none, and says so.
   */
  async start(watch: (path: string) => Promise<unknown>): Promise<void> {
    try {
      await this.#start(watch)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#state = 'failed'
      this.#options.log.error({ error }, 'no baseline of files is kept')
      this.#blindSpots.set('failed', {
        code: 'integrity-failed',
        message: `Changes of files are not compared with what was known of them: ${reason}`.slice(0, 1000),
      })
    }
  }

  async #start(watch: (path: string) => Promise<unknown>): Promise<void> {
    const { config, log } = this.#options
    const wasKept = existsSync(join(this.#options.folder, LOCK_FILE))
    this.#lock = await locked(this.#options.folder)
    const loaded = await Baseline.load(this.#file)
    if (loaded.outcome === 'loaded') this.#baseline = loaded.baseline
    else this.#building = true
    // Who removes it means that nobody shall know; where it was never whole, it is not known either.
    const lost =
      loaded.outcome === 'damaged' ? loaded.reason : wasKept && this.#building ? 'it is gone' : undefined
    if (lost !== undefined) {
      log.error({ reason: lost }, 'the baseline of files cannot be used, and is made anew')
      this.#blindSpots.set('baseline-damaged', {
        code: 'integrity-baseline-damaged',
        message: `What was known of files was lost, and what changed while nobody watched is not told: ${lost}`,
      })
    }
    this.#roots = realPaths(config.paths)
    this.#state = 'running'
    this.#requests.open()
    // Before the first look: what changes in between is told by the collector and seen by the look, and not missed.
    const watching = config.paths.map((path) =>
      watch(path).catch((error: unknown) => {
        log.warn({ error, path }, 'path is not watched')
        this.#blindSpots.set('unwatched', {
          code: 'integrity-not-watched',
          message: 'Who changes files is not seen for some paths; that they changed is',
        })
      }),
    )
    await Promise.all(watching)
    void this.#lookAtAll()
  }

  /** Resolves once the look at all files that goes on now has ended. */
  async settled(): Promise<void> {
    await this.#scanning
  }

  /** Looks for changed files in what happened. Returns at once. */
  observe(events: readonly Event[]): void {
    for (const event of events) {
      if (event.kind === 'file' && event.activity !== 'read' && event.activity !== 'differ')
        this.#changed(event)
    }
  }

  report(): PartReport {
    return { name: 'integrity', state: this.#closed ? 'stopped' : this.#state, counters: this.#counters() }
  }

  blindSpots(): readonly BlindSpot[] {
    return [...this.#blindSpots.values()]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#rescan)
    for (const { timer } of this.#touched.values()) clearTimeout(timer)
    this.#lost += this.#touched.size + this.#ready.length
    this.#requests[Symbol.dispose]()
    this.#examining[Symbol.dispose]()
    await this.#scanning
    clearTimeout(this.#saveTimer)
    // A baseline that is not whole would have everything else be new.
    if (!this.#building && this.#lock !== undefined) await this.#save()
    this.#lock?.[Symbol.dispose]()
  }

  #counters(): Counters {
    return { emitted: this.#emitted, delivered: this.#delivered, lost: this.#lost }
  }

  #changed({ file, file_result: result, process, time, activity }: FileEvent): void {
    this.#touch(file.path, process, time)
    if (result !== undefined) this.#touch(result.path, process, time)
    // What lay in a folder that was moved or removed is told of by nobody.
    if (activity !== 'rename' && activity !== 'delete') return
    if (this.#baseline.get(file.path)?.now?.type !== 'folder') return
    for (const [path] of this.#baseline.entries()) {
      if (path.startsWith(`${file.path}/`)) this.#touch(path, process, time)
    }
  }

  #touch(path: string, process: Process | undefined, timeMs: number): void {
    if (this.#closed || this.#state !== 'running' || !this.#isMeant(path)) return
    const { clock, config } = this.#options
    const known = this.#touched.get(path)
    const nowMs = clock.monotonic()
    if (known === undefined && this.#touched.size >= MOST_TOUCHED) {
      this.#emitted += 1
      this.#lost += 1
      this.#blindSpots.set('overrun', {
        code: 'integrity-overrun',
        message: `More files changed at a time than are looked at, ${this.#lost} in all; that they changed is told later, and not who did it`,
      })
      this.#lookAgainIn(LONGEST_MS)
      return
    }
    // What polls for changes does not know who made them.
    const who = process !== undefined && process.pid > 0 ? process : undefined
    if (known === undefined) {
      this.#emitted += 1
      const touched = {
        process: who,
        timeMs,
        firstMs: nowMs,
        tries: 0,
        failures: 0,
        timer: this.#lookAfter(path, config.settle_ms),
      }
      this.#touched.set(path, touched)
      return
    }
    known.process = who ?? known.process
    known.timeMs = timeMs
    if (nowMs - known.firstMs >= LONGEST_MS) return
    clearTimeout(known.timer)
    known.timer = this.#lookAfter(path, config.settle_ms)
  }

  #isMeant(path: string): boolean {
    const within = (folder: string) => path === folder || path.startsWith(`${folder}/`)
    return this.#roots.some(within) && !this.#options.config.exclude.some(within)
  }

  #lookAfter(path: string, ms: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#ready.push(path)
      this.#lookAtReady()
    }, ms)
    timer.unref()
    return timer
  }

  #lookAtReady(): void {
    while (!this.#closed && !this.#building && this.#looking < MOST_AT_ONCE) {
      const path = this.#ready.shift()
      if (path === undefined) return
      this.#looking += 1
      void this.#look(path).finally(() => {
        this.#looking -= 1
        this.#lookAtReady()
      })
    }
  }

  async #look(path: string): Promise<void> {
    const touched = this.#touched.get(path)
    if (touched === undefined) return
    const { process } = touched
    const before = this.#baseline.get(path)
    try {
      const looked = await this.#examining.look({
        path,
        actors: actorsOf(process),
        ...(before?.state !== undefined && { known: before.state }),
      })
      if (this.#closed) return
      const { inspection, byPackageManager, package: owner } = looked
      const isOpen = byPackageManager && inspection.outcome === 'there' && inspection.facts.type === 'file'
      const patience = PATIENCE_MS[touched.tries]
      if (isOpen && owner?.verified !== true && patience !== undefined && this.#differs(looked)) {
        touched.tries += 1
        touched.timer = this.#lookAfter(path, patience)
        return
      }
      this.#touched.delete(path)
      this.#delivered += 1
      this.#learn(looked, { seen: 'watched', timeMs: touched.timeMs, process, byPackageManager })
      const isNew = inspection.outcome === 'there' && before?.now === undefined
      if (isNew && inspection.facts.type === 'folder') await this.#lookInto(path, touched)
    } catch (error) {
      if (this.#closed) return
      // The process that looks may have been ended for another file, and the next one looks at this.
      if (
        error instanceof ExamineError &&
        this.#touched.get(path) === touched &&
        touched.failures < RETRIES
      ) {
        touched.failures += 1
        touched.timer = this.#lookAfter(path, this.#options.config.settle_ms)
        return
      }
      // Of a folder that was looked at itself, what lies in it is found by the next look at all.
      if (!this.#touched.delete(path)) return this.#lookAgainIn(LONGEST_MS)
      this.#lost += 1
      this.#options.log.warn({ error, path }, 'a changed file could not be looked at')
    }
  }

  #differs({ path, inspection }: Seen): boolean {
    const now = this.#baseline.get(path)?.now
    if (inspection.outcome !== 'there') return false
    return now === undefined || differingFacts(now, inspection.facts).length > 0
  }

  /** What lies in a folder that was made or moved here: most of it came before anybody watched it. */
  async #lookInto(folder: string, { process, timeMs }: Touched): Promise<void> {
    const byPackageManager = false
    await this.#examining.scan(
      {
        paths: [folder],
        exclude: this.#options.config.exclude,
        packages: true,
      },
      this.#statesBelow(folder),
      (batch) => {
        for (const seen of batch) {
          if (!this.#touched.has(seen.path))
            this.#learn(seen, { seen: 'watched', timeMs, process, byPackageManager })
        }
      },
    )
  }

  #statesBelow(folder: string): Map<string, string> {
    return new Map(
      [...this.#baseline.states()].filter(([path]) => path === folder || path.startsWith(`${folder}/`)),
    )
  }

  #lookAgainIn(ms: number): void {
    clearTimeout(this.#rescan)
    if (this.#closed) return
    this.#rescan = setTimeout(() => void this.#lookAtAll(), ms)
    this.#rescan.unref()
  }

  async #lookAtAll(): Promise<void> {
    if (this.#scanning !== undefined) return this.#scanning
    this.#scanning = this.#scan()
    try {
      await this.#scanning
    } finally {
      this.#scanning = undefined
      const intervalMs = this.#options.config.rescan_interval_s * 1000
      this.#lookAgainIn(
        this.#failures === 0 ? intervalMs : Math.min(intervalMs, FIRST_RETRY_MS * 2 ** (this.#failures - 1)),
      )
      this.#lookAtReady()
    }
  }

  async #scan(): Promise<void> {
    const { config, clock, log } = this.#options
    this.#roots = realPaths(config.paths)
    this.#baseline.coverage = { paths: this.#roots, exclude: config.exclude }
    const known = this.#baseline.states()
    const tell = (seen: Seen) => {
      // Who did that is known by the look that is about to come.
      if (this.#touched.has(seen.path) && !this.#building) return
      this.#learn(seen, { seen: 'rescan', timeMs: clock.now(), process: undefined, byPackageManager: false })
    }
    try {
      const startMs = clock.monotonic()
      const summary = await this.#examining.scan(
        { paths: this.#roots, exclude: config.exclude, packages: !this.#building },
        known,
        (batch) => batch.forEach(tell),
      )
      for (const path of summary.gone) tell({ path, inspection: { outcome: 'gone' } })
      this.#failures = 0
      this.#note(summary)
      const ms = Math.round(clock.monotonic() - startMs)
      log.debug({ files: summary.files, bytes: summary.readBytes, ms }, 'files were looked at')
      if (!this.#building) return
      this.#building = false
      await this.#save()
    } catch (error) {
      this.#failures += 1
      if (!this.#closed) log.warn({ error }, 'files could not be looked at')
    }
  }

  #note({ truncated, remote, refused }: ScanSummary): void {
    const spots: readonly (readonly [string, boolean, string])[] = [
      ['too-many', truncated, `There are more files than integrity.max_files; those beyond are not known`],
      [
        'remote',
        remote.length > 0,
        `Files on file systems of other machines or programs are not known (${remote.join(', ')})`,
      ],
      [
        'refused',
        refused > 0,
        `${refused} ${refused === 1 ? 'file or folder' : 'files or folders'} could not be looked at`,
      ],
    ]
    for (const [code, isSo, message] of spots) {
      if (isSo) this.#blindSpots.set(code, { code: `integrity-${code}`, message: message.slice(0, 1000) })
      else this.#blindSpots.delete(code)
    }
  }

  /** Tells how a file differs from what was known, and knows it from now on. */
  #learn(
    { path, inspection, package: owner }: Seen,
    how: Pick<Difference, 'seen'> & {
      readonly timeMs: number
      readonly process: Process | undefined
      readonly byPackageManager: boolean
    },
  ): void {
    const entry = this.#baseline.get(path)
    const before = entry?.now
    const after = seenFacts(inspection)
    if (after === null) return
    const state = inspection.outcome === 'there' ? { state: inspection.state } : {}
    if (this.#building) {
      this.#baseline.set(path, after === undefined ? {} : { accepted: after, now: after, ...state })
      return
    }
    const change =
      before === undefined
        ? after === undefined
          ? undefined
          : 'created'
        : after === undefined
          ? 'removed'
          : 'changed'
    const changed = before !== undefined && after !== undefined ? differingFacts(before, after) : []
    if (change === undefined) return
    const isSame = change === 'changed' && changed.length === 0
    const isRight =
      isSame ||
      (this.#options.config.accept_packages &&
        isAcceptable(before, after, owner?.verified, how.byPackageManager))
    const accepted =
      isSame && entry?.accepted !== entry?.now ? entry?.accepted : isRight ? after : entry?.accepted
    this.#baseline.set(path, {
      ...(accepted !== undefined && { accepted: sameAs(accepted, after) }),
      ...(after !== undefined && { now: after, ...state }),
    })
    this.#saveLater()
    if (isSame) return
    this.#options.found({
      source: 'integrity',
      timeMs: how.timeMs,
      path,
      ...(inspection.outcome === 'there' && { inode: inspection.inode }),
      integrity: {
        change,
        ...(before !== undefined && { before }),
        ...(after !== undefined && { after }),
        changed,
        seen: how.seen,
        ...(owner !== undefined && { package: owner }),
        by_package_manager: how.byPackageManager,
      },
      ...(how.process !== undefined && { process: how.process }),
    })
  }

  /** Takes files as they are now for right. Of a folder all that lies in it. */
  async #accept(request: AcceptRequest): Promise<number> {
    const { audit } = this.#options
    if (audit === undefined) throw new Error('changes cannot be accepted here')
    const paths = acceptedPaths(this.#baseline, request)
    if (paths.length === 0) return 0
    await audit({ ...request, paths })
    for (const path of paths) this.#baseline.accept(path)
    await this.#save()
    return paths.length
  }

  #saveLater(): void {
    this.#saveTimer ??= setTimeout(() => {
      this.#saveTimer = undefined
      void this.#save()
    }, SAVE_MS).unref()
  }

  #save(): Promise<void> {
    this.#saving = this.#saving
      .then(() => this.#baseline.save(this.#file))
      .catch((error: unknown) =>
        this.#options.log.error({ error }, 'the baseline of files could not be written'),
      )
    return this.#saving
  }
}

/** Differing files of a baseline that somebody means: those named, and what lies in named folders; all, where none is. */
export function acceptedPaths(baseline: Baseline, { paths }: Pick<AcceptRequest, 'paths'>): string[] {
  const differing = baseline.differing().map(([path]) => path)
  if (paths.length === 0) return differing
  return differing.filter((path) => paths.some((meant) => path === meant || path.startsWith(`${meant}/`)))
}

/** @throws {CodedError} `baseline-in-use` */
async function locked(folder: string): Promise<FileLock> {
  for (let left = LOCK_TRIES; left > 0; left -= 1) {
    const lock = lockFile(join(folder, LOCK_FILE))
    if (lock !== undefined) return lock
    await delay(100)
  }
  throw new CodedError('baseline-in-use', `Cannot keep a baseline of files: ${folder} is in use`)
}

/** Null where nothing could be learnt. */
function seenFacts(inspection: Inspection): FileFacts | undefined | null {
  if (inspection.outcome === 'there') return inspection.facts
  return inspection.outcome === 'gone' ? undefined : null
}

/** What was accepted is known by being the same object; where it came back to that, it is again. */
function sameAs(accepted: FileFacts, now: FileFacts | undefined): FileFacts {
  return now !== undefined && differingFacts(accepted, now).length === 0 ? now : accepted
}

/** Whether a package's own way brought a file to where it is, and gave it no rights past that. */
function isAcceptable(
  before: FileFacts | undefined,
  after: FileFacts | undefined,
  verified: boolean | undefined,
  byPackageManager: boolean,
): boolean {
  if (byPackageManager) return verified !== false
  if (verified !== true || after === undefined) return false
  if (before === undefined) return !givesRights(after)
  const { mode, uid, gid, capabilities } = before
  return mode === after.mode && uid === after.uid && gid === after.gid && capabilities === after.capabilities
}

function actorsOf(process: Process | undefined): readonly string[] {
  if (process === undefined || process.container !== undefined) return []
  return [process, ...(process.ancestry ?? [])].slice(0, MAX_ACTORS).flatMap(({ path }) => path ?? [])
}

/** Paths that patterns stand for, free of links, none within another. */
export function realPaths(patterns: readonly string[]): string[] {
  const real = new Set<string>()
  for (const pattern of patterns) {
    for (const path of pattern.includes('*') ? globSync(pattern) : [pattern]) {
      try {
        real.add(realpathSync(path))
      } catch {
        // A file that is not there yet may come, and is told of then: its folder is real.
        real.add(path)
      }
    }
  }
  return [...real].filter(
    (path) => ![...real].some((other) => other !== path && path.startsWith(`${other === '/' ? '' : other}/`)),
  )
}
