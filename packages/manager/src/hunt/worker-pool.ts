import { Worker } from 'node:worker_threads'
import type { Clock } from '@vedette/base'
import type { HuntRules } from './hunt-rules.ts'
import type { UnitBatch } from './hunt-unit.ts'
import type { UnitRunner } from './unit-runner.ts'
import type { Unit } from './units.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

export interface WorkerPoolOptions {
  readonly workers: number
  /** Workers start before it is there, and load them then. */
  readonly rules: Promise<HuntRules>
  /** Ids of the rules as the coordinator loaded them: what batches tell are places in this list. Asked before the first unit. */
  readonly ruleIds: () => readonly string[]
  readonly clock: Clock
  /** A worker that says nothing for so long while it has a unit is ended. Default 60 s. */
  readonly silenceMs?: number
  /** Memory of a worker, MiB: one that takes more for a file is ended, before it takes what ends the others. Default 2048. */
  readonly memoryMb?: number
  /** Module that the workers run. Default: `hunt.worker.ts`. */
  readonly module?: URL
}

const HUNT_WORKER = new URL('./hunt.worker.ts', import.meta.url)
/** One unit is worked on while the next one is on its way. */
const UNITS_A_WORKER = 2
const SILENCE_MS = 60_000
const MEMORY_MB = 2048
/**
 * V8 ends the whole process where a thread meets the limit of its heap within one allocation, whatever Node is told to do then.
 * So its own limit is far away, and who is on the way there is ended before.
 */
const SLACK_MB = 2048
const MEMORY_LOOK_MS = 100
/** A worker that ends so often before it is ready is not started again. */
const MOST_FAILED_STARTS = 3

