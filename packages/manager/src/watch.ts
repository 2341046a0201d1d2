import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { addCounters, type Clock, CodedError, type Logger, supervise, zeroCounters } from '@vedette/base'
import {
  chooseKernelCollector,
  type CollectConfig,
  type CollectorContext,
  type CollectorKind,
  collectors,
  sectionOf,
} from '@vedette/collect'
import { SideProcess } from '@vedette/collect/side'
import { bootId } from '@vedette/linux'
import {
  type AgentId,
  type BlindSpot,
  type Book,
  type Event,
  MAX_BATCH_EVENTS,
  type PartReport,
  type RawRecord,
  type SensorEvent,
  type SensorEnd,
  type SensorRecord,
} from '@vedette/model'
import {
  createNormaliser,
  type EventPrivacy,
  eventPrivacy,
  type NormaliseConfig,
  type Normaliser,
  type NormaliserCounters,
} from '@vedette/normalise'
import type { YaraConfig } from '@vedette/detect/yara'
import { CollectorPart, type Opened } from './collector-part.ts'
import { FileScans } from './file-scans.ts'
import { FileIntegrity, type FileIntegrityOptions } from './integrity/file-integrity.ts'
import { privacyKey } from './privacy-key.ts'
import { OwnProcesses, type OwnProcessesOptions } from './own-processes.ts'
import { type BatchMark, RecordQueue } from './record-queue.ts'
import { SensorMonitor } from './sensor-monitor.ts'

export interface WatchOptions {
  readonly agent: AgentId
  readonly hostname: string
  /** Name of this run of the agent, 16 hex digits; event ids carry it. */
  readonly run: string
  readonly collect: CollectConfig
  readonly normalise: NormaliseConfig
  /** Which files are scanned. Left out: none are. */
  readonly yara?: YaraConfig
  /** Files and folders of YARA rules besides those of the configuration. */
  readonly extraRules?: readonly string[]
  /** Which files are known by a baseline, and where that is kept. Left out: none are. */
  readonly integrity?: Pick<FileIntegrityOptions, 'config' | 'folder' | 'audit'>
  /** Vedette's own processes. Their connections and files are dropped and counted. */
  readonly own?: OwnProcessesOptions
  /**
   * An existing folder, 0700, where collectors keep how far they have read, so that a restart goes on there. Left out:
   * what is written while nobody watches is not seen.
   */
  readonly stateFolder?: string
  /**
   * An existing folder, 0700, where it is kept what was there on this host and what is usual on it: what became of it
   * between two runs is told then, and what is usual is not learnt anew. Left out: in `stateFolder`, and where that is left
   * out too, nowhere.
   */
  readonly knownFolder?: string
  /** Parts behind the watch, such as the spool: what they lose is told as well. */
  readonly partsBehind?: () => readonly PartReport[]
  /**
   * Told at once what the watch notices of itself once its events are iterated: that it sees less must not wait behind what
   * it cannot keep up with, nor for who iterates. Left out: such an event is the first of the next batch.
   */
  readonly onSensorEvent?: (event: SensorEvent) => void
  /** A collector is stuck and cannot be ended: only a new process would see again. */
  readonly onHopeless?: (part: string) => void
  readonly clock: Clock
  readonly log: Logger
}

/** The first half of the pipeline: collectors, chosen by what this host allows, and the normaliser behind them. */
export interface Watch extends AsyncDisposable {
  /**
   * Events as they happen, at most `MAX_BATCH_EVENTS` in a batch: one at once when nothing waits, more the more there is
   * to do. A collector that fails is opened again. Ends after the abort, with what was seen by then. Iterated once.
   */
  events(signal: AbortSignal): AsyncIterable<readonly Event[]>
  /**
   * Told that the first `count` events that `events` gave are kept for good (in the spool, or stored): a collector that
   * can go on after a restart then does so behind them. May be told late, or only for the last of many.
   */
  kept(count: number): void
  /** Something happened to the watch that its parts cannot know of; told as an Event, once an episode. */
  note(part: string, cause: 'failed' | 'stuck' | 'budget', detail?: string, endedBy?: SensorEnd): void
  /** Each collector and the normaliser, with what they lost. */
  parts(): readonly PartReport[]
  counters(): WatchCounters
  /** What became of all records so far. */
  book(): Book
  /** What this host does not let us see, as far as it is known by now. */
  blindSpots(): readonly BlindSpot[]
  /**
   * Scans files by the YARA rules of the configuration and by these from now on; where they are refused, the ones before stay.
   *
   * @returns how many rules there are then; undefined where no files are scanned
   * @throws {CodedError} `rules-refused`
   */
  replaceRules(extraRules: readonly string[]): Promise<{ readonly rules: number } | undefined>
  /**
   * Watches a file, or a folder and what lies in it, from now on.
   *
   * @returns what ends that watch
   * @throws {CodedError} `watch-unsupported` where no collector sees files on this host
   */
  watch(path: string): Promise<AsyncDisposable>
}

