import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { SignOfLife } from '@vedette/base'
import type { ExecPermissionConfig } from './config.ts'
import type { FromGate, ToGate } from './messages.ts'

const PROGRAM = fileURLToPath(new URL('./gate.worker.ts', import.meta.url))
/** A guest: little memory. */
const FLAGS = [
  '--optimize-for-size',
  '--v8-pool-size=1',
  '--max-semi-space-size=2',
  '--max-old-space-size=64',
]
/** Until it first gives a sign of life, on a machine with much to do. Nothing waits for it before. */
const START_MS = 30_000

/** How the process of the gate ended: by itself, or since it did not come round in time. */
export type GateEnd = 'told' | 'time_limit' | 'ended'

/** The process of the gate. Whoever started it disposes of it. */
export class GateProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #life = new SignOfLife()
  readonly #ended = Promise.withResolvers<GateEnd>()
  readonly #watchdog: NodeJS.Timeout
  #end: GateEnd | undefined
  #isReady = false
  #failure: string | undefined

  constructor(config: ExecPermissionConfig, hear: (message: FromGate) => void) {
    this.#child = fork(PROGRAM, [], {
      execArgv: FLAGS,
      env: { NODE_OPTIONS: '--disable-warning=ExperimentalWarning', PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    })
    this.#child.on('message', (message: FromGate) => {
      this.#isReady = true
      this.#life.heard()
      if (message.type === 'failed') this.#failure = message.message
      hear(message)
    })
    this.#child.on('error', () => this.#child.kill('SIGKILL'))
    this.#child.once('exit', (_code, signal) => {
      this.#end ??= signal === 'SIGALRM' ? 'time_limit' : 'ended'
      this.#ended.resolve(this.#end)
    })
    // One that is stopped by a signal does not keep its own time.
    this.#watchdog = setInterval(() => {
      if (this.#life.silentMs() > (this.#isReady ? config.time_limit_ms : START_MS)) this.#kill('time_limit')
    }, config.time_limit_ms / 10)
    this.#child.send({ config } satisfies ToGate)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Whether it decides. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** What it said when it failed. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** Resolves once it has ended: then all that waited for it has been let through. */
  get ended(): Promise<GateEnd> {
    return this.#ended.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill('told')
    await this.#ended.promise
    clearInterval(this.#watchdog)
    this.#life[Symbol.dispose]()
  }

  #kill(end: GateEnd): void {
    this.#end ??= end
    this.#child.kill('SIGKILL')
  }
}
