import { setTimeout as delay } from 'node:timers/promises'
import type { Clock, Logger } from '@vedette/base'
import { bootTimeMs } from '@vedette/linux'
import {
  type Device,
  type Event,
  type FileObject,
  type Process,
  processOf,
  type RawRecord,
  type SensorEvent,
  type SensorRecord,
} from '@vedette/model'
import type { NormaliseConfig } from './config.ts'
import { CgroupPaths } from './enrichers/container/cgroup-paths.ts'
import {
  type ExecutableHashCounters,
  ExecutableHasher,
  type HashRequest,
} from './enrichers/executable-hash/executable-hash.ts'
import {
  ProcessTree,
  type ProcessReader,
  type ProcessTreeCounters,
} from './enrichers/process-tree/process-tree.ts'
import { Users } from './enrichers/users/users.ts'
import { EventFactory } from './event-factory.ts'
import { noRedaction, redactor } from './redaction/redact.ts'
import { KernelSource } from './sources/kernel/kernel-source.ts'
import { createProcReader } from './sources/kernel/proc-reader.ts'
import type { ImageContext } from './sources/kernel/program-image.ts'
import { sensorEventOf } from './sources/sensor/sensor-source.ts'
import { usageEventOf } from './sources/usage/usage-source.ts'
import { findingOf } from './sources/finding/finding-source.ts'
import { integrityEvent } from './sources/integrity/integrity-source.ts'
import { inventoryEvent } from './sources/inventory/inventory-source.ts'
import { type OwnHost, thisHost } from './sources/packet/own-sockets.ts'
import { isSocketRecord } from './sources/packet/socket-book.ts'
import { PacketSource } from './sources/packet/packet-source.ts'
import { QuestionBook } from './sources/packet/question-book.ts'
import { LineSource } from './sources/line/line-source.ts'

/** What it did so far. */
export interface NormaliserCounters {
  /** Records that came in. */
  readonly records: number
  readonly events: number
  /** Records of which no Event could be made, since something in them was not as agreed. */
  readonly rejected: number
  readonly process_tree: ProcessTreeCounters
  /** Left out where hashing is switched off. */
  readonly executable_hash?: ExecutableHashCounters
}

/**
 * Turns raw records into Events in context: who started the process, in which container, as which user, from which
 * file. Keeps the process tree, so it wants every record, in order. Whoever made it disposes of it.
 */
export interface Normaliser extends Disposable {
  /**
   * The Events of a batch, in the order of its records: none for a fork, several for a log line that stands for several.
   * Waits a few milliseconds at most, for hashes. Call it again once it has answered. Never rejects for what a record
   * holds.
   */
  normalise(records: readonly RawRecord[]): Promise<readonly Event[]>
  /** The Event of what the watch tells of itself, at once, also while a batch waits for its hashes. */
  ofSensor(record: SensorRecord): SensorEvent
  counters(): NormaliserCounters
}

export interface NormaliserOptions {
  readonly device: Device
  readonly bootId: string
  /** Name of this run of the agent, 16 hex digits. Event ids are `<device.uid>-<run>-<number>`. */
  readonly run: string
  readonly config: NormaliseConfig
  readonly clock: Clock
  readonly log: Logger
  /** When the machine booted, milliseconds since the epoch; asked of the kernel when left out. */
  readonly bootTimeMs?: number
  /** Where processes that no record announced are looked up; /proc when left out. */
  readonly processes?: ProcessReader
  /** Whose packets they are; this host when left out. */
  readonly host?: OwnHost
}

/** Reads the processes that run now and is ready for records. */
export function createNormaliser(options: NormaliserOptions): Normaliser {
  return new RecordNormaliser(options)
}

class RecordNormaliser implements Normaliser {
  readonly #log: Logger
  readonly #waitMs: number
  readonly #users: Users
  readonly #hasher: ExecutableHasher | undefined
  readonly #tree: ProcessTree
  readonly #events: EventFactory
  readonly #kernel: KernelSource
  readonly #lines: LineSource
  readonly #packets: PacketSource
  readonly #questions = new QuestionBook()
  #records = 0
  #rejected = 0

