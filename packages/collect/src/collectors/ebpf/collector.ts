import { Worker } from 'node:worker_threads'
import { CodedError, type Counters, type Logger, SignOfLife } from '@vedette/base'
import type { BlindSpot, KernelRecord } from '@vedette/model'
import type { Collector } from '../../collector.ts'
import type { CallSequence, Followed } from './call-sequences.ts'
import type { EbpfConfig } from './config.ts'
import { mergeByTime } from './merge.ts'
import { type Command, type KindSwitches, type Report, Shared, type WorkerStart } from './messages.ts'
import { blindSpots } from './blind-spots.ts'
import { kindNames, kinds, type KindName } from './kinds.ts'
import { Chunk } from './records/chunk.ts'
import { Decoder } from './records/decoder.ts'

type Answer = Pick<Extract<Report, { type: 'obeyed' }>, 'error' | 'sequence'>
/** Names under which a kind is booked, where it is not its own: a path is looked for to tell of a file. */
const bookOf: Readonly<Partial<Record<string, string>>> = { path: 'file', protocol: 'dns' }

type RecordsReport = Extract<Report, { type: 'records' }>

/** What the kernel made of each kind of record, and how many of them found their ring full. */
export type CountersByKind = Readonly<Record<KindName, { readonly emitted: number; readonly lost: number }>>

/**
 * Kernel records by eBPF. A worker empties the rings and hands over the raw bytes; they are decoded here, when they are
 * asked for. Nobody who asks too slowly fills the memory: the worker then leaves the records in the rings, and what finds
 * a ring full is counted by the kernel. Exec, fork and exit have a ring of their own.
 *
 * Records are in the order of their time within a batch; batches too, but for the microseconds in which one processor is
 * ahead of another.
 */
export class EbpfCollector implements Collector {
  readonly name = 'ebpf'
  readonly #worker: Worker
  readonly #shared: Shared
  readonly #life = new SignOfLife()
  #turn = 0
  readonly #log: Logger
  readonly #config: EbpfConfig
  readonly #decoder = new Decoder()
  readonly #reports: RecordsReport[] = []
  readonly #asked = new Map<number, (answer: Answer) => void>()
  readonly #ready = Promise.withResolvers<undefined>()
  readonly #exited = Promise.withResolvers<undefined>()
  #wake: (() => void) | undefined
  #state: 'running' | 'ended' | 'failed' = 'running'
  #failure: Error | undefined
  #delivered = 0
  readonly #deliveredByKind = new Map<string, number>()
  #abandoned = 0
  readonly #abandonedByKind = new Map<string, number>()
  #iterated = false
  #lastAsked = 0
  #unreadable: readonly string[] = []
  #full = false
  #everyCall = false
  #losing: readonly KindName[] = []