export interface WatchCounters {
  /** Records that wait to be normalised. */
  readonly waiting: number
  /** Records of connections and files of Vedette's own processes, which become no events. */
  readonly own_dropped: number
  readonly normaliser: NormaliserCounters
  /** Events that `events` gave, and those that were told at once. */
  readonly given: number
}

/** How often it is looked whether a part loses. */
const MONITOR_MS = 500
/** Most points up to which something may be kept. Beyond, two become one: then it is known a little later. */
const MAX_POINTS = 1024
/** Collectors that know what a host is like, whatever was read of its logs. */
const KNOWING: ReadonlySet<string> = new Set(['inventory', 'usage'])
/** Records that wait at most; then collectors are not asked for more. */
const QUEUE_RECORDS = 20_000

/**
 * Opens the collectors, so that what happens from its answer on is seen.
 *
 * @throws {CodedError} `collector-unusable` when none, or not the one that is asked for, works on this host
 */
export async function createWatch(options: WatchOptions): Promise<Watch> {
  const { log, clock, collect, stateFolder, knownFolder = stateFolder } = options
  const privacy = eventPrivacy(options.normalise.redaction, await privacyKey(options.normalise, knownFolder))
  const context = (name: string): CollectorContext => ({
    log: log.child({ part: name }),
    clock,
    side,
    ...stateFolderOf(options, name),
  })
  const queue = new RecordQueue(QUEUE_RECORDS)
  const monitor = new SensorMonitor(clock, (record) => tell(record))
  const side = new SideProcess({
    onTrouble: (cause, detail) => {
      log.error({ cause, detail }, 'the process for what is seldom done ended, and is started anew')
      monitor.note('side', cause, detail)
    },
  })
  const partOf = (name: string, open: () => Promise<Opened>) =>
    new CollectorPart(
      name,
      open,
      log,
      (part, cause, detail) => monitor.note(part, cause, detail),
      options.onHopeless,
    )
  const kernel = partOf('kernel', () => chooseKernelCollector(collect, context('kernel')))
  const others = collectors
    // What watches the kernel is chosen, and opened, as one.
    .filter((kind) => kind.sees === undefined && kind.isWanted?.(sectionOf(collect, kind.name)) !== false)
    .map((kind) => partOf(kind.name, () => openUsable(kind, collect, context(kind.name))))
  const parts = [kernel, ...others]
  try {
    for (const part of parts) await part.open()
  } catch (error) {
    for (const part of parts) await part.close()
    await side[Symbol.asyncDispose]()
    throw error
  }
  // After the collectors: what starts in between is in their records too, and none is missed.
  const normaliser = createNormaliser({
    device: { uid: options.agent, hostname: options.hostname },
    bootId: bootId(),
    run: options.run,
    config: options.normalise,
    clock,
    log: log.child({ part: 'normalise' }),
  })
  const { yara } = options
  const scans =
    yara?.enabled === true
      ? new FileScans({
          config: yara,
          ...(options.extraRules !== undefined && { extraRules: options.extraRules }),
          // Findings are few, and what the queue cannot take any more it counts.
          found: (record) => void queue.offer([record]),
          clock,
          log: log.child({ part: 'yara' }),
        })
      : undefined
  const integrity =
    options.integrity?.config.enabled === true
      ? new FileIntegrity({
          ...options.integrity,
          side,
          found: (record) => void queue.offer([record]),
          clock,
          log: log.child({ part: 'integrity' }),
        })
      : undefined
  const watch = new LocalWatch({
    kernel,
    parts,
    normaliser,
    privacy,
    own: new OwnProcesses(options.own ?? { pids: [], executables: [] }),
    queue,
    scans,
    integrity,
    side,
    monitor,
    partsBehind: options.partsBehind,
    onSensorEvent: options.onSensorEvent,
    log,
  })
  const tell = (record: SensorRecord) => watch.tell(record)
  if (yara?.enabled === true && yara.on_write && kernel.seesFiles) {
    const watching = yara.watch_paths.map((path) =>
      watch.watch(path).catch((error: unknown) => log.warn({ error, path }, 'path is not watched')),
    )
    await Promise.all(watching)
  }
  await integrity?.start((path) => watch.watch(path))
  return watch
}

