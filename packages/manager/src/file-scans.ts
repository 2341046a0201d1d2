import type { BigIntStats } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Clock, CodedError, type Counters, type Logger } from '@vedette/base'
import {
  builtInYaraRules,
  type FileFinding,
  type ScanCounters,
  type ScanResult,
  type YaraConfig,
  yaraRuleInfo,
  YaraScanner,
} from '@vedette/detect/yara'
import {
  type BlindSpot,
  type Event,
  type FileEvent,
  type FindingRecord,
  type PartReport,
  type Process,
  severityId,
} from '@vedette/model'
import { type OpenFile, ScannedFiles } from './open-scanned.ts'
import { scriptsOf, type StartedScript, startsScript } from './scan/started-script.ts'
import { rawPathsOf, walkFolder } from './scan/walk-files.ts'

/** After a file was written it is looked at so much later: a copy is done by then, and what is not is seen by the next. */
const LOOKS_MS = [300, 3000, 30_000]
/** One path is scanned at most so often. */
const LEAST_PAUSE_MS = 5000
/** A program that starts again and again is looked at once in this time, and once more at its end. */
const EXEC_PAUSE_MS = 1000
/** Files of a folder that was moved as a whole. */
const MOST_MOVED = 1000
/** States of files that were scanned, and are not scanned again. */
const MOST_SEEN = 16_384
const MOST_PATHS = 4096
/** How often it is looked whether rules that were replaced are still at work. */
const RETIRE_LOOK_MS = 100
/** What no rule has to find anything in: text such as any log has. */
const HARMLESS = Buffer.from('The quick brown fox jumps over the lazy dog, 1234567890 times.\n'.repeat(64))
const NOTHING_SCANNED: ScanCounters = {
  emitted: 0,
  scanned: 0,
  lost: 0,
  too_large: 0,
  timed_out: 0,
  skipped: 0,
  failed: 0,
}
/** Of what a scan says about a rule; the schema of Events accepts no more. */
const LONGEST = { uid: 128, title: 1000, desc: 8192, name: 256, file: 4096 }

export interface FileScansOptions {
  readonly config: YaraConfig
  /** Files and folders of rules besides those of the configuration. */
  readonly extraRules?: readonly string[]
  /** Takes what was found. */
  readonly found: (record: FindingRecord) => void
  readonly clock: Clock
  readonly log: Logger
}

interface Written {
  process: Process | undefined
  /** By a rename, which of a folder tells nothing of what lies in it. */
  moved: boolean
  /** Position in `LOOKS_MS` of the look that comes next. */
  next: number
  timer: NodeJS.Timeout
  scannedAtMs: number
}

interface Started {
  readonly lookedMs: number
  /** The last start that was not looked at, and the timer that will. */
  later: { start: Start; readonly timer: NodeJS.Timeout } | undefined
}

/** A program that was started, or the script that an interpreter was started for. */
interface Start {
  readonly path: string
  /** What is looked at once in a while. */
  readonly key: string
  readonly process: Process
  readonly script: StartedScript | undefined
}

/**
 * Scans files when it is told that they were written or run: each state of a file once, by YARA rules, in processes of
 * their own. Whoever made it disposes of it.
 */
export class FileScans implements AsyncDisposable {
  readonly #options: FileScansOptions
  #scanner: YaraScanner
  /** Those that were replaced and still scan. */
  readonly #former = new Set<YaraScanner>()
  /** Of those that have ended. */
  #past: ScanCounters = NOTHING_SCANNED
  readonly #files: ScannedFiles
  /** Device, inode, change time and size; the least recently used first. */
  readonly #seen = new Set<string>()
  readonly #written = new Map<string, Written>()
  readonly #started = new Map<string, Started>()
  #open = 0
  /** Files that were not even given to the scanner. */
  #lost = 0
  #closed = false

  constructor(options: FileScansOptions) {
    this.#options = options
    this.#files = new ScannedFiles(options.clock)
    this.#scanner = this.#newScanner(options.extraRules ?? [])
  }