  private constructor(config: EbpfConfig, log: Logger) {
    this.#config = config
    this.#log = log
    this.#shared = new Shared()
    const start: WorkerStart = { config, shared: this.#shared.buffer }
    this.#worker = new Worker(new URL('./ebpf.worker.ts', import.meta.url), {
      workerData: start,
      name: 'ebpf',
      // A guest keeps little: the heap is cleaned early.
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 },
      // libbpf and this package open and close descriptors of their own.
      trackUnmanagedFds: false,
    })
    // A failure after the start has been told elsewhere.
    this.#ready.promise.catch(() => undefined)
    this.#worker.on('message', (message: Report) => this.#hear(message))
    this.#worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', () => {
      this.#fail(new CodedError('ebpf-failed', 'The thread of the eBPF sensor ended'))
      this.#exited.resolve(undefined)
    })
  }

  /** @throws {CodedError} when the kernel refuses the sensor: `no-libbpf`, `bpf-load`, `bpf-attach` */
  static async open(config: EbpfConfig, log: Logger): Promise<EbpfCollector> {
    const collector = new EbpfCollector(config, log)
    try {
      await collector.#ready.promise
    } catch (error) {
      await collector.#exited.promise
      throw error
    }
    return collector
  }

  async *records(signal: AbortSignal): AsyncGenerator<readonly KernelRecord[]> {
    if (this.#iterated) throw new TypeError('The records of a collector are iterated once')
    this.#iterated = true
    const onAbort = () => this.#command({ type: 'stop' })
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    try {
      for (;;) {
        const report = this.#reports.shift()
        if (report) {
          const records = this.#decode(report)
          if (records.length === 0) continue
          this.#deliver(records)
          yield records
          continue
        }
        if (this.#state === 'ended') return
        if (this.#failure) throw this.#failure
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        this.#wake = undefined
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      await this.#stop()
    }
  }

  counters(): Counters {
    const { emitted, lost, extra } = this.#shared
    const [missed = 0, aboutNothing = 0] = extra
    return {
      emitted: sum(emitted) + missed - aboutNothing,
      delivered: this.#delivered,
      lost: sum(lost) + missed + this.#abandoned,
    }
  }

  /** As `counters`, for each kind of record. `path` counts calls that may have been about something watched. */
  countersByKind(): CountersByKind {
    const { emitted, lost } = this.#shared
    return Object.fromEntries(
      kindNames.map((name) => {
        const kind = kinds[name]
        return [name, { emitted: emitted[kind] ?? 0, lost: lost[kind] ?? 0 }]
      }),
    ) as CountersByKind
  }

  /**
   * The books of `counters`, by kind: a record's `type`, of what is about the system its `activity`. `unseen` is what no
   * program of the kernel's half ran for.
   */
  kinds(): Readonly<Record<string, Counters>> {
    const { emitted, lost, extra } = this.#shared
    const [missed = 0, aboutNothing = 0] = extra
    const books: Record<string, { emitted: number; delivered: number; lost: number }> = {
      unseen: { emitted: missed, delivered: 0, lost: missed },
    }
    for (const name of kindNames) {
      const kind = bookOf[name] ?? name
      const book = (books[kind] ??= {
        emitted: kind === 'file' ? -aboutNothing : 0,
        delivered: this.#deliveredByKind.get(kind) ?? 0,
        lost: this.#abandonedByKind.get(kind) ?? 0,
      })
      book.emitted += emitted[kinds[name]] ?? 0
      book.lost += lost[kinds[name]] ?? 0
    }
    return books
  }

  silentMs(): number {
    const turn = Atomics.load(this.#shared.turns, 0)
    if (turn !== this.#turn) {
      this.#turn = turn
      this.#life.heard()
    }
    return this.#state === 'running' ? this.#life.silentMs() : 0
  }

  blindSpots(): readonly BlindSpot[] {
    return blindSpots(
      { ...this.#config, watch_every_call: this.#everyCall },
      this.#unreadable,
      this.#full,
      this.#losing,
    )
  }

  async watch(path: string): Promise<AsyncDisposable> {
    if (!path.startsWith('/'))
      throw new RangeError(`A watch needs an absolute path, got ${JSON.stringify(path)}`)
    this.#lastAsked += 1
    const id = this.#lastAsked
    await this.#ask({ type: 'watch', id, path })
    let watching = true
    return {
      [Symbol.asyncDispose]: async () => {
        if (!watching || this.#state !== 'running') return
        watching = false
        await this.#ask({ type: 'unwatch', id })
      },
    }
  }

  /**
   * Tells kinds of records from now on, or tells them no more; those not named stay as they are. Nothing is loaded anew.
   *
   * @throws {CodedError} `ebpf-watch` when the kernel refuses
   */
  async tell(kinds: KindSwitches): Promise<void> {
    this.#lastAsked += 1
    await this.#ask({ type: 'kinds', id: this.#lastAsked, kinds })
  }

  /**
   * Keeps the last system calls of a process or cgroup from now on, until it is disposed of; everybody's calls are a little
   * slower meanwhile. At most 64 at once.
   *
   * @throws {CodedError} `ebpf-watch`
   */
  async follow(of: Followed): Promise<AsyncDisposable & { readonly read: () => Promise<CallSequence> }> {
    const ask = async (type: 'follow' | 'unfollow' | 'sequence') => {
      this.#lastAsked += 1
      return this.#ask({ type, id: this.#lastAsked, of })
    }
    await ask('follow')
    return {
      read: async () => (await ask('sequence')).sequence ?? { count: 0, calls: [] },
      [Symbol.asyncDispose]: async () => {
        if (this.#state === 'running') await ask('unfollow')
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
  }

  #decode({ processes, bulk, resolved, bootTimeMs }: RecordsReport): KernelRecord[] {
    this.#decoder.bootTimeMs = bootTimeMs
    const ofProcesses: KernelRecord[] = []
    const ofBulk: KernelRecord[] = []
    if (processes) this.#decoder.decode(new Chunk(processes), ofProcesses)
    if (bulk) this.#decoder.decode(new Chunk(bulk), ofBulk)
    const { inFlight } = this.#shared
    Atomics.sub(inFlight, 0, processes?.byteLength ?? 0)
    Atomics.sub(inFlight, 1, bulk?.byteLength ?? 0)
    return mergeByTime(ofProcesses, mergeByTime(ofBulk, resolved))
  }

  #deliver(records: readonly KernelRecord[]): void {
    this.#delivered += records.length
    const counts = this.#deliveredByKind
    let kind = ''
    let count = 0
    for (const record of records) {
      const next = record.type === 'system' ? record.activity : (bookOf[record.type] ?? record.type)
      if (next !== kind) {
        if (count > 0) counts.set(kind, (counts.get(kind) ?? 0) + count)
        kind = next
        count = 0
      }
      count += 1
    }
    if (count > 0) counts.set(kind, (counts.get(kind) ?? 0) + count)
  }

  #hear(message: Report): void {
    switch (message.type) {
      case 'records':
        this.#reports.push(message)
        break
      case 'ready':
        this.#everyCall = message.everyCall
        this.#ready.resolve(undefined)
        break
      case 'obeyed':
        this.#asked.get(message.id)?.(message)
        this.#asked.delete(message.id)
        break
      case 'unreadable':
        this.#unreadable = message.paths
        this.#full = message.full
        if (message.paths.length > 0)
          this.#log.warn({ paths: message.paths }, 'some watched paths cannot be read')
        break
      case 'losing':
        this.#losing = message.kinds
        break
      case 'ended':
        this.#state = 'ended'
        this.#refuse('the collector ended')
        break
      case 'failed':
        this.#fail(new CodedError(message.code, message.message))
        break
    }
    this.#wake?.()
  }

  #fail(error: Error): void {
    if (this.#state !== 'running') return
    this.#state = 'failed'
    this.#failure = error
    this.#ready.reject(error)
    this.#refuse(error.message)
    this.#wake?.()
  }

  #refuse(reason: string): void {
    for (const answer of this.#asked.values()) answer({ error: reason })
    this.#asked.clear()
  }

  #command(command: Command): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker is no window
    if (this.#state === 'running') this.#worker.postMessage(command)
  }

  async #ask(command: Exclude<Command, { type: 'stop' }>): Promise<Answer> {
    if (this.#state !== 'running') throw new TypeError('The collector is closed')
    const answer = await new Promise<Answer>((resolve) => {
      this.#asked.set(command.id, resolve)
      this.#command(command)
    })
    if (answer.error !== undefined)
      throw new CodedError('ebpf-watch', `Cannot change what is told: ${answer.error}`)
    return answer
  }

  /**
   * Ends the worker, which takes some ten milliseconds. It is asked to end, never terminated: that would kill the process
   * when it hits a foreign call. What was not taken by then is lost, and counted.
   */
  async #stop(): Promise<void> {
    this.#command({ type: 'stop' })
    await this.#exited.promise
    this.#life[Symbol.dispose]()
    this.#reports.length = 0
    const { emitted, delivered, lost } = this.counters()
    this.#abandoned += emitted - delivered - lost
    for (const [kind, book] of Object.entries(this.kinds())) {
      const left = book.emitted - book.delivered - book.lost
      if (left !== 0) this.#abandonedByKind.set(kind, (this.#abandonedByKind.get(kind) ?? 0) + left)
    }
  }
}

function sum(numbers: Float64Array): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
