import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { CodedError } from '@vedette/base'
import { LatencyTally } from './latency-tally.ts'
import { type LoadCounts, type LoadJob, loadReportSchema, type LoadReport, type SentRun } from './load-job.ts'

const PROGRAM = fileURLToPath(new URL('./main.ts', import.meta.url))
/** Beyond the time of the test, the connecting and the settling, after which a process is given up. */
const GRACE_MS = 360_000

/** What was sent and answered. */
export interface GeneratedLoad {
  readonly counts: LoadCounts
  readonly eventsPerSecond: number
  /** From the sending of a batch to the word that it is stored. */
  readonly acknowledged: LatencyTally
  /** From a heartbeat to the answer to the ping behind it. */
  readonly answered: LatencyTally
  readonly runs: readonly SentRun[]
}

/** A load under way. Dispose of it to end its processes. */
export interface RunningLoad extends AsyncDisposable {
  /** Every agent is welcome. */
  readonly started: Promise<void>
  readonly done: Promise<GeneratedLoad>
  counts(): LoadCounts
  /** Cuts every connection at once. Resolves when all agents are welcome again, with the time that it took. */
  restart(): Promise<number>
  /** Sends nothing more; what is under way is waited for. */
  stop(): void
}

/**
 * Starts processes that speak as many agents would.
 *
 * @throws {CodedError} of `started` and `done`: `not-welcome`, `load-failed`
 */
export function generateLoad(job: LoadJob, processes: number, signal: AbortSignal): RunningLoad {
  const share = Math.min(processes, job.agents.length)
  const parts = Array.from({ length: share }, (_, i) => {
    const agents = job.agents.filter((_agent, n) => n % share === i)
    const part = { ...job, agents, rate: (job.rate * agents.length) / job.agents.length }
    return new LoadPart({ ...part, connecting: Math.max(1, Math.floor(job.connecting / share)) })
  })
  const stop = () => {
    for (const part of parts) part.order('stop')
  }
  signal.addEventListener('abort', stop, { once: true })
  const done = Promise.all(parts.map((part) => part.done)).then(summed)
  const started = Promise.all(parts.map((part) => part.started)).then(() => undefined)
  // Who waits for neither is told by the other.
  done.catch(() => undefined)
  started.catch(() => undefined)
  return {
    started,
    done,
    counts: () => parts.map(({ counts }) => counts).reduce(added),
    async restart() {
      const back = await Promise.all(parts.map((part) => part.restart()))
      return Math.max(...back)
    },
    stop,
    async [Symbol.asyncDispose]() {
      signal.removeEventListener('abort', stop)
      await Promise.all(parts.map((part) => part.end()))
    },
  }
}

const nothing: LoadCounts = {
  connected: 0,
  lines: 0,
  sent: 0,
  acknowledged: 0,
  refused: 0,
  heartbeats: 0,
  answered: 0,
}

/** One process and what it told. */
class LoadPart {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #timer: NodeJS.Timeout
  readonly #started = Promise.withResolvers<void>()
  readonly #done = Promise.withResolvers<Extract<LoadReport, { type: 'done' }>>()
  #back: PromiseWithResolvers<number> | undefined
  counts = nothing

  constructor(job: LoadJob) {
    this.#child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#exited = once(this.#child, 'exit')
    this.#timer = setTimeout(() => this.#child.kill('SIGKILL'), job.durationMs + job.settleMs + GRACE_MS)
    this.#started.promise.catch(() => undefined)
    this.#done.promise.catch(() => undefined)
    this.#child.once('error', (error) => this.#fail('load-failed', error.message))
    this.#child.once('exit', (code) => this.#fail('load-failed', `A process of the load ended with ${code}`))
    // A process that is gone tells so by its end.
    this.#child.stdin?.on('error', () => undefined)
    this.#child.stdin?.write(`${JSON.stringify(job)}\n`)
    if (this.#child.stdout)
      createInterface({ input: this.#child.stdout }).on('line', (line) =>
        this.#take(loadReportSchema.parse(JSON.parse(line))),
      )
  }

  get started(): Promise<void> {
    return this.#started.promise
  }

  get done(): Promise<Extract<LoadReport, { type: 'done' }>> {
    return this.#done.promise
  }

  order(type: 'restart' | 'stop'): void {
    if (this.#child.exitCode === null) this.#child.stdin?.write(`${JSON.stringify({ type })}\n`)
  }

  restart(): Promise<number> {
    this.#back = Promise.withResolvers()
    this.order('restart')
    return this.#back.promise
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGTERM')
      await this.#exited
    }
  }

  #take(report: LoadReport): void {
    switch (report.type) {
      case 'started':
        return this.#started.resolve()
      case 'progress':
        this.counts = report.counts
        return
      case 'back':
        return this.#back?.resolve(report.ms)
      case 'done':
        this.counts = report.counts
        return this.#done.resolve(report)
      case 'failed':
        return this.#fail(report.code, report.message)
    }
  }

  #fail(code: string, message: string): void {
    const error = new CodedError(code, message)
    this.#started.reject(error)
    this.#done.reject(error)
    this.#back?.reject(error)
  }
}

function added(a: LoadCounts, b: LoadCounts): LoadCounts {
  return {
    connected: a.connected + b.connected,
    lines: a.lines + b.lines,
    sent: a.sent + b.sent,
    acknowledged: a.acknowledged + b.acknowledged,
    refused: a.refused + b.refused,
    heartbeats: a.heartbeats + b.heartbeats,
    answered: a.answered + b.answered,
  }
}

function summed(parts: readonly Extract<LoadReport, { type: 'done' }>[]): GeneratedLoad {
  const acknowledged = new LatencyTally()
  const answered = new LatencyTally()
  for (const part of parts) {
    acknowledged.addAll(part.acknowledgeMs)
    answered.addAll(part.answerMs)
  }
  const counts = parts.map((part) => part.counts).reduce(added)
  const spanMs = Math.max(...parts.map((part) => part.spanMs))
  return {
    counts,
    eventsPerSecond: spanMs === 0 ? 0 : (counts.acknowledged / spanMs) * 1000,
    acknowledged,
    answered,
    runs: parts.flatMap(({ runs }) => runs),
  }
}