  #newScanner(extraRules: readonly string[]): YaraScanner {
    const { config, log } = this.#options
    return new YaraScanner({
      rules: [...(config.built_in_rules ? [builtInYaraRules] : []), ...config.rules, ...extraRules],
      engine: config.engine,
      externals: config.external_variables,
      maxFileBytes: config.max_file_size,
      timeoutMs: config.timeout_ms,
      workers: config.workers,
      maxWaiting: config.max_waiting,
      idleMs: config.idle_ms,
      niceness: 10,
      log,
    })
  }

  /**
   * Scans by other rules from now on: those of the configuration and these. They are read and tried first; where that fails,
   * the ones before stay. What is being scanned is finished by the ones before.
   *
   * @throws {CodedError} `rules-refused`: they cannot be read, one is faulty, or one finds something in what is harmless
   */
  async replaceRules(extraRules: readonly string[]): Promise<{ readonly rules: number }> {
    const next = this.#newScanner(extraRules)
    const within = (file: string) => extraRules.some((path) => file === path || file.startsWith(`${path}/`))
    try {
      const loaded = await next.load()
      if (loaded === undefined) {
        throw new CodedError('rules-refused', next.failure ?? 'The rules could not be read')
      }
      const faults = loaded.problems.filter(({ file }) => within(file))
      const [fault] = faults
      if (fault !== undefined) {
        throw new CodedError(
          'rules-refused',
          `${faults.length === 1 ? 'A fault' : `${faults.length} faults`}, first line ${fault.line}: ${fault.message}`,
        )
      }
      const tried = await next.scan({ path: 'harmless', data: HARMLESS })
      if (tried.outcome !== 'scanned') {
        throw new CodedError('rules-refused', `Nothing can be scanned by them: ${tried.reason}`)
      }
      const found = tried.findings.find(({ rule }) => within(rule.file))
      if (found !== undefined) {
        throw new CodedError('rules-refused', `The rule ${found.rule.name} matches what is harmless`)
      }
      if (this.#closed) throw new CodedError('rules-refused', 'The agent stops')
      const before = this.#scanner
      this.#scanner = next
      // What was found to be clean was so by other rules.
      this.#seen.clear()
      this.#former.add(before)
      void this.#retire(before)
      return { rules: loaded.rules }
    } catch (error) {
      await next[Symbol.asyncDispose]()
      throw error
    }
  }

  async #retire(scanner: YaraScanner): Promise<void> {
    while (scanner.pending > 0 && !this.#closed) await delay(RETIRE_LOOK_MS, undefined, { ref: false })
    await scanner[Symbol.asyncDispose]()
    if (!this.#former.delete(scanner)) return
    this.#past = sumOf(this.#past, scanner.counters())
  }

  /** Looks for files to scan in what happened. Returns at once. */
  observe(events: readonly Event[]): void {
    const { on_exec: onExec, on_write: onWrite } = this.#options.config
    for (const event of events) {
      if (event.kind === 'process') {
        if (onExec && event.activity === 'launch') this.#ran(event.process)
      } else if (event.kind === 'file' && onWrite) this.#touched(event)
    }
  }

  report(): PartReport {
    return {
      name: 'yara',
      state: this.#closed ? 'stopped' : this.#scanner.failure === undefined ? 'running' : 'failed',
      counters: this.#counters(),
    }
  }

  blindSpots(): readonly BlindSpot[] {
    const { failure, loaded } = this.#scanner
    if (failure !== undefined) {
      return [{ code: 'files-not-scanned', message: `Files are not scanned: ${failure}` }]
    }
    const unopened = this.#unopened()
    const refused = loaded?.problems.length ?? 0
    if (refused === 0) return unopened
    const [first] = loaded?.problems ?? []
    const where = first === undefined ? '' : `, first ${first.file}:${first.line}: ${first.message}`
    return [
      ...unopened,
      {
        code: 'yara-rules-refused',
        message: `${refused === 1 ? 'A fault' : `${refused} faults`} in YARA rules${where}`.slice(0, 1000),
      },
    ]
  }

  #unopened(): BlindSpot[] {
    const { remote, types, hanging } = this.#files.notOpened
    const files = (count: number) => `${count} ${count === 1 ? 'file was' : 'files were'} not scanned`
    return [
      ...(remote > 0
        ? [
            {
              code: 'remote-files-not-scanned',
              message:
                `${files(remote)} that lie on file systems of other machines or programs (${types.join(', ')})`.slice(
                  0,
                  1000,
                ),
            },
          ]
        : []),
      ...(hanging > 0
        ? [
            {
              code: 'files-hang',
              message: `${files(hanging)} since a file system did not answer when others were opened`,
            },
          ]
        : []),
    ]
  }

  /** Processes that scan now. */
  get pids(): readonly number[] {
    return [this.#scanner, ...this.#former].flatMap(({ pids }) => pids)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const { timer } of this.#written.values()) clearTimeout(timer)
    this.#written.clear()
    for (const { later } of this.#started.values()) clearTimeout(later?.timer)
    this.#started.clear()
    await Promise.all([this.#scanner, ...this.#former].map((scanner) => scanner[Symbol.asyncDispose]()))
  }

  #counters(): Counters {
    const {
      emitted,
      scanned,
      skipped,
      too_large: large,
      lost,
      timed_out: late,
      failed,
    } = [...this.#former, this.#scanner].map((scanner) => scanner.counters()).reduce(sumOf, this.#past)
    return {
      emitted: emitted + this.#lost,
      // A file that is larger than asked for, or none any more, was dealt with.
      delivered: scanned + skipped + large,
      lost: lost + late + failed + this.#lost,
    }
  }

  #ran(process: Process): void {
    const { file } = process
    const path = file?.path ?? process.path
    if (path === undefined) return
    this.#begun({ path, key: `${file?.inode} ${path}`, process, script: undefined })
    // What an interpreter is started for is as much the program that runs.
    for (const script of scriptsOf(process)) {
      this.#begun({ path: script.path, key: `script ${script.path}`, process, script })
    }
  }

  #begun(start: Start): void {
    const { path, key } = start
    if (this.#isExcluded(path)) return
    const now = this.#options.clock.monotonic()
    const last = this.#started.get(key)
    if (last !== undefined && now - last.lookedMs < EXEC_PAUSE_MS) {
      // Its content may be another by now than that of the start before.
      if (last.later === undefined) {
        const timer = setTimeout(() => this.#lookAgain(key), last.lookedMs + EXEC_PAUSE_MS - now)
        timer.unref()
        last.later = { start, timer }
      } else last.later.start = start
      return
    }
    if (last === undefined && this.#started.size >= MOST_PATHS) this.#forgetStarted(now)
    clearTimeout(last?.later?.timer)
    this.#started.set(key, { lookedMs: now, later: undefined })
    this.#scanProgram(start)
  }

  #lookAgain(key: string): void {
    const start = this.#started.get(key)?.later?.start
    if (start === undefined || this.#closed) return
    this.#started.set(key, { lookedMs: this.#options.clock.monotonic(), later: undefined })
    this.#scanProgram(start)
  }

  /** Those that nobody waits for; all, where that is none. */
  #forgetStarted(now: number): void {
    for (const [key, { lookedMs, later }] of this.#started) {
      if (later === undefined && now - lookedMs >= EXEC_PAUSE_MS) this.#started.delete(key)
    }
    if (this.#started.size < MOST_PATHS) return
    for (const { later } of this.#started.values()) {
      if (later === undefined) continue
      clearTimeout(later.timer)
      this.#lost += 1
    }
    this.#started.clear()
  }

  #scanProgram({ path, process, script }: Start): void {
    const { file, pid, container } = process
    if (script !== undefined) {
      void this.#scan(this.#openScript(script, pid), path, 'script', process)
      return
    }
    const opening = this.#files.openExecutable({
      pid,
      path,
      inode: file?.inode,
      sameRoot: container === undefined,
    })
    void this.#scan(opening, path, 'exec', process)
  }

  async #openScript(script: StartedScript, pid: number): Promise<OpenFile | undefined> {
    const file = await this.#files.openScript(script.place, pid)
    if (file === undefined || startsScript(script, file.descriptor)) return file
    await file[Symbol.asyncDispose]()
    return undefined
  }

  #touched({ activity, file, file_result: result, process }: FileEvent): void {
    if (activity === 'read' || activity === 'set_attributes' || activity === 'differ') return
    if (activity === 'delete' || activity === 'rename') {
      const gone = this.#written.get(file.path)
      clearTimeout(gone?.timer)
      this.#written.delete(file.path)
    }
    const path = activity === 'rename' ? result?.path : activity === 'delete' ? undefined : file.path
    if (path === undefined || !path.startsWith('/') || this.#isExcluded(path)) return
    const known = this.#written.get(path)
    // A look that is about to come sees this change too.
    if (known?.next === 0) {
      known.process = process ?? known.process
      known.moved ||= activity === 'rename'
      return
    }
    if (known === undefined && this.#written.size >= MOST_PATHS && !this.#forgetLooked()) {
      this.#lost += 1
      return
    }
    clearTimeout(known?.timer)
    const scannedAtMs = known?.scannedAtMs ?? Number.NEGATIVE_INFINITY
    const sinceMs = this.#options.clock.monotonic() - scannedAtMs
    const [first = 0] = LOOKS_MS
    const timer = this.#lookAfter(path, Math.max(first, LEAST_PAUSE_MS - sinceMs))
    this.#written.set(path, { process, moved: activity === 'rename', next: 0, timer, scannedAtMs })
  }

  /** Makes room by giving up a further look at a file that was looked at: one that was not is worth more. */
  #forgetLooked(): boolean {
    for (const [path, { next, timer }] of this.#written) {
      if (next === 0) continue
      clearTimeout(timer)
      this.#written.delete(path)
      return true
    }
    return false
  }

  #lookAfter(path: string, ms: number): NodeJS.Timeout {
    const timer = setTimeout(() => this.#look(path), ms)
    timer.unref()
    return timer
  }

  #look(path: string): void {
    const written = this.#written.get(path)
    if (written === undefined || this.#closed) return
    if (this.#files.isRemote(path)) {
      this.#written.delete(path)
      this.#lost += 1
      return
    }
    written.scannedAtMs = this.#options.clock.monotonic()
    void this.#scanWritten(path, written)
    written.next += 1
    const nextMs = LOOKS_MS[written.next]
    if (nextMs === undefined) this.#written.delete(path)
    else written.timer = this.#lookAfter(path, nextMs)
  }

  async #scanWritten(path: string, { process, moved }: Written): Promise<void> {
    const raw = await rawPathsOf(path)
    for (const place of raw.length > 0 ? raw : [path]) {
      await this.#scan(this.#files.openWritten(place), path, 'write', process)
      if (moved && (await this.#files.isFolder(place))) await this.#scanFolder(path, place, process)
    }
  }

  /** What lies in a folder that was moved. */
  async #scanFolder(path: string, place: string | Buffer, process: Process | undefined): Promise<void> {
    let count = 0
    for await (const walked of walkFolder({ path, rawPath: Buffer.from(place) })) {
      if (walked.type !== 'file' || this.#isExcluded(walked.path)) continue
      count += 1
      if (this.#closed) return
      if (count > MOST_MOVED) {
        this.#lost += 1
        return
      }
      const file = this.#files.openWritten(Buffer.from(walked.rawPath ?? walked.path))
      await this.#scan(file, walked.path, 'write', process)
    }
  }

  async #scan(
    opening: Promise<OpenFile | undefined>,
    path: string,
    occasion: FindingRecord['cause'] | 'script',
    process: Process | undefined,
  ): Promise<void> {
    await using file = await opening
    if (this.#closed) return
    if (file === undefined) {
      // A file that was written and is gone is of no use to anybody, and an argument may have been no script; a program has run.
      if (occasion === 'exec') this.#lost += 1
      return
    }
    const state = stateOf(file.stats)
    if (this.#seen.has(state)) return
    if (this.#open >= this.#options.config.max_waiting) {
      this.#lost += 1
      return
    }
    this.#remember(state)
    this.#open += 1
    try {
      const descriptor = { pid: globalThis.process.pid, number: file.descriptor }
      const result = await this.#scanner.scan({ path, descriptor })
      // It may be scanned when it is seen again.
      if (result.outcome === 'lost' || result.outcome === 'failed') this.#seen.delete(state)
      if (result.outcome === 'scanned')
        this.#tell(result, path, file.stats, occasion === 'write' ? 'write' : 'exec', process)
      else this.#options.log.debug({ path, ...result }, 'file was not scanned')
    } finally {
      this.#open -= 1
    }
  }

  #tell(
    { findings, sha256 }: Extract<ScanResult, { outcome: 'scanned' }>,
    path: string,
    stats: BigIntStats,
    cause: FindingRecord['cause'],
    process: Process | undefined,
  ): void {
    for (const finding of findings) {
      this.#options.found({
        source: 'yara',
        timeMs: this.#options.clock.now(),
        ...describe(finding),
        cause,
        file: {
          path,
          name: path.startsWith('memfd:') ? path.slice('memfd:'.length) : basename(path),
          inode: Number(stats.ino),
          ...(sha256 !== undefined && {
            hashes: [{ algorithm: 'SHA-256' as const, algorithm_id: 3 as const, value: sha256 }],
          }),
          ...(stats.nlink === 0n && { is_deleted: true }),
        },
        // What polls for changes does not know who made them.
        ...(process !== undefined && process.pid > 0 && { process }),
      })
    }
  }

  #remember(state: string): void {
    this.#seen.add(state)
    if (this.#seen.size <= MOST_SEEN) return
    const oldest = this.#seen.values().next()
    if (!oldest.done) this.#seen.delete(oldest.value)
  }

  #isExcluded(path: string): boolean {
    return this.#options.config.exclude.some((folder) => path === folder || path.startsWith(`${folder}/`))
  }
}

