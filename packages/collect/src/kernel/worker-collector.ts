import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { BoundedQueue, CodedError, type Counters, SignOfLife } from '@vedette/base'
import type { BlindSpot, RawRecord } from '@vedette/model'
import type { Collector } from '../collector.ts'
import { kindOf } from './kind-of.ts'
import type { FromWorker, ToWorker } from './worker-protocol.ts'

export interface WorkerCollectorOptions {
  readonly name: string
  /** The worker's file, which calls `serve`. */
  readonly worker: URL
  /** Handed to the source; must survive structured cloning. */
  readonly config: unknown
  readonly blindSpots: readonly BlindSpot[]
  /** Most records that wait for the consumer. What comes when it is full is lost, and counted. */
  readonly queueSize: number
}

/** At most this many records in a batch. */
const BATCH = 4096
const STOP_TIMEOUT_MS = 2000

/** A collector whose source runs in a worker, so that it looks at a new process at once however busy the rest is. */
export class WorkerCollector implements Collector {
  readonly name: string
  readonly #worker: Worker
  readonly #queue: BoundedQueue<RawRecord>
  readonly #blindSpots: readonly BlindSpot[]
  readonly #ended = Promise.withResolvers<void>()
  readonly #exited = Promise.withResolvers<void>()
  readonly #watching = new Map<number, () => void>()
  readonly #kinds = new Map<string, { emitted: number; delivered: number; lost: number }>()
  readonly #life = new SignOfLife()
  #saidBlindSpots: readonly BlindSpot[] = []
  #lostAtSource = 0
  #failure: Error | undefined
  #nextWatch = 0
  #over = false

  /** @throws when the source cannot be opened */
  static async open(options: WorkerCollectorOptions): Promise<WorkerCollector> {
    const worker = new Worker(options.worker, {
      workerData: options.config,
      name: options.name,
      // Options of Node that the process was started with need not make sense for a worker.
      execArgv: [],
      // A guest keeps little: the heap is cleaned early.
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 },
    })
    const collector = new WorkerCollector(worker, options)
    const ready = Promise.withResolvers<void>()
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'ready') ready.resolve()
      collector.#receive(message)
    })
    worker.on('error', (error) => collector.#end(error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', () => {
      collector.#exited.resolve()
      collector.#end(collector.#failureText('its worker ended'))
    })
    await Promise.race([ready.promise, collector.#ended.promise])
    if (collector.#failure !== undefined) throw collector.#failure
    return collector
  }

  private constructor(worker: Worker, { name, queueSize, blindSpots }: WorkerCollectorOptions) {
    this.name = name
    this.#worker = worker
    this.#queue = new BoundedQueue(queueSize)
    this.#blindSpots = blindSpots
  }

  async *records(signal: AbortSignal): AsyncGenerator<readonly RawRecord[]> {
    let deadline: NodeJS.Timeout | undefined
    const stop = () => {
      this.#post({ type: 'stop' })
      // A worker that hangs in a system call must not hold up the end of everything.
      deadline = setTimeout(() => this.#end(undefined), STOP_TIMEOUT_MS)
    }
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    try {
      // The queue is closed once the worker has handed on what it had.
      for await (const batch of this.#queue.batches(BATCH)) {
        for (const record of batch) this.#book(kindOf(record)).delivered += 1
        yield batch
      }
    } finally {
      signal.removeEventListener('abort', stop)
      clearTimeout(deadline)
    }
    if (this.#failure !== undefined && !signal.aborted) throw this.#failure
  }

  counters(): Counters {
    const { emitted, delivered, lost } = this.#queue.counters
    return { emitted: emitted + this.#lostAtSource, delivered, lost: lost + this.#lostAtSource }
  }

  kinds(): Readonly<Record<string, Counters>> {
    return Object.fromEntries([...this.#kinds].map(([kind, book]) => [kind, { ...book }]))
  }

  silentMs(): number {
    return this.#over ? 0 : this.#life.silentMs()
  }

  blindSpots(): readonly BlindSpot[] {
    return [...this.#blindSpots, ...this.#saidBlindSpots]
  }

  async watch(path: string): Promise<AsyncDisposable> {
    const id = this.#nextWatch
    this.#nextWatch += 1
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#watching.set(id, resolve)
    this.#post({ type: 'watch', id, path })
    await Promise.race([promise, this.#ended.promise])
    return { [Symbol.asyncDispose]: async () => this.#post({ type: 'unwatch', id }) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const isStuck = this.silentMs() > STOP_TIMEOUT_MS
    this.#end(undefined)
    this.#life[Symbol.dispose]()
    // Ended by itself it closes what it has opened; a worker that is terminated leaves descriptors behind.
    this.#post({ type: 'stop' })
    const timeout = new AbortController()
    if (isStuck) timeout.abort()
    await Promise.race([
      this.#exited.promise,
      delay(STOP_TIMEOUT_MS, undefined, { signal: timeout.signal }).catch(() => undefined),
    ])
    timeout.abort()
    await this.#worker.terminate()
  }

  #post(message: ToWorker): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker of Node, not a window
    this.#worker.postMessage(message)
  }

  #receive(message: FromWorker): void {
    this.#life.heard()
    switch (message.type) {
      case 'ready':
      case 'alive':
        this.#saidBlindSpots = message.blindSpots
        return
      case 'records':
        this.#lostAtSource += message.lost
        if (message.lost > 0) {
          const missing = this.#book(message.ofKind)
          missing.emitted += message.lost
          missing.lost += message.lost
        }
        for (const record of message.records) {
          const book = this.#book(kindOf(record))
          book.emitted += 1
          if (!this.#queue.offer(record)) book.lost += 1
        }
        return
      case 'watching':
        this.#watching.get(message.id)?.()
        this.#watching.delete(message.id)
        return
      case 'failed':
        this.#end(this.#failureText(message.message))
        return
      default:
        this.#end(undefined)
    }
  }

  #book(kind: string): { emitted: number; delivered: number; lost: number } {
    let book = this.#kinds.get(kind)
    if (book === undefined) {
      book = { emitted: 0, delivered: 0, lost: 0 }
      this.#kinds.set(kind, book)
    }
    return book
  }

  #failureText(reason: string): CodedError {
    return new CodedError('collector-failed', `Collector ${this.name} failed: ${reason}`)
  }

  /** The first call says how it ended. */
  #end(failure: Error | undefined): void {
    if (this.#over) return
    this.#over = true
    this.#failure = failure
    this.#queue.close()
    this.#ended.resolve()
  }
}