  constructor(options: NormaliserOptions) {
    const { clock, config, log } = options
    this.#log = log
    this.#waitMs = config.executable_hash.wait_ms
    this.#users = new Users(config.users.passwd_file, clock)
    this.#users.refresh()
    this.#hasher = config.executable_hash.enabled
      ? new ExecutableHasher(config.executable_hash, clock)
      : undefined
    const context: ImageContext = {
      users: this.#users,
      cgroups: new CgroupPaths(clock, options.processes === undefined),
      redactor: config.redaction.enabled ? redactor : noRedaction,
      hasher: this.#hasher,
    }
    this.#tree = new ProcessTree({
      bootId: options.bootId,
      bootTimeMs: options.bootTimeMs ?? bootTimeMs(),
      clock,
      config: config.process_tree,
      reader: options.processes ?? createProcReader(context),
    })
    this.#tree.seed()
    this.#events = new EventFactory(options.device, options.run, clock)
    this.#kernel = new KernelSource(this.#tree, this.#events, context)
    this.#lines = new LineSource(this.#events, context.redactor)
    this.#packets = new PacketSource(this.#events, this.#tree, options.host ?? thisHost, clock)
  }

  async normalise(records: readonly RawRecord[]): Promise<readonly Event[]> {
    this.#users.refresh()
    this.#tree.forget()
    this.#events.startBatch()
    const events: Event[] = []
    const unsettled: { readonly process: Process; readonly request: HashRequest }[] = []
    for (const record of records) {
      this.#records += 1
      const made = this.#events.count
      const length = events.length
      try {
        if (record.source === 'line' || record.source === 'journal' || record.source === 'kmsg') {
          this.#lines.normalise(record, events)
        } else if (record.source === 'yara') {
          events.push(findingOf(record, this.#events))
        } else if (record.source === 'integrity') {
          events.push(integrityEvent(record, this.#events))
        } else if (record.source === 'inventory') {
          events.push(inventoryEvent(record, this.#events))
        } else if (record.source === 'usage') {
          events.push(usageEventOf(record, this.#events, this.#tree))
        } else if (record.source === 'sensor') {
          events.push(sensorEventOf(record, this.#events))
        } else if (record.source === 'packet') {
          if (record.type === 'flow' || !this.#questions.isKnown(record))
            events.push(this.#packets.normalise(record))
        } else {
          if (isSocketRecord(record)) this.#packets.observe(record)
          else if (record.type === 'protocol' && this.#questions.isKnown(record)) continue
          let pending: HashRequest | undefined
          const event = this.#kernel.normalise(record, (request) => {
            pending = request
          })
          if (event === undefined) continue
          events.push(event)
          const process = processOf(event)
          if (pending !== undefined && process !== undefined) unsettled.push({ process, request: pending })
        }
      } catch (error) {
        // A fault of ours, most likely. The watch goes on, and the number that was given away is taken back.
        this.#rejected += 1
        this.#events.takeBack(made)
        events.length = length
        this.#log.warn({ error, source: record.source }, 'record could not be normalised')
      }
    }
    return unsettled.length === 0 ? events : this.#withHashes(events, unsettled)
  }

  ofSensor(record: SensorRecord): SensorEvent {
    this.#records += 1
    this.#events.startBatch()
    return sensorEventOf(record, this.#events)
  }

  counters(): NormaliserCounters {
    return {
      records: this.#records,
      events: this.#events.count,
      rejected: this.#rejected,
      process_tree: this.#tree.counters(),
      ...(this.#hasher !== undefined && { executable_hash: this.#hasher.counters() }),
    }
  }

  [Symbol.dispose](): void {
    this.#hasher?.close()
  }

  /** Waits a moment for hashes, and puts those that came into the Events of their processes. */
  async #withHashes(
    events: readonly Event[],
    unsettled: readonly { readonly process: Process; readonly request: HashRequest }[],
  ): Promise<readonly Event[]> {
    const enough = new AbortController()
    await Promise.race([
      Promise.all(unsettled.map(({ request }) => request.settled)),
      delay(this.#waitMs, undefined, { signal: enough.signal }).catch(() => undefined),
    ])
    enough.abort()
    const hashes = new Map<string, string>()
    for (const { process, request } of unsettled) {
      const image = imageKey(process)
      if (image !== undefined && request.value !== undefined) hashes.set(image, request.value)
    }
    if (hashes.size === 0) return events
    return events.map((event): Event => {
      const process = processOf(event)
      const image = process && imageKey(process)
      const value = image === undefined ? undefined : hashes.get(image)
      if (process?.file === undefined || value === undefined) return event
      const file: FileObject = {
        ...process.file,
        hashes: [{ algorithm: 'SHA-256', algorithm_id: 3, value }],
      }
      return { ...event, process: { ...process, file } } as Event
    })
  }
}

/** Which program a process runs: it may become another within one batch. */
function imageKey({ uid, file }: Process): string | undefined {
  return file && `${uid} ${file.inode} ${file.path}`
}
