import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { CodedError, SIGN_OF_LIFE_MS, SignOfLife, type Supervised } from '@vedette/base'
import { LastWords } from './last-words.ts'
import { lineCutter, parseObject } from './json-lines.ts'

/** A program and its arguments. */
export interface CommandLine {
  readonly file: string
  readonly args: readonly string[]
}

export interface PartOptions {
  readonly name: 'server' | 'agent'
  /** Made anew for each start. */
  readonly command: () => CommandLine
  /** Goes as one line of JSON to standard input. Made anew for each start. */
  readonly settings: () => object
  /** Told of each line of JSON on standard output. */
  readonly onMessage: (message: Record<string, unknown>) => void
  /** Told of each line on standard error. */
  readonly onLog: (line: string) => void
  readonly onStart: (pid: number) => void
  /** Variables besides those that every part gets. */
  readonly env?: Readonly<Record<string, string>>
  /**
   * For how long it may give no sign of life (`{"type":"alive"}`) once it has given one; then it is killed, which is a
   * failure. Left out: it gives none.
   */
  readonly longestSilenceMs?: number
  /** How long it may take to stop by itself before it is killed. */
  readonly graceMs: number
}

/** A part ended without being told to. */
export class PartFailure extends CodedError {
  readonly part: string
  /** It said itself that it cannot go on, so that to try again right away is of no use. */
  readonly fatal: boolean
  /** What it was ended by, where that was a signal that did not come from here. */
  readonly signal: string | undefined

  constructor(part: string, code: string, message: string, fatal: boolean, signal?: string) {
    super(code, message)
    this.name = 'PartFailure'
    this.part = part
    this.fatal = fatal
    this.signal = signal
  }
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/**
 * One of the house's processes. It gets its settings on standard input, which stays open: its end tells the part to stop,
 * also when the supervisor was killed. It stands in a session of its own, so that a Ctrl-C at the terminal reaches the
 * supervisor alone.
 */
export class Part implements Supervised {
  readonly name: string
  readonly #options: PartOptions
  #child: Child | undefined

  constructor(options: PartOptions) {
    this.name = options.name
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Sends an order; lost when the part is not there, which gets it anew with its settings. */
  send(order: object): void {
    if (this.#child?.stdin.writable) this.#child.stdin.write(`${JSON.stringify(order)}\n`)
  }

  /** Kills it at once. */
  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  /**
   * Runs it until the signal aborts, then stops it and waits for its end. One that says `renew` and ends is started anew.
   *
   * @throws {PartFailure} when it ends by itself
   */
  async run(signal: AbortSignal): Promise<void> {
    const { command, settings, onMessage, onLog, onStart, graceMs, longestSilenceMs } = this.#options
    const { file, args } = command()
    const child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      cwd: '/',
      env: { ...environment(), ...this.#options.env },
    })
    this.#child = child
    let life: SignOfLife | undefined
    let silentS: number | undefined
    const watchdog = setInterval(() => {
      const silentMs = life?.silentMs() ?? 0
      // While it stops, how long that may take is what counts.
      if (longestSilenceMs === undefined || silentMs <= longestSilenceMs || signal.aborted) return
      silentS = Math.round(silentMs / 1000)
      child.kill('SIGKILL')
    }, SIGN_OF_LIFE_MS)
    const lastWords = new LastWords()
    let fatal: { code: string; message: string } | undefined
    let isRenewed = false
    const ended = new Promise<{ code: number | null; signal: string | null; error?: Error }>((resolve) => {
      child.once('error', (error) => resolve({ code: null, signal: null, error }))
      child.once('close', (code, killedBy) => resolve({ code, signal: killedBy }))
    })
    // The end of the process says all that a broken pipe would.
    child.stdin.on('error', () => undefined)
    child.stdout.on(
      'data',
      lineCutter((line) => {
        const message = parseObject(line)
        if (message === undefined) return onLog(line)
        if (message['type'] === 'alive') {
          life?.heard()
          return (life ??= new SignOfLife())
        }
        if (message['type'] === 'renew') isRenewed = true
        if (message['type'] === 'fatal') {
          fatal = { code: String(message['code']), message: String(message['message']) }
        }
        onMessage(message)
      }),
    )
    child.stderr.on(
      'data',
      lineCutter((line) => {
        // Its log is JSON; what is not, is the runtime that tells how it ended.
        if (parseObject(line) === undefined) lastWords.add(line)
        onLog(line)
      }),
    )
    if (child.pid !== undefined) onStart(child.pid)
    child.stdin.write(`${JSON.stringify(settings())}\n`)

    const stop = () => {
      child.stdin.end()
      child.kill('SIGTERM')
    }
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    const grace = new AbortController()
    const enough = once(signal).then(() =>
      delay(graceMs, undefined, { signal: grace.signal }).catch(() => undefined),
    )
    void enough.then(() => {
      if (!grace.signal.aborted) child.kill('SIGKILL')
    })
    const end = await ended
    clearInterval(watchdog)
    life?.[Symbol.dispose]()
    grace.abort()
    signal.removeEventListener('abort', stop)
    this.#child = undefined
    if (signal.aborted) return
    // It ended to be started with other settings: no failure, and nothing to wait for.
    if (isRenewed && end.code === 0) return this.run(signal)
    if (fatal) throw new PartFailure(this.name, fatal.code, fatal.message, true)
    if (silentS !== undefined) {
      const message = `The ${this.name} gave no sign of life for ${silentS} s and was ended`
      throw new PartFailure(this.name, 'part-stuck', message, false)
    }
    const how = end.error?.message ?? (end.signal === null ? `exit code ${end.code}` : end.signal)
    const reason = lastWords.reason()
    throw new PartFailure(
      this.name,
      'part-ended',
      `The ${this.name} ended by itself (${how})${reason === undefined ? '' : `: ${reason}`}`,
      false,
      end.signal ?? undefined,
    )
  }
}

function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** What goes on of the supervisor's variables is listed here: settings come as settings, and secrets with them. */
function environment(): Record<string, string> {
  // The last is Node's own: one folder of compiled code for many houses, such as those of tests.
  const { TZ, LANG, NODE_COMPILE_CACHE } = process.env
  return {
    // Node's own words about parts of it that are new; a person who watches a machine has no use for them.
    NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...(TZ !== undefined && { TZ }),
    ...(LANG !== undefined && { LANG }),
    ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
  }
}