function stateFolderOf(
  { stateFolder, knownFolder }: WatchOptions,
  name: string,
): Pick<CollectorContext, 'stateFolder'> {
  const folder = KNOWING.has(name) ? (knownFolder ?? stateFolder) : stateFolder
  return folder === undefined ? {} : { stateFolder: folderOf(folder, name) }
}

function folderOf(stateFolder: string, collector: string): string {
  const folder = join(stateFolder, collector)
  mkdirSync(folder, { mode: 0o700, recursive: true })
  return folder
}

async function openUsable(
  kind: CollectorKind,
  config: CollectConfig,
  context: CollectorContext,
): Promise<Opened> {
  const section = sectionOf(config, kind.name)
  const probe = await kind.probe(section)
  if (!probe.usable) return { reason: probe.reason }
  return { collector: await kind.open(section, context), passedOver: [] }
}

interface WatchParts {
  readonly kernel: CollectorPart
  readonly parts: readonly CollectorPart[]
  readonly normaliser: Normaliser
  readonly privacy: EventPrivacy
  readonly own: OwnProcesses
  readonly queue: RecordQueue
  readonly scans: FileScans | undefined
  readonly integrity: FileIntegrity | undefined
  readonly side: SideProcess
  readonly monitor: SensorMonitor
  readonly partsBehind: (() => readonly PartReport[]) | undefined
  readonly onSensorEvent: ((event: SensorEvent) => void) | undefined
  readonly log: Logger
}

class LocalWatch implements Watch {
  readonly #kernel: CollectorPart
  readonly #parts: readonly CollectorPart[]
  readonly #normaliser: Normaliser
  readonly #privacy: EventPrivacy
  readonly #own: OwnProcesses
  readonly #log: Logger
  readonly #queue: RecordQueue
  readonly #scans: FileScans | undefined
  readonly #integrity: FileIntegrity | undefined
  readonly #side: SideProcess
  readonly #monitor: SensorMonitor
  readonly #partsBehind: () => readonly PartReport[]
  readonly #onSensorEvent: ((event: SensorEvent) => void) | undefined
  /** Events that went to `#onSensorEvent`. */
  #told = 0
  readonly #stop = new AbortController()
  #running: Promise<unknown> | undefined
  #given = 0
  #yielded = 0
  readonly #points: { readonly events: number; readonly marks: readonly BatchMark[] }[] = []

  constructor({
    kernel,
    parts,
    normaliser,
    privacy,
    own,
    queue,
    scans,
    integrity,
    side,
    monitor,
    partsBehind,
    onSensorEvent,
    log,
  }: WatchParts) {
    this.#onSensorEvent = onSensorEvent
    this.#monitor = monitor
    this.#partsBehind = partsBehind ?? (() => [])
    this.#kernel = kernel
    this.#parts = parts
    this.#normaliser = normaliser
    this.#privacy = privacy
    this.#own = own
    this.#queue = queue
    this.#scans = scans
    this.#integrity = integrity
    this.#side = side
    this.#log = log
  }

