import { existsSync, readFileSync } from 'node:fs'
import {
  BpfObject,
  clockTicksPerSecond,
  MappedRing,
  sinceBootNs,
  trimMemory,
  waitForRunningPrograms,
} from '@vedette/linux'
import type { BlindSpot, SystemRecord } from '@vedette/model'
import { type Emit, everySoOften, type Source } from '../../kernel/source.ts'
import { NOBODY } from '../../kernel/process-table.ts'
import { preventionNotice } from '../../prevention/notice.ts'
import { decisionRecord } from '../../prevention/record.ts'
import { Settling } from '../../prevention/settling.ts'
import type { KillAtExecConfig } from './config.ts'
import { decodeDecisions, type KernelDecision } from './decisions.ts'
import { ProgramTable } from './program-table.ts'

const NAME = 'kill-at-exec'
const SOURCE = 'ebpf'
const KIND = 'prevent_exec'
/** As in guard.bpf.c. */
const modes = { off: 0, observe: 1, enforce: 2 } as const
const TAKE_MS = 20
const LOOK_MS = 500
const CHUNK_BYTES = 1 << 18

/** The compiled guard.bpf.c. */
export function guardFile(): Uint8Array {
  return readFileSync(new URL('guard.bpf.o', import.meta.url))
}

/** Loads the program into the kernel, keeps its table of files up to date, and tells each decision. */
export class KillAtExecSource implements Source {
  readonly #config: KillAtExecConfig
  readonly #object: BpfObject
  readonly #ring: MappedRing
  readonly #variables
  readonly #mode: Uint32Array
  readonly #lost: BigUint64Array
  readonly #table: ProgramTable
  readonly #settling = new Settling()
  #lostBefore = 0
  #off = false

  constructor(config: KillAtExecConfig) {
    this.#config = config
    this.#object = BpfObject.load({ file: guardFile() })
    trimMemory()
    this.#ring = new MappedRing(this.#object.map('decisions'))
    this.#variables = this.#object.variables('.bss')
    this.#mode = this.#variables.u32('mode')
    this.#lost = this.#variables.u64('lost')
    this.#variables.u32('nameless')[0] = Number(config.nameless)
    this.#table = new ProgramTable(this.#object.map('programs'), config)
    this.#table.refresh()
    this.#object.attach('guard_exec')
    this.#off = existsSync(config.off_file)
    this.#mode[0] = this.#off ? modes.off : modes[config.mode]
  }

  async run(emit: Emit, signal: AbortSignal): Promise<void> {
    await Promise.all([
      everySoOften(TAKE_MS, () => this.#take(emit), signal),
      everySoOften(LOOK_MS, () => this.#look(emit), signal),
    ])
    this.#object.detach()
    waitForRunningPrograms()
    this.#take(emit, true)
  }

  blindSpots(): readonly BlindSpot[] {
    const { mode, programs, nameless, off_file: offFile } = this.#config
    const what = [
      `${programs.length} programs that the configuration names`,
      ...(nameless ? ['all whose file only memory holds or has been deleted'] : []),
    ].join(' and ')
    return [preventionNotice(NAME, this.#off ? 'off' : mode, what, offFile)]
  }

  [Symbol.dispose](): void {
    this.#table[Symbol.dispose]()
    this.#ring[Symbol.dispose]()
    this.#variables[Symbol.dispose]()
    this.#object[Symbol.dispose]()
  }

  #look(emit: Emit): void {
    const off = existsSync(this.#config.off_file)
    this.#mode[0] = off ? modes.off : modes[this.#config.mode]
    if (off !== this.#off) {
      this.#off = off
      const verdict = off ? 'switched_off' : 'switched_on'
      const record = decisionRecord({
        source: SOURCE,
        timeMs: Date.now(),
        process: NOBODY,
        by: NAME,
        verdict,
        reason: 'off_file',
        path: this.#config.off_file,
      })
      emit([record], 0)
    }
    this.#table.refresh()
  }

  #take(emit: Emit, isLast = false): void {
    const lostNow = Number(this.#lost[0] ?? 0n)
    const lost = lostNow - this.#lostBefore
    this.#lostBefore = lostNow
    const chunk = this.#ring.take(this.#ring.produced(), CHUNK_BYTES)
    const bootMs = Date.now() - sinceBootNs() / 1e6
    if (chunk !== undefined)
      this.#settling.add(decodeDecisions(chunk).map((one) => this.#record(one, bootMs)))
    const records = this.#settling.take(isLast)
    if (records.length > 0 || lost > 0) emit(records, lost, KIND)
  }

  #record(decision: KernelDecision, bootMs: number): SystemRecord {
    const { pid, startNs, device, inode, reason, verdict, name } = decision
    return decisionRecord({
      source: SOURCE,
      timeMs: bootMs + decision.sinceBootNs / 1e6,
      process: { pid, startTicks: Math.floor((startNs * clockTicksPerSecond()) / 1e9) },
      by: NAME,
      verdict,
      reason,
      path: this.#table.pathOf({ device, inode }) ?? name,
      inode: Number(inode),
    })
  }
}
