import type { Logger } from '@vedette/base'
import { MAX_FINDING_MATCHES, MAX_FINDING_META, type RuleProblem } from '@vedette/model'
import type { YaraConfig } from './config.ts'
import type { External } from './variables.ts'
import type { ScanResult, ScanTarget } from './messages.ts'
import { ScanProcess } from './scan-process.ts'

export interface YaraScannerOptions {
  /** Files and folders of rules. */
  readonly rules: readonly string[]
  readonly engine: YaraConfig['engine']
  readonly externals: Readonly<Record<string, External>>
  readonly maxFileBytes: number
  readonly timeoutMs: number
  /** Files at the same time; a process each. */
  readonly workers: number
  readonly maxWaiting: number
  readonly idleMs: number
  readonly niceness: number
  readonly log: Logger
}

/** In files. `emitted` is the sum of the others once all are done. */
export interface ScanCounters {
  readonly emitted: number
  readonly scanned: number
  readonly lost: number
  readonly too_large: number
  readonly timed_out: number
  readonly skipped: number
  readonly failed: number
}

/** What is known of the rules once a process has read them. */
export interface LoadedSet {
  readonly engine: 'native' | 'wasm'
  readonly rules: number
  readonly problems: readonly RuleProblem[]
}

interface Waiting {
  readonly target: ScanTarget
  readonly done: (result: ScanResult) => void
}

interface Slot {
  readonly process: ScanProcess
  busy: boolean
  idle: NodeJS.Timeout | undefined
}

/** After the rules could not be read it is tried again no sooner. */
const PAUSE_MS = 60_000

/**
 * Scans files by YARA rules in processes of their own, which start with the first file, end when there is nothing to do,
 * and are killed when a file takes too long. Whoever made it disposes of it.
 */
export class YaraScanner implements AsyncDisposable {
  readonly #options: YaraScannerOptions
  readonly #waiting: Waiting[] = []
  readonly #slots = new Set<Slot>()
  readonly #counts = { emitted: 0, scanned: 0, lost: 0, too_large: 0, timed_out: 0, skipped: 0, failed: 0 }
  #loaded: LoadedSet | undefined
  #failure: string | undefined
  #failedUntilMs = 0
  #closed = false

  constructor(options: YaraScannerOptions) {
    this.#options = options
  }

  /** Undefined until a process has read the rules. */
  get loaded(): LoadedSet | undefined {
    return this.#loaded
  }

  /** Why it cannot scan, as far as that is known. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** Processes that are there now. */
  get pids(): readonly number[] {
    return [...this.#slots].flatMap(({ process }) => process.pid ?? [])
  }

  /** Files that wait or are being scanned. */
  get pending(): number {
    return this.#waiting.length + [...this.#slots].filter(({ busy }) => busy).length
  }

  counters(): ScanCounters {
    return { ...this.#counts }
  }

  /** Scans one file, after those that came before it. Never rejects. */
  scan(target: ScanTarget): Promise<ScanResult> {
    const { promise, resolve } = Promise.withResolvers<ScanResult>()
    this.#counts.emitted += 1
    const waiting: Waiting = {
      target,
      done: (result) => {
        this.#count(result)
        resolve(result)
      },
    }
    if (this.#closed) waiting.done(lost('the scanner has ended'))
    else if (this.#failure !== undefined && performance.now() < this.#failedUntilMs) {
      waiting.done({ outcome: 'failed', reason: this.#failure })
    } else if (this.#waiting.length >= this.#options.maxWaiting && this.#free() === undefined) {
      waiting.done(lost('too many files are waiting'))
    } else {
      this.#waiting.push(waiting)
      this.#pump()
    }
    return promise
  }

  /** Starts a process and reads the rules, so that faults in them are known. Never rejects; see `failure`. */
  async load(): Promise<LoadedSet | undefined> {
    if (this.#closed) return undefined
    const slot = [...this.#slots][0] ?? this.#start()
    await slot.process.ready.catch(() => undefined)
    return this.#loaded
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const { done } of this.#waiting.splice(0)) done(lost('the scanner has ended'))
    const slots = [...this.#slots]
    for (const { process } of slots) process.kill()
    await Promise.all(slots.map(({ process }) => process.ended))
  }

  #free(): Slot | undefined {
    for (const slot of this.#slots) if (!slot.busy) return slot
    return undefined
  }

  #pump(): void {
    while (this.#waiting.length > 0 && !this.#closed) {
      const slot = this.#free() ?? (this.#slots.size < this.#options.workers ? this.#start() : undefined)
      if (slot === undefined) return
      const next = this.#waiting.shift()
      if (next === undefined) return
      void this.#run(slot, next)
    }
  }

  #start(): Slot {
    const { rules, engine, externals, maxFileBytes, niceness } = this.#options
    const process = new ScanProcess({
      type: 'start',
      rules,
      engine,
      externals,
      maxFileBytes,
      mostMatches: MAX_FINDING_MATCHES,
      mostMeta: MAX_FINDING_META,
      niceness,
    })
    const slot: Slot = { process, busy: false, idle: undefined }
    this.#slots.add(slot)
    void process.ended.then(() => {
      clearTimeout(slot.idle)
      this.#slots.delete(slot)
      this.#pump()
    })
    void this.#begin(slot)
    return slot
  }

  async #begin(slot: Slot): Promise<void> {
    const { log } = this.#options
    try {
      const { engine, rules, problems } = await slot.process.ready
      this.#failure = undefined
      if (this.#loaded === undefined) {
        for (const { file, line, column, message } of problems) {
          log.warn({ file, line, column, problem: message }, 'YARA rule was refused')
        }
        log.info({ engine, rules }, 'YARA rules were loaded')
      }
      this.#loaded = { engine, rules, problems }
      this.#rest(slot)
    } catch (error) {
      if (this.#closed) return
      const reason = error instanceof Error ? error.message : String(error)
      this.#failure = reason
      this.#failedUntilMs = performance.now() + PAUSE_MS
      log.error({ error }, 'files cannot be scanned')
      slot.process.kill()
      for (const { done } of this.#waiting.splice(0)) done({ outcome: 'failed', reason })
    }
  }

  async #run(slot: Slot, { target, done }: Waiting): Promise<void> {
    slot.busy = true
    clearTimeout(slot.idle)
    let result: ScanResult
    try {
      await slot.process.ready
      result = await slot.process.scan(target, this.#options.timeoutMs)
    } catch (error) {
      result = { outcome: 'failed', reason: error instanceof Error ? error.message : String(error) }
    }
    slot.busy = false
    // It was killed, and gets nothing more even when its end takes a while.
    if (result.outcome === 'timed-out') this.#slots.delete(slot)
    done(this.#closed && result.outcome === 'failed' ? lost('the scanner has ended') : result)
    this.#rest(slot)
    this.#pump()
  }

  #rest(slot: Slot): void {
    if (slot.busy || !this.#slots.has(slot)) return
    clearTimeout(slot.idle)
    slot.idle = setTimeout(() => {
      if (slot.busy) return
      // From now on it is given nothing.
      this.#slots.delete(slot)
      slot.process.kill()
    }, this.#options.idleMs)
  }

  #count({ outcome }: ScanResult): void {
    const key = outcome === 'too-large' ? 'too_large' : outcome === 'timed-out' ? 'timed_out' : outcome
    this.#counts[key] += 1
  }
}

function lost(reason: string): ScanResult {
  return { outcome: 'lost', reason }
}
