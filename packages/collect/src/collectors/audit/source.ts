import { setTimeout as delay } from 'node:timers/promises'
import { syscallName } from '@vedette/formats/logs'
import {
  AuditNetlink,
  monotonicNs,
  openProcConnector,
  type ProcConnector,
  type ProcEvent,
  readProcess,
  wallClockMs,
} from '@vedette/linux'
import type { KernelRecord } from '@vedette/model'
import { FilePoll } from '../../kernel/file-poll.ts'
import { execRecord } from '../../kernel/exec-record.ts'
import { exitRecord, startTicksOf } from '../../kernel/process-life.ts'
import { ProcessTable } from '../../kernel/process-table.ts'
import { runningProcesses } from '../../kernel/snapshot.ts'
import { SocketPoll } from '../../kernel/socket-poll.ts'
import { type Emit, everySoOften, type Source } from '../../kernel/source.ts'
import { AuditAssembler, type AuditedCall } from './assembler.ts'
import type { AuditConfig } from './config.ts'
import { auditedExec, auditedExecutable } from './exec.ts'
import { auditRules, RULE_KEY } from './rules.ts'
import { auditedSystem } from './system.ts'

const SOURCE = 'audit'
/** The two sources are read apart: for so long at least is waited for what the other one tells of the same time. */
const SETTLE_MS = 100
const LOOK_MS = 25
const MOST_MESSAGES = 4096
const MOST_WAITING = 65_536

const rank = { begin: 0, act: 1, end: 2 } as const

interface Waiting {
  readonly timeMs: number
  readonly pid: number
  /** What a process does comes between its beginning and its end, though by the coarser clock it may not seem so. */
  readonly part: 'begin' | 'act' | 'end'
  /** Called in the order of time; nothing where it could not be told. */
  readonly tell: () => KernelRecord | undefined
}

/**
 * Programs and system calls from the audit system; forks and ends of processes from the process connector. Connections and
 * watched files are compared on a timer.
 */
export class AuditSource implements Source {
  readonly #config: AuditConfig
  readonly #audit: AuditNetlink
  readonly #connector: ProcConnector
  readonly #assembler = new AuditAssembler()
  readonly #processes = new ProcessTable()
  readonly #sockets = new SocketPoll(SOURCE, this.#processes)
  readonly #files = new FilePoll(SOURCE)
  /** When each process began, for the clock of the audit system is as coarse as the kernel's tick. */
  readonly #begun = new Map<number, number>()
  #waiting: Waiting[] = []
  #lostBefore = 0
  #lostAudit = 0
  #lastCallMs = 0