function sumOf(a: ScanCounters, b: ScanCounters): ScanCounters {
  return {
    emitted: a.emitted + b.emitted,
    scanned: a.scanned + b.scanned,
    lost: a.lost + b.lost,
    too_large: a.too_large + b.too_large,
    timed_out: a.timed_out + b.timed_out,
    skipped: a.skipped + b.skipped,
    failed: a.failed + b.failed,
  }
}

/** Names one state of one file: another content has another. */
function stateOf({ dev, ino, ctimeNs, size }: BigIntStats): string {
  return `${dev}:${ino}:${ctimeNs}:${size}`
}

function describe({
  rule,
  matches,
  matchCount,
}: FileFinding): Pick<FindingRecord, 'finding_info' | 'meta' | 'matches' | 'match_count' | 'severity_id'> {
  const info = yaraRuleInfo(rule)
  return {
    severity_id: severityId(info.severity),
    finding_info: {
      uid: info.id.slice(0, LONGEST.uid),
      title: info.title.slice(0, LONGEST.title),
      desc: info.explanation.slice(0, LONGEST.desc),
      analytic: {
        name: rule.name.slice(0, LONGEST.name),
        type_id: 1,
        category: 'yara',
        file: rule.file.slice(0, LONGEST.file),
      },
      tags: rule.tags,
    },
    meta: rule.meta,
    matches,
    match_count: matchCount,
  }
}
