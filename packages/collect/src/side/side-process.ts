import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CodedError, SignOfLife } from '@vedette/base'
import type { FromSide, ToSide } from './messages.ts'

const PROGRAM = fileURLToPath(new URL('./side.worker.ts', import.meta.url))
/** A guest: little memory, and none of what the parent was started with. */
const FLAGS = [
  '--optimize-for-size',
  '--v8-pool-size=1',
  '--max-semi-space-size=2',
  '--max-old-space-size=192',
]
/** Until it first gives a sign of life, on a machine with much to do. */
const START_MS = 30_000
const LONGEST_SILENCE_MS = 6000
const LOOK_MS = 500
/** How long it may take to end by itself: it writes down its compiled code then. */
const END_MS = 2000

export interface SideProcessOptions {
  /** Told when it did not end because it was told to. */
  readonly onTrouble?: (cause: 'failed' | 'stuck', detail: string) => void
  /** It is ended when it gives no sign of life for so long, milliseconds. Default 6000. */
  readonly longestSilenceMs?: number
}

export interface SideJobOptions {
  /** URL of a module that exports what `SideJobModule` says. */
  readonly module: URL
  /** For it; must survive structured cloning. */
  readonly data: unknown
  readonly hear: (message: unknown) => void
  /** Told at most once, when the job ends without having been disposed of. */
  readonly ended: (reason: CodedError) => void
}

/** A job in the process. Whoever opened it disposes of it, also after it has ended. */
export interface OpenSideJob extends Disposable {
  /** Tells the job something. Resolves once it was handed on, also where nobody hears it any more. */
  tell(message: unknown): Promise<void>
}

interface Running {
  readonly child: ChildProcess
  readonly life: SignOfLife
  readonly watchdog: NodeJS.Timeout
  readonly exited: Promise<void>
  ready: boolean
  stuck: string | undefined
}

/**
 * One process for what is seldom done and takes much memory or time, so that neither stays behind: started with the first
 * job, ended with the last. One that gives no sign of life is killed, and the next job starts another. Whoever made it
 * disposes of it.
 */
export class SideProcess implements AsyncDisposable {
  readonly #options: SideProcessOptions
  readonly #jobs = new Map<number, SideJobOptions>()
  #running: Running | undefined
  #ending: Promise<void> = Promise.resolve()
  #lastJob = 0
  #closed = false

  constructor(options: SideProcessOptions = {}) {
    this.#options = options
  }

  /** Undefined while there is nothing to do. */
  get pid(): number | undefined {
    return this.#running?.child.pid
  }

  /** Opens a job at once; where it cannot be, `ended` says so. */
  open(options: SideJobOptions): OpenSideJob {
    this.#lastJob += 1
    const job = this.#lastJob
    if (this.#closed) {
      queueMicrotask(() => options.ended(new CodedError('side-ended', 'Its process was ended')))
      return { tell: async () => undefined, [Symbol.dispose]: () => undefined }
    }
    this.#running ??= this.#start()
    const running = this.#running
    this.#jobs.set(job, options)
    void send(running.child, { type: 'open', job, module: options.module.href, data: options.data })
    return {
      tell: (message) =>
        this.#jobs.has(job) ? send(running.child, { type: 'tell', job, message }) : Promise.resolve(),
      [Symbol.dispose]: () => {
        if (!this.#jobs.delete(job)) return
        void send(running.child, { type: 'close', job })
        if (this.#jobs.size === 0) this.#end(running)
      },
    }
  }

  /** Ends it and all its jobs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    if (this.#running !== undefined) this.#end(this.#running)
    await this.#ending
  }

  #start(): Running {
    const { longestSilenceMs = LONGEST_SILENCE_MS } = this.#options
    const { NODE_COMPILE_CACHE } = process.env
    const child = fork(PROGRAM, [], {
      execArgv: FLAGS,
      env: {
        NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
        MALLOC_ARENA_MAX: '1',
        PATH: '/usr/bin:/bin',
        ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
      },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    })
    const exited = Promise.withResolvers<void>()
    const life = new SignOfLife()
    const watchdog = setInterval(
      () => {
        const silentMs = life.silentMs()
        if (silentMs <= (running.ready ? longestSilenceMs : START_MS)) return
        running.stuck = `gave no sign of life for ${Math.round(silentMs / 1000)} s`
        child.kill('SIGKILL')
        // One that hangs in the kernel ends when that lets go of it, and nobody waits for it.
        this.#over(running, running.stuck)
      },
      Math.min(LOOK_MS, longestSilenceMs / 2),
    )
    watchdog.unref()
    const running: Running = { child, life, watchdog, exited: exited.promise, ready: false, stuck: undefined }
    child.on('message', (message: FromSide) => {
      running.ready = true
      life.heard()
      this.#hear(message)
    })
    const ended = (reason: string) => {
      exited.resolve()
      this.#over(running, reason)
    }
    child.on('error', (error) => ended(error.message))
    child.on('exit', (code, signal) => ended(`ended (${signal ?? `exit code ${code}`})`))
    return running
  }

  #hear(message: FromSide): void {
    if (message.type === 'alive') return
    const job = this.#jobs.get(message.job)
    if (message.type === 'said') {
      job?.hear(message.message)
      return
    }
    this.#jobs.delete(message.job)
    job?.ended(new CodedError('side-failed', message.reason))
    if (this.#jobs.size === 0 && this.#running !== undefined) this.#end(this.#running)
  }

  /** It is gone, or as good as. */
  #over(running: Running, reason: string): void {
    clearInterval(running.watchdog)
    running.life[Symbol.dispose]()
    if (this.#running !== running) return
    this.#running = undefined
    const cause = running.stuck === undefined ? 'failed' : 'stuck'
    const jobs = [...this.#jobs.values()]
    this.#jobs.clear()
    this.#options.onTrouble?.(cause, `The process for what is seldom done ${reason}`)
    for (const { ended } of jobs) ended(new CodedError(`side-${cause}`, `Its process ${reason}`))
  }

  /** Nobody needs it any more. */
  #end(running: Running): void {
    if (this.#running !== running) return
    this.#running = undefined
    clearInterval(running.watchdog)
    running.life[Symbol.dispose]()
    const jobs = [...this.#jobs.values()]
    this.#jobs.clear()
    for (const { ended } of jobs) ended(new CodedError('side-ended', 'Its process was ended'))
    const { child } = running
    if (child.connected) child.disconnect()
    const late = setTimeout(() => child.kill('SIGKILL'), END_MS)
    // Work that is under way in it is nobody's any more.
    if (this.#closed) child.kill('SIGKILL')
    this.#ending = Promise.all([this.#ending, running.exited]).then(() => clearTimeout(late))
  }
}

/** Its end says what a message that did not arrive would. */
function send(child: ChildProcess, message: ToSide): Promise<void> {
  return new Promise((resolve) => {
    if (child.connected) child.send(message, () => resolve())
    else resolve()
  })
}