/** Worker threads that hunt. A worker that dies or hangs on a unit is replaced, and only that unit is given up. */
export function startWorkerPool(options: WorkerPoolOptions): UnitRunner {
  const members = Array.from({ length: options.workers }, () => new Member(options))
  // First one unit for each worker, then the second ones.
  const free = Array.from({ length: UNITS_A_WORKER }, () => members).flat()
  const waiting: ((member: Member) => void)[] = []
  const take = async (): Promise<Member> => free.shift() ?? new Promise((resolve) => waiting.push(resolve))
  const give = (member: Member) => {
    const next = waiting.shift()
    if (next) next(member)
    else free.push(member)
  }
  return {
    lanes: options.workers * UNITS_A_WORKER,
    isHere: false,
    ready: Promise.race(members.map(({ ready }) => ready)),
    async run(unit, emit) {
      const member = await take()
      try {
        return await member.run(unit, emit)
      } finally {
        give(member)
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(members.map((member) => member.end()))
    },
  }
}

interface Task {
  readonly unit: Unit
  readonly emit: (batch: UnitBatch) => Promise<void>
  begun: boolean
  readonly resolve: (reason: string | undefined) => void
  readonly reject: (error: unknown) => void
}

/** One worker thread, and the one that takes its place when it ends. */
class Member {
  readonly #options: WorkerPoolOptions
  readonly #tasks: Task[] = []
  /** Resolves with the first start, also when that fails for good. */
  readonly ready: Promise<void>
  #told: () => void = () => undefined
  #worker: Worker | undefined
  #loaded = false
  #ruleIds: readonly string[] = []
  /** Of the worker's rules in the coordinator's list. */
  #places: readonly number[] | undefined
  #failedStarts = 0
  #heardMs = 0
  #taking = 0
  #watch: NodeJS.Timeout | undefined
  #memoryWatch: NodeJS.Timeout | undefined
  /** Whose answer is waited for: of one that ends meanwhile it may never come. */
  #weighing: Worker | undefined
  #ended = false

  constructor(options: WorkerPoolOptions) {
    this.#options = options
    this.ready = new Promise((resolve) => {
      this.#told = resolve
    })
    this.#start()
  }

  run(unit: Unit, emit: Task['emit']): Promise<string | undefined> {
    if (this.#ended || this.#failedStarts >= MOST_FAILED_STARTS) return Promise.resolve('reader-failed')
    return new Promise((resolve, reject) => {
      if (this.#tasks.length === 0) this.#heard()
      this.#tasks.push({ unit, emit, begun: false, resolve, reject })
      if (!this.#worker) this.#start()
      else if (this.#loaded) this.#send({ type: 'unit', unit })
    })
  }

  async end(): Promise<void> {
    this.#ended = true
    this.#told()
    clearInterval(this.#watch)
    clearInterval(this.#memoryWatch)
    for (const task of this.#tasks.splice(0)) task.resolve('reader-failed')
    await this.#worker?.terminate()
  }

  #start(): void {
    const { rules, memoryMb = MEMORY_MB, module = HUNT_WORKER } = this.#options
    const worker = new Worker(module, {
      resourceLimits: { maxOldGenerationSizeMb: memoryMb + SLACK_MB },
    })
    this.#worker = worker
    this.#loaded = false
    rules.then(
      (known) => this.#send({ type: 'load', rules: known }, worker),
      // Who made the promise hears of it.
      () => undefined,
    )
    this.#heard()
    worker.on('message', (message: FromWorker) => {
      if (this.#worker === worker) this.#hear(message)
    })
    // It ends after an error, and the end is told below.
    worker.on('error', () => undefined)
    worker.on('exit', () => this.#gone(worker, 'reader-failed'))
    clearInterval(this.#watch)
    clearInterval(this.#memoryWatch)
    this.#watch = setInterval(() => this.#look(worker), 1000)
    this.#watch.unref()
    this.#memoryWatch = setInterval(() => void this.#weigh(worker, memoryMb), MEMORY_LOOK_MS)
    this.#memoryWatch.unref()
  }

  #hear(message: FromWorker): void {
    this.#heard()
    const [task] = this.#tasks
    switch (message.type) {
      case 'ready': {
        this.#ruleIds = message.ruleIds
        this.#places = undefined
        this.#loaded = true
        this.#failedStarts = 0
        this.#told()
        for (const { unit } of this.#tasks) this.#send({ type: 'unit', unit })
        break
      }
      case 'begun':
        if (task) task.begun = true
        break
      case 'done':
        this.#tasks.shift()?.resolve(undefined)
        break
      default:
        if (task) void this.#take(task, message.batch)
    }
  }

  async #take(task: Task, batch: UnitBatch): Promise<void> {
    this.#taking += 1
    try {
      await task.emit(this.#placed(batch))
    } catch (error) {
      task.reject(error)
    }
    this.#taking -= 1
    // While it waited for us its silence was ours.
    this.#heard()
    this.#send({ type: 'taken' })
  }

  /** With the coordinator's places of the rules; a rule that only the worker found is left out. */
  #placed(batch: UnitBatch): UnitBatch {
    if (!this.#places) {
      const known = new Map(this.#options.ruleIds().map((id, place) => [id, place]))
      this.#places = this.#ruleIds.map((id) => known.get(id) ?? -1)
    }
    const { rules } = batch.matches
    for (const [i, rule] of rules.entries()) {
      // Indicators have the same places everywhere.
      if (rule >= -1) rules[i] = this.#places[rule] ?? -1
    }
    return batch
  }

  #look(worker: Worker): void {
    const { clock, silenceMs = SILENCE_MS } = this.#options
    if (this.#tasks.length === 0 || this.#taking > 0) return
    if (clock.monotonic() - this.#heardMs < silenceMs) return
    void worker.terminate()
    this.#gone(worker, 'took-too-long')
  }

  /** Asks how much it holds, also in the midst of its work, and ends it where that is too much. */
  async #weigh(worker: Worker, memoryMb: number): Promise<void> {
    if (this.#weighing === worker || this.#tasks.length === 0 || this.#worker !== worker) return
    this.#weighing = worker
    try {
      const { used_heap_size: heap, external_memory: external } = await worker.getHeapStatistics()
      if (heap + external > memoryMb * 1024 * 1024) {
        void worker.terminate()
        this.#gone(worker, 'reader-failed')
      }
    } catch {
      // It has ended, and that is told elsewhere.
    } finally {
      if (this.#weighing === worker) this.#weighing = undefined
    }
  }

  /** The unit that it worked on is given up; one that it had not begun is given to the next worker. */
  #gone(worker: Worker, reason: string): void {
    if (this.#worker !== worker || this.#ended) return
    this.#worker = undefined
    clearInterval(this.#watch)
    if (!this.#loaded) this.#failedStarts += 1
    if (this.#tasks[0]?.begun) this.#tasks.shift()?.resolve(reason)
    if (this.#failedStarts >= MOST_FAILED_STARTS) {
      this.#told()
      for (const task of this.#tasks.splice(0)) task.resolve(reason)
    } else if (this.#tasks.length > 0) this.#start()
  }

  #heard(): void {
    this.#heardMs = this.#options.clock.monotonic()
  }

  #send(message: ToWorker, worker = this.#worker): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker?.postMessage(message)
  }
}
