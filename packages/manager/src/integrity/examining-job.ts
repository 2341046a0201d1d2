import type { OpenSideJob, SideProcess } from '@vedette/collect/side'
import type {
  FromJob,
  JobOptions,
  Looked,
  LookRequest,
  ScanRequest,
  ScanSummary,
  Seen,
  ToJob,
} from './messages.ts'

/** A job without work for so long is let go, and its process with it where that has no other. */
const IDLE_MS = 10_000
/** States of files that are told at a time. */
const MOST_STATES = 2000

interface Waiting {
  readonly done: PromiseWithResolvers<FromJob>
  readonly seen: ((batch: readonly Seen[]) => void) | undefined
}

/** A request that came to nothing: the process ended, or hung. */
export class ExamineError extends Error {
  override readonly name = 'ExamineError'
}

/** What looks at files, in a process of its own: started when there is something to do, ended when there is not. */
export class ExaminingJob implements Disposable {
  readonly #options: JobOptions
  readonly #side: SideProcess
  readonly #waiting = new Map<number, Waiting>()
  #job: OpenSideJob | undefined
  #next = 0
  #idle: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: JobOptions, side: SideProcess) {
    this.#options = options
    this.#side = side
  }

  /** @throws {ExamineError} */
  async look(request: Omit<LookRequest, 'type' | 'id'>): Promise<Looked> {
    return (await this.#ask((id) => [{ type: 'look', id, ...request }], undefined)) as Looked
  }

  /**
   * @param known states that files had, by path: those that still have them are not read
   * @param seen told of what is not as it was known
   * @throws {ExamineError}
   */
  async scan(
    request: Omit<ScanRequest, 'type' | 'id'>,
    known: ReadonlyMap<string, string>,
    seen: (batch: readonly Seen[]) => void,
  ): Promise<ScanSummary> {
    const end = await this.#ask((id) => scanMessages(id, request, known), seen)
    if (end.type !== 'end') throw new ExamineError('Cannot look at files: a wrong answer came')
    return end.summary
  }

  [Symbol.dispose](): void {
    this.#closed = true
    this.#end('it was ended')
  }

  async #ask(make: (id: number) => Iterable<ToJob>, seen: Waiting['seen']): Promise<FromJob> {
    if (this.#closed) throw new ExamineError('Cannot look at files: it was ended')
    clearTimeout(this.#idle)
    const job = (this.#job ??= this.#open())
    this.#next += 1
    const id = this.#next
    const done = Promise.withResolvers<FromJob>()
    // It may fail while it is still being asked.
    done.promise.catch(() => undefined)
    this.#waiting.set(id, { done, seen })
    for (const message of make(id)) await job.tell(message)
    return done.promise
  }

  #open(): OpenSideJob {
    const job: OpenSideJob = this.#side.open({
      module: new URL('./integrity.worker.ts', import.meta.url),
      data: this.#options,
      hear: (message) => this.#receive(message as FromJob),
      ended: ({ message }) => {
        if (this.#job === job) this.#end(message)
      },
    })
    return job
  }

  #receive(message: FromJob): void {
    const waiting = this.#waiting.get(message.id)
    if (waiting === undefined) return
    if (message.type === 'batch') {
      waiting.seen?.(message.seen)
      return
    }
    this.#waiting.delete(message.id)
    waiting.done.resolve(message)
    if (this.#waiting.size > 0) return
    this.#idle = setTimeout(() => this.#end('it was idle'), IDLE_MS)
    this.#idle.unref()
  }

  #end(reason: string): void {
    const job = this.#job
    this.#job = undefined
    clearTimeout(this.#idle)
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { done } of waiting) done.reject(new ExamineError(`Cannot look at files: ${reason}`))
    job?.[Symbol.dispose]()
  }
}

function* scanMessages(
  id: number,
  request: Omit<ScanRequest, 'type' | 'id'>,
  known: ReadonlyMap<string, string>,
): Generator<ToJob> {
  let states: [string, string][] = []
  for (const one of known) {
    states.push(one)
    if (states.length < MOST_STATES) continue
    yield { type: 'known', id, states }
    states = []
  }
  if (states.length > 0) yield { type: 'known', id, states }
  yield { type: 'scan', id, ...request }
}
