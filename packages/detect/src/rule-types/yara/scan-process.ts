import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromScanProcess, ScanResult, ScanSettings, ScanTarget } from './messages.ts'

const PROGRAM = fileURLToPath(new URL('./scan.worker.ts', import.meta.url))
/** Rules are read and compiled within this time. */
const LOAD_MS = 120_000

export type Ready = Extract<FromScanProcess, { type: 'ready' }>

/** Where compiled code is kept; in a checkout it does without what takes types off, which holds 20 MiB. */
function compiledCode(): Record<string, string> {
  const { NODE_COMPILE_CACHE } = process.env
  return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }
}

/** One process that scans one file after another. Whoever made it kills it. */
export class ScanProcess {
  /** Rejects when it cannot work: the rules cannot be read, or no engine loads. */
  readonly ready: Promise<Ready>
  readonly #child: ChildProcess
  readonly #ended = Promise.withResolvers<void>()
  #nextId = 0
  #waiting: { readonly id: number; readonly done: (result: ScanResult) => void } | undefined

  constructor(settings: ScanSettings) {
    this.#child = fork(PROGRAM, [], {
      // A guest: little memory, and none of what the parent was started with.
      execArgv: ['--optimize-for-size', '--v8-pool-size=1', '--max-semi-space-size=2'],
      env: {
        NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
        MALLOC_ARENA_MAX: '1',
        PATH: '/usr/bin:/bin',
        ...compiledCode(),
      },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
      detached: false,
    })
    const ready = Promise.withResolvers<Ready>()
    const slow = setTimeout(() => {
      ready.reject(new Error(`the rules were not read within ${LOAD_MS / 1000} s`))
      this.kill()
    }, LOAD_MS)
    this.#child.on('message', (message: FromScanProcess) => {
      if (message.type === 'ready') ready.resolve(message)
      else if (message.type === 'unusable') ready.reject(new Error(message.message))
      else if (message.id === this.#waiting?.id) this.#settle(message.result)
    })
    const end = (reason: string) => {
      this.#ended.resolve()
      ready.reject(new Error(reason))
      this.#settle({ outcome: 'failed', reason })
    }
    this.#child.on('error', (error) => end(error.message))
    this.#child.on('exit', (code, signal) =>
      end(`the process that scans ended (${signal ?? `exit code ${code}`})`),
    )
    this.ready = ready.promise.finally(() => clearTimeout(slow))
    // Who does not scan does not ask.
    this.ready.catch(() => undefined)
    this.#send(settings)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Resolves with what came of it; ends the process when it takes longer than `timeoutMs`. One at a time. */
  scan(target: ScanTarget, timeoutMs: number): Promise<ScanResult> {
    const { promise, resolve } = Promise.withResolvers<ScanResult>()
    const id = this.#nextId
    this.#nextId += 1
    const late = setTimeout(() => {
      this.#settle({ outcome: 'timed-out', reason: `not done within ${timeoutMs} ms` })
      this.kill()
    }, timeoutMs)
    this.#waiting = {
      id,
      done: (result) => {
        clearTimeout(late)
        resolve(result)
      },
    }
    this.#send({ type: 'scan', id, target })
    return promise
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** Resolves once it has ended. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  #settle(result: ScanResult): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.done(result)
  }

  #send(message: object): void {
    // Its end says what a message that did not arrive would.
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }
}
