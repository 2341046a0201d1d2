import { Worker } from 'node:worker_threads'
import { trimMemory } from '@vedette/linux'
import type {
  FromWorker,
  Looked,
  LookRequest,
  ScanRequest,
  ScanSummary,
  Seen,
  ToWorker,
  WorkerOptions,
} from './messages.ts'

/** A worker without work for so long is let go. */
const IDLE_MS = 10_000
/** What takes longer hangs, most likely in a file system that does not answer. */
const LOOK_MS = 30_000

interface Waiting {
  readonly done: PromiseWithResolvers<FromWorker>
  readonly seen: ((batch: readonly Seen[]) => void) | undefined
  timer: NodeJS.Timeout | undefined
}

/** A request that came to nothing: the worker ended, or hangs. */
export class ExamineError extends Error {
  override readonly name = 'ExamineError'
}

/** The worker that looks at files: started when there is something to do, ended when there is not. */
export class ExaminingWorker implements AsyncDisposable {
  readonly #options: WorkerOptions
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #next = 0
  #idle: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: WorkerOptions) {
    this.#options = options
  }

  /** @throws {ExamineError} */
  async look(request: Omit<LookRequest, 'type' | 'id'>): Promise<Looked> {
    return (await this.#ask((id) => ({ type: 'look', id, ...request }), undefined, LOOK_MS)) as Looked
  }

  /**
   * @param seen told of what is not as it was known
   * @throws {ExamineError}
   */
  async scan(
    request: Omit<ScanRequest, 'type' | 'id'>,
    seen: (batch: readonly Seen[]) => void,
  ): Promise<ScanSummary> {
    const end = await this.#ask((id) => ({ type: 'scan', id, ...request }), seen, undefined)
    if (end.type !== 'end') throw new ExamineError('Cannot look at files: the worker gave a wrong answer')
    return end.summary
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#end('it was ended')
  }

  #ask(
    make: (id: number) => ToWorker,
    seen: Waiting['seen'],
    timeoutMs: number | undefined,
  ): Promise<FromWorker> {
    if (this.#closed) return Promise.reject(new ExamineError('Cannot look at files: it was ended'))
    clearTimeout(this.#idle)
    const worker = (this.#worker ??= this.#start())
    this.#next += 1
    const id = this.#next
    const done = Promise.withResolvers<FromWorker>()
    const waiting: Waiting = { done, seen, timer: undefined }
    if (timeoutMs !== undefined) {
      waiting.timer = setTimeout(() => void this.#end('it took too long'), timeoutMs)
      waiting.timer.unref()
    }
    this.#waiting.set(id, waiting)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage(make(id))
    return done.promise
  }

  #start(): Worker {
    const worker = new Worker(new URL('./integrity.worker.ts', import.meta.url), {
      workerData: this.#options,
      name: 'integrity',
      // Options of Node that the process was started with need not make sense for a worker.
      execArgv: [],
      // A guest keeps little: the heap is cleaned early.
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 128 },
    })
    worker.on('message', (message: FromWorker) => this.#receive(message))
    const failed = (reason: string) => {
      if (this.#worker === worker) void this.#end(reason)
    }
    worker.on('error', (error) => failed(error instanceof Error ? error.message : String(error)))
    worker.on('exit', () => failed('its worker ended'))
    return worker
  }

  #receive(message: FromWorker): void {
    const waiting = this.#waiting.get(message.id)
    if (waiting === undefined) return
    if (message.type === 'batch') {
      waiting.seen?.(message.seen)
      return
    }
    this.#waiting.delete(message.id)
    clearTimeout(waiting.timer)
    waiting.done.resolve(message)
    if (this.#waiting.size > 0) return
    this.#idle = setTimeout(() => void this.#end('it was idle'), IDLE_MS)
    this.#idle.unref()
  }

  async #end(reason: string): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    clearTimeout(this.#idle)
    for (const { done, timer } of this.#waiting.values()) {
      clearTimeout(timer)
      done.reject(new ExamineError(`Cannot look at files: ${reason}`))
    }
    this.#waiting.clear()
    await worker?.terminate()
    trimMemory()
  }
}
