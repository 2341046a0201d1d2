import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { LatencyTally } from './latency-tally.ts'
import { type LoadCounts, type LoadJob, loadJobSchema, loadOrderSchema, type LoadReport } from './load-job.ts'
import { LoadLine } from './load-line.ts'

/**
 * One process of a load test: a job on its standard input, then orders; what it does on its standard output, a JSON object a
 * line. It ends when its work is done or its standard input ends.
 */
const TICK_MS = 20
const PROGRESS_MS = 500
/** A batch is sent so often by each agent, at least while the rate allows it. */
const BATCH_MS = 100
const MOST_IN_BATCH = 2000
const CONNECT_WITHIN_MS = 300_000

function tell(report: LoadReport): void {
  process.stdout.write(`${JSON.stringify(report)}\n`)
}

/** Makes the lines of a job and drives them. */
class LoadProcess {
  readonly #job: LoadJob
  readonly #lines: LoadLine[]
  readonly #batchEvents: number
  readonly #acknowledged = new LatencyTally()
  readonly #answered = new LatencyTally()
  readonly #stop = new AbortController()
  #connecting = 0
  #toConnect: LoadLine[] = []
  #lastReason = ''
  #firstSentMs = 0
  #restartedMs: number | undefined

  constructor(job: LoadJob) {
    this.#job = job
    const each = (job.rate / job.agents.length) * (BATCH_MS / 1000)
    this.#batchEvents = Math.min(Math.max(Math.round(each), 1), MOST_IN_BATCH)
    this.#lines = job.agents.map(
      (agent) =>
        new LoadLine({
          ...agent,
          batchEvents: this.#batchEvents,
          acknowledged: this.#acknowledged,
          answered: this.#answered,
          random: Math.random,
          onWelcome: () => {
            this.#connecting = Math.max(0, this.#connecting - 1)
            this.#connectMore()
            this.#tellBack()
          },
          onLost: (reason) => {
            this.#lastReason = reason
          },
        }),
    )
  }

  stop(): void {
    this.#stop.abort()
  }

  restart(): void {
    this.#restartedMs = performance.now()
    for (const line of this.#lines) line.restart()
    this.#connectAll()
  }

  async run(): Promise<void> {
    const startedMs = performance.now()
    this.#connectAll()
    while (this.#lines.some(({ welcome }) => !welcome)) {
      if (this.#stop.signal.aborted) return this.#end()
      if (performance.now() - startedMs > CONNECT_WITHIN_MS) {
        tell({
          type: 'failed',
          code: 'not-welcome',
          message: `Not every agent is welcome: ${this.#lastReason}`,
        })
        return this.#end()
      }
      await delay(TICK_MS)
    }
    tell({ type: 'started', connectMs: performance.now() - startedMs })
    const progress = setInterval(() => tell({ type: 'progress', counts: this.#counts() }), PROGRESS_MS)
    const hearts = this.#startHearts()
    await this.#send()
    await this.#settle()
    clearInterval(progress)
    hearts()
    this.#end()
  }

  #connectAll(): void {
    this.#toConnect = this.#lines.filter(({ welcome }) => !welcome)
    this.#connecting = 0
    this.#connectMore()
  }

  #connectMore(): void {
    while (this.#connecting < this.#job.connecting) {
      const line = this.#toConnect.pop()
      if (line === undefined) return
      this.#connecting += 1
      line.connect()
    }
  }

  #tellBack(): void {
    if (this.#restartedMs === undefined || this.#lines.some(({ welcome }) => !welcome)) return
    const ms = performance.now() - this.#restartedMs
    this.#restartedMs = undefined
    tell({ type: 'back', ms, slowestMs: ms })
  }

  /** Each agent's beats are spread over the interval. */
  #startHearts(): () => void {
    const { heartbeatMs } = this.#job
    const { length } = this.#lines
    const startedMs = performance.now()
    let beats = 0
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedMs) / heartbeatMs) * length)
      for (; beats < due; beats += 1) this.#lines[beats % length]?.heartbeat()
    }, TICK_MS)
    return () => clearInterval(timer)
  }

  /** As many events as the rate says, until the time is over; what the windows have no room for waits. */
  async #send(): Promise<void> {
    const { rate, durationMs } = this.#job
    const startedMs = performance.now()
    this.#firstSentMs = startedMs
    const { length } = this.#lines
    let sent = 0
    let next = 0
    while (!this.#stop.signal.aborted) {
      const elapsedMs = performance.now() - startedMs
      if (elapsedMs >= durationMs) return
      const due = Math.floor((rate * elapsedMs) / 1000 / this.#batchEvents)
      const timeMs = Date.now()
      for (let full = 0; sent < due && full < length;) {
        const line = this.#lines[next % length]
        next += 1
        if (line?.hasRoom === true) {
          line.send(timeMs)
          sent += 1
          full = 0
        } else full += 1
      }
      await delay(TICK_MS)
    }
  }

  async #settle(): Promise<void> {
    const startedMs = performance.now()
    while (performance.now() - startedMs < this.#job.settleMs) {
      if (this.#lines.every(({ open }) => open.length === 0)) return
      await delay(TICK_MS)
    }
  }

  #counts(): LoadCounts {
    const counts = {
      connected: 0,
      lines: 0,
      sent: 0,
      acknowledged: 0,
      refused: 0,
      heartbeats: 0,
      answered: 0,
    }
    for (const line of this.#lines) {
      if (line.welcome) counts.connected += 1
      counts.lines += line.lost
      counts.sent += line.batches * this.#batchEvents
      counts.acknowledged += line.acknowledgedBatches * this.#batchEvents
      counts.refused += line.refusedBatches * this.#batchEvents
      counts.heartbeats += line.heartbeats
      counts.answered += line.answers
    }
    return counts
  }

  #end(): void {
    const lastMs = Math.max(
      this.#firstSentMs,
      ...this.#lines.map(({ lastAcknowledgedMs }) => lastAcknowledgedMs),
    )
    tell({
      type: 'done',
      counts: this.#counts(),
      spanMs: lastMs - this.#firstSentMs,
      acknowledgeMs: this.#acknowledged.buckets(),
      answerMs: this.#answered.buckets(),
      runs: this.#job.agents.map(({ identity, run }, i) => ({
        agent: identity.agent,
        run,
        batchEvents: this.#batchEvents,
        batches: this.#lines[i]?.batches ?? 0,
        open: this.#lines[i]?.open ?? [],
      })),
    })
    for (const line of this.#lines) line.close()
  }
}

let load: LoadProcess | undefined
const input = createInterface({ input: process.stdin, crlfDelay: Infinity })
input.on('line', (text) => {
  const data: unknown = JSON.parse(text)
  if (load === undefined) {
    load = new LoadProcess(loadJobSchema.parse(data))
    load.run().then(
      // What is written to a pipe is out before it ends; connections are closed by then or cut.
      () => setTimeout(() => process.exit(0), 200),
      (error: unknown) => {
        tell({ type: 'failed', code: 'internal', message: String(error) })
        process.exitCode = 1
      },
    )
    return
  }
  const { type } = loadOrderSchema.parse(data)
  if (type === 'stop') load.stop()
  else load.restart()
})
input.on('close', () => load?.stop())