  async *events(signal: AbortSignal): AsyncGenerator<readonly Event[]> {
    if (this.#running !== undefined) throw new TypeError('The events of a watch are iterated once')
    const ending = AbortSignal.any([signal, this.#stop.signal])
    const usable = this.#parts.filter((part) => part.usable)
    this.#running = Promise.all(usable.map((part) => this.#supervise(part, ending))).finally(() =>
      this.#queue.close(),
    )
    const looking = setInterval(() => this.#monitor.observe(this.#sensors()), MONITOR_MS)
    try {
      for (;;) {
        const taken = await this.#queue.take(MAX_BATCH_EVENTS)
        if (taken === undefined) break
        const seen = await this.#normaliser.normalise(this.#others(taken.records))
        // What works on this host needs paths as they are; all that goes on from here has what may leave.
        this.#scans?.observe(seen)
        this.#integrity?.observe(seen)
        const events = seen.map((event) => this.#privacy.of(event))
        this.#given += events.length
        this.#remember(taken.marks)
        // A line of a log may stand for several events.
        for (let at = 0; at < events.length; at += MAX_BATCH_EVENTS) {
          this.#yielded += Math.min(MAX_BATCH_EVENTS, events.length - at)
          yield at === 0 && events.length <= MAX_BATCH_EVENTS
            ? events
            : events.slice(at, at + MAX_BATCH_EVENTS)
        }
      }
    } finally {
      clearInterval(looking)
      await this.#end()
    }
  }

  note(part: string, cause: 'failed' | 'stuck' | 'budget', detail?: string, endedBy?: SensorEnd): void {
    this.#monitor.note(part, cause, detail, endedBy)
  }

  /** Says something of the watch itself, before all that waits. */
  tell(record: SensorRecord): void {
    if (this.#onSensorEvent === undefined || this.#running === undefined || this.#stop.signal.aborted) {
      this.#queue.offerFirst([record])
      return
    }
    this.#told += 1
    this.#onSensorEvent(this.#privacy.of(this.#normaliser.ofSensor(record)))
  }

  kept(count: number): void {
    while (this.#points[0] !== undefined && this.#points[0].events <= count) {
      for (const { source, number } of this.#points.shift()?.marks ?? []) source.kept(number)
    }
  }

  parts(): readonly PartReport[] {
    const { records, rejected } = this.#normaliser.counters()
    const { lost } = this.#queue
    return [
      ...this.#parts.map((part) => part.report()),
      ...(this.#scans === undefined ? [] : [this.#scans.report()]),
      ...(this.#integrity === undefined ? [] : [this.#integrity.report()]),
      {
        name: 'normalise',
        state: this.#stop.signal.aborted ? 'stopped' : 'running',
        counters: { emitted: records + lost, delivered: records - rejected, lost: rejected + lost },
      },
    ]
  }

  counters(): WatchCounters {
    return {
      waiting: this.#queue.size,
      own_dropped: this.#own.dropped,
      normaliser: this.#normaliser.counters(),
      given: this.#yielded + this.#told,
    }
  }

  book(): Book {
    const collected = this.#parts.map((part) => part.report().counters).reduce(addCounters, zeroCounters)
    const handed = this.#parts.reduce((sum, part) => sum + part.handed, 0)
    const { records, rejected } = this.#normaliser.counters()
    // Scans, integrity and the watch itself put records into the queue as well.
    const emitted = collected.emitted + this.#queue.offered - handed + this.#told
    const lost = collected.lost + this.#queue.lost + rejected
    const waiting = collected.emitted - collected.delivered - collected.lost + this.#queue.size
    const delivered = records - rejected + this.#own.dropped
    return {
      name: 'records',
      emitted,
      delivered,
      lost,
      waiting,
      difference: emitted - delivered - lost - waiting,
    }
  }

  blindSpots(): readonly BlindSpot[] {
    return [
      ...this.#parts.flatMap((part) => part.blindSpots()),
      ...(this.#scans?.blindSpots() ?? []),
      ...(this.#integrity?.blindSpots() ?? []),
    ]
  }

  async replaceRules(extraRules: readonly string[]): Promise<{ readonly rules: number } | undefined> {
    return this.#scans?.replaceRules(extraRules)
  }

  async watch(path: string): Promise<AsyncDisposable> {
    if (!this.#kernel.seesFiles) {
      throw new CodedError('watch-unsupported', 'Cannot watch a path: no collector on this host sees files')
    }
    return this.#kernel.watch(path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end()
    await this.#scans?.[Symbol.asyncDispose]()
    await this.#integrity?.[Symbol.asyncDispose]()
    for (const part of this.#parts) await part.close()
    await this.#side[Symbol.asyncDispose]()
    this.#normaliser[Symbol.dispose]()
  }

  async #end(): Promise<void> {
    this.#stop.abort()
    this.#queue.abandon()
    await this.#running
  }

  /**
   * Parts whose losses make the watch worse. Not the scans: a file that was gone before it could be scanned is nothing odd,
   * and that there were many is one of their blind spots.
   */
  #sensors(): readonly PartReport[] {
    const scans = this.#scans?.report().name
    return [...this.parts(), ...this.#partsBehind()].filter(({ name }) => name !== scans)
  }

  #supervise(part: CollectorPart, signal: AbortSignal): Promise<void> {
    const { name } = part.report()
    return supervise({ name, run: (ending) => part.run(this.#queue, ending) }, { log: this.#log }, signal)
  }

  /** All events up to now must be kept before the sources of these are told. */
  #remember(marks: readonly BatchMark[]): void {
    if (marks.length === 0) return
    this.#points.push({ events: this.#given, marks })
    if (this.#points.length <= MAX_POINTS) return
    const [first, second] = this.#points.splice(0, 2)
    // Of each source the last mark says all that the ones before it would.
    const last = new Map(
      [...(first?.marks ?? []), ...(second?.marks ?? [])].map((mark) => [mark.source, mark]),
    )
    this.#points.unshift({ events: second?.events ?? 0, marks: [...last.values()] })
  }

  #others(records: readonly RawRecord[]): readonly RawRecord[] {
    return records.filter((record) => this.#own.keeps(record))
  }
}