  constructor(config: AuditConfig) {
    this.#config = config
    for (const path of config.watch_paths) this.#files.watch(path)
    // Open before the stock is taken, so that nothing falls between the two.
    this.#connector = openProcConnector({ bufferBytes: config.buffer_bytes })
    try {
      this.#audit = new AuditNetlink({
        rules: auditRules(),
        key: RULE_KEY,
        bufferBytes: config.buffer_bytes,
        backlogLimit: config.backlog_limit,
      })
    } catch (error) {
      this.#connector[Symbol.dispose]()
      throw error
    }
  }

  async run(emit: Emit, signal: AbortSignal): Promise<void> {
    emit(this.#snapshot(), 0)
    await Promise.all([
      this.#follow(this.#audit, signal),
      this.#follow(this.#connector, signal),
      this.#handAll(emit, signal),
      everySoOften(this.#config.socket_interval_ms, () => this.#lookAtSockets(emit), signal),
      everySoOften(this.#config.file_interval_ms, () => this.#lookAtFiles(emit), signal),
    ])
    this.#take()
    this.#settled()
    this.#hand(emit, Infinity)
    this.#lookAtSockets(emit)
    this.#lookAtFiles(emit)
  }

  watch(path: string): Disposable {
    return this.#files.watch(path)
  }

  [Symbol.dispose](): void {
    this.#connector[Symbol.dispose]()
    this.#audit[Symbol.dispose]()
  }

  #snapshot(): KernelRecord[] {
    return runningProcesses().map(({ info, startedMs }) => {
      this.#processes.remember({ pid: info.pid, startTicks: info.startTicks })
      const parent = this.#processes.find(info.ppid)
      return execRecord(info, { source: SOURCE, timeMs: startedMs, parent, snapshot: true })
    })
  }

  async #follow(part: AuditNetlink | ProcConnector, signal: AbortSignal): Promise<void> {
    while (await part.waitReadable(signal)) this.#take()
  }

  async #handAll(emit: Emit, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const settledMs = this.#settled()
      // Where the clock was set back, what waits would wait on.
      this.#hand(emit, this.#waiting.length > MOST_WAITING ? Infinity : settledMs)
      await delay(LOOK_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  #take(): void {
    // The wall clock may jump: the distance of the two clocks is taken anew for each batch.
    const wallOffsetMs = clockDistanceMs()
    for (const event of this.#connector.take()) this.#takeEvent(event, wallOffsetMs + event.timeNs / 1e6)
    let count
    do {
      const messages = this.#audit.take(MOST_MESSAGES)
      for (const { type, text } of messages) {
        const call = this.#assembler.add(type, text)
        if (call !== undefined) this.#takeCall(call)
      }
      count = messages.length
    } while (count === MOST_MESSAGES && this.#waiting.length <= MOST_WAITING)
  }

  #takeEvent(event: ProcEvent, timeMs: number): void {
    // Programs come from the audit system.
    if (event.type === 'exec') return
    if (event.type === 'fork') {
      const process = { pid: event.pid, startTicks: startTicksOf(event) }
      this.#processes.remember(process)
      this.#begun.set(event.pid, timeMs)
      const parent = this.#processes.find(event.parent)
      this.#waiting.push({
        timeMs,
        pid: event.pid,
        part: 'begin',
        tell: () => ({ type: 'fork', source: SOURCE, timeMs, process, parent }),
      })
      return
    }
    const tell = () => {
      const process = this.#processes.find(event.pid)
      this.#processes.forget(event.pid)
      this.#begun.delete(event.pid)
      return process.pid === 0 ? undefined : exitRecord(SOURCE, process, event.status, timeMs)
    }
    this.#waiting.push({ timeMs, pid: event.pid, part: 'end', tell })
  }

  #takeCall(call: AuditedCall): void {
    this.#lastCallMs = call.timeMs
    const { syscall } = call
    const name = syscallName(syscall.get('arch'), syscall.get('syscall')) ?? ''
    const pid = Number(syscall.get('pid') ?? 0)
    const timed = () => ({ ...call, timeMs: this.#timeOf(pid, call.timeMs) })
    const parentPid = Number(syscall.get('ppid') ?? 0)
    if (name !== 'execve' && name !== 'execveat') {
      this.#wait(call.timeMs, pid, () =>
        auditedSystem(name, timed(), this.#processes.find(pid), (target) => this.#processes.find(target)),
      )
      return
    }
    // What ends in a moment is looked at now.
    const info = readProcess(pid)
    const isSame = info?.executable === auditedExecutable(call) && !info.exiting
    this.#wait(call.timeMs, pid, () => {
      const process = this.#processes.find(pid)
      if (process.pid === 0) return undefined
      const parent = this.#processes.find(parentPid)
      return auditedExec(timed(), process, parent, isSame ? info : undefined)
    })
  }

  #wait(timeMs: number, pid: number, tell: Waiting['tell']): void {
    this.#waiting.push({ timeMs, pid, part: 'act', tell })
  }

  /** The time of a call, which is not before its process began. */
  #timeOf(pid: number, timeMs: number): number {
    return Math.max(timeMs, this.#begun.get(pid) ?? 0)
  }

  #inOrder(): { readonly waiting: Waiting; readonly atMs: number }[] {
    const last = new Map<number, number>()
    const timed = this.#waiting.map((waiting) => {
      const { pid, part } = waiting
      const atMs = part === 'act' ? this.#timeOf(pid, waiting.timeMs) : waiting.timeMs
      last.set(pid, Math.max(atMs, last.get(pid) ?? 0))
      return { waiting, atMs }
    })
    for (const end of timed) if (end.waiting.part === 'end') end.atMs = last.get(end.waiting.pid) ?? end.atMs
    return timed.sort((a, b) => a.atMs - b.atMs || rank[a.waiting.part] - rank[b.waiting.part])
  }

  /** Hands on what happened until then, in its order. */
  #hand(emit: Emit, untilMs: number): void {
    const ordered = this.#inOrder()
    const due = ordered.filter(({ atMs }) => atMs <= untilMs)
    this.#waiting = ordered.slice(due.length).map(({ waiting }) => waiting)
    const records: KernelRecord[] = []
    const lostNow = this.#connector.lost + this.#lostAudit + this.#assembler.incomplete
    let lost = lostNow - this.#lostBefore
    this.#lostBefore = lostNow
    for (const { waiting } of due) {
      const record = waiting.tell()
      if (record === undefined) lost += 1
      else records.push(record)
    }
    if (records.length > 0 || lost > 0) emit(records, lost)
  }

  /** Until when all is here: on a busy machine the audit system is behind the process connector. */
  #settled(): number {
    const now = Date.now()
    const { lost, backlog } = this.#audit.state()
    this.#lostAudit = lost
    this.#take()
    return Math.min(now - SETTLE_MS, backlog === 0 ? Infinity : this.#lastCallMs)
  }

  #lookAtSockets(emit: Emit): void {
    const { records, lost } = this.#sockets.look(Date.now())
    if (records.length > 0 || lost > 0) emit(records, lost)
  }

  #lookAtFiles(emit: Emit): void {
    const records = this.#files.look(Date.now())
    if (records.length > 0) emit(records, 0)
  }
}

/** How far the wall clock is ahead of the monotonic one, milliseconds: read where no pause fell between the two. */
function clockDistanceMs(): number {
  let best = { gapNs: Infinity, distanceMs: 0 }
  for (let tries = 0; tries < 5 && best.gapNs > 20_000; tries += 1) {
    const beforeNs = monotonicNs()
    const wallMs = wallClockMs()
    const gapNs = monotonicNs() - beforeNs
    if (gapNs < best.gapNs) best = { gapNs, distanceMs: wallMs - (beforeNs + gapNs / 2) / 1e6 }
  }
  return best.distanceMs
}
