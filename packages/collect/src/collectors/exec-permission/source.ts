import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { BlindSpot, SystemRecord } from '@vedette/model'
import type { Emit, Source } from '../../kernel/source.ts'
import { NOBODY } from '../../kernel/process-table.ts'
import { preventionNotice } from '../../prevention/notice.ts'
import { decisionRecord, type Verdict } from '../../prevention/record.ts'
import { Settling } from '../../prevention/settling.ts'
import type { ExecPermissionConfig } from './config.ts'
import { type GateEnd, GateProcess } from './gate-process.ts'
import type { FromGate } from './messages.ts'

const NAME = 'exec-permission'
const KIND = 'prevent_exec'
const LOOK_MS = 250
const TELL_MS = 50
/** Before a gate that ended by itself is started again; twice as long each time. */
const SHORTEST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000
/** One that ran for so long has nothing to do with those that ended before. */
const GOOD_MS = 60_000

/** Keeps the gate's process going, hands on what it decides, and tells when everything was let through. */
export class ExecPermissionSource implements Source {
  readonly #config: ExecPermissionConfig
  readonly #settling = new Settling()
  #state: 'on' | 'off' | 'open' = 'open'
  #refused: readonly string[] = []
  #letThrough = 0
  #failure: string | undefined

  constructor(config: ExecPermissionConfig) {
    this.#config = config
  }

  async run(emit: Emit, signal: AbortSignal): Promise<void> {
    const tell = (all = false) => {
      const records = this.#settling.take(all)
      if (records.length > 0) emit(records, 0, KIND)
    }
    const telling = setInterval(() => tell(), TELL_MS)
    try {
      await this.#keepGoing(emit, signal)
    } finally {
      clearInterval(telling)
      tell(true)
    }
  }

  async #keepGoing(emit: Emit, signal: AbortSignal): Promise<void> {
    let pauseMs = SHORTEST_PAUSE_MS
    let wasOff = false
    while (!signal.aborted) {
      const off = existsSync(this.#config.off_file)
      if (off !== wasOff) this.#say(emit, off ? 'switched_off' : 'switched_on', 'off_file')
      wasOff = off
      if (off) {
        this.#state = 'off'
        await delay(LOOK_MS, undefined, { signal }).catch(() => undefined)
        continue
      }
      const startMs = performance.now()
      const end = await this.#guard(emit, signal)
      if (end === 'told') continue
      this.#state = 'open'
      this.#letThrough += 1
      this.#say(emit, 'let_through', end)
      pauseMs = performance.now() - startMs > GOOD_MS ? SHORTEST_PAUSE_MS : pauseMs
      await delay(pauseMs, undefined, { signal }).catch(() => undefined)
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    }
  }

  blindSpots(): readonly BlindSpot[] {
    const { mode, programs, mounts, off_file: offFile } = this.#config
    const what = `${programs.length} programs that the configuration names and all in ${mounts.length} mounts`
    const spots = [preventionNotice(NAME, this.#state === 'off' ? 'off' : mode, what, offFile)]
    if (this.#state === 'open' && this.#letThrough > 0) {
      const why = this.#failure === undefined ? '' : `: ${this.#failure}`
      spots.push({
        code: 'prevention-open',
        message: `Prevention ${NAME} lets everything through until its process runs again; that ended ${this.#letThrough} times${why}`,
      })
    }
    if (this.#refused.length > 0) {
      spots.push({
        code: 'prevention-mount',
        message: `Prevention ${NAME} does not guard these, which are no mounts of their own, or hold programs of the machine: ${this.#refused.join(', ')}`,
      })
    }
    return spots
  }

  [Symbol.dispose](): void {
    // The gate ended with `run`.
  }

  /** Lets the gate decide until it ends, is switched off, or the signal aborts. */
  async #guard(emit: Emit, signal: AbortSignal): Promise<GateEnd> {
    const gate = new GateProcess(this.#config, (message) => this.#hear(message, emit))
    const over = Promise.withResolvers<GateEnd>()
    const stop = () => over.resolve('told')
    const looking = setInterval(() => {
      if (existsSync(this.#config.off_file)) stop()
    }, LOOK_MS)
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    try {
      return await Promise.race([over.promise, gate.ended])
    } finally {
      clearInterval(looking)
      signal.removeEventListener('abort', stop)
      this.#failure = gate.failure
      await gate[Symbol.asyncDispose]()
    }
  }

  #hear(message: FromGate, emit: Emit): void {
    if (message.type === 'alive') {
      this.#state = 'on'
      this.#refused = message.refused
    } else if (message.type === 'decided') {
      const records = message.decisions.map((decision): SystemRecord =>
        decisionRecord({ ...decision, source: 'fanotify', by: NAME }),
      )
      this.#settling.add(records)
      if (message.lost > 0) emit([], message.lost, KIND)
    }
  }

  /** About the prevention itself. */
  #say(emit: Emit, verdict: Verdict, reason: string): void {
    emit(
      [
        decisionRecord({
          source: 'fanotify',
          timeMs: Date.now(),
          process: NOBODY,
          by: NAME,
          verdict,
          reason,
        }),
      ],
      0,
    )
  }
}
