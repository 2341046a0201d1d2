import {
  monotonicNs,
  openProcConnector,
  type ProcConnector,
  type ProcEvent,
  readProcess,
} from '@vedette/linux'
import type { KernelRecord } from '@vedette/model'
import { execRecord } from '../../kernel/exec-record.ts'
import { FilePoll } from '../../kernel/file-poll.ts'
import { exitRecord, startTicksOf } from '../../kernel/process-life.ts'
import { ProcessTable } from '../../kernel/process-table.ts'
import { runningProcesses } from '../../kernel/snapshot.ts'
import { SocketPoll } from '../../kernel/socket-poll.ts'
import { type Emit, everySoOften, type Source, UNOWNED } from '../../kernel/source.ts'
import type { ProcEventsConfig } from './config.ts'

const SOURCE = 'proc-events'

/**
 * Fork, exec and exit from the process connector; what an exec started is read from /proc right after. Connections and
 * watched files are compared on a timer.
 */
export class ProcEventsSource implements Source {
  readonly #config: ProcEventsConfig
  readonly #connector: ProcConnector
  readonly #processes = new ProcessTable()
  readonly #sockets = new SocketPoll(SOURCE, this.#processes)
  readonly #files = new FilePoll(SOURCE)
  #lostBefore = 0

  constructor(config: ProcEventsConfig) {
    this.#config = config
    for (const path of config.watch_paths) this.#files.watch(path)
    // Open before the stock is taken, so that nothing falls between the two.
    this.#connector = openProcConnector({ bufferBytes: config.buffer_bytes })
  }

  async run(emit: Emit, signal: AbortSignal): Promise<void> {
    emit(this.#snapshot(), 0)
    await Promise.all([
      this.#follow(emit, signal),
      everySoOften(this.#config.socket_interval_ms, () => this.#lookAtSockets(emit), signal),
      everySoOften(this.#config.file_interval_ms, () => this.#lookAtFiles(emit), signal),
    ])
    this.#hand(this.#connector.take(), emit)
    this.#lookAtSockets(emit)
    this.#lookAtFiles(emit)
  }

  watch(path: string): Disposable {
    return this.#files.watch(path)
  }

  [Symbol.dispose](): void {
    this.#connector[Symbol.dispose]()
  }

  #snapshot(): KernelRecord[] {
    return runningProcesses().map(({ info, startedMs }) => {
      this.#processes.remember({ pid: info.pid, startTicks: info.startTicks })
      const parent = this.#processes.find(info.ppid)
      return execRecord(info, { source: SOURCE, timeMs: startedMs, parent, snapshot: true })
    })
  }

  async #follow(emit: Emit, signal: AbortSignal): Promise<void> {
    while (await this.#connector.waitReadable(signal)) this.#hand(this.#connector.take(), emit)
  }

  #hand(events: readonly ProcEvent[], emit: Emit): void {
    const records: KernelRecord[] = []
    let lost = this.#connector.lost - this.#lostBefore
    this.#lostBefore = this.#connector.lost
    // The wall clock may jump: the distance of the two clocks is taken anew for each batch.
    const wallOffsetMs = Date.now() - monotonicNs() / 1e6
    // Of several programs in a row only the last one can still be looked at.
    const lastExec = new Map<number, ProcEvent>()
    for (const event of events) if (event.type === 'exec') lastExec.set(event.pid, event)
    for (const event of events) {
      const timeMs = wallOffsetMs + event.timeNs / 1e6
      const record =
        event.type === 'exec' && lastExec.get(event.pid) !== event ? undefined : this.#record(event, timeMs)
      if (record === undefined) lost += 1
      else records.push(record)
    }
    if (records.length > 0 || lost > 0) emit(records, lost)
  }

  #record(event: ProcEvent, timeMs: number): KernelRecord | undefined {
    switch (event.type) {
      case 'fork': {
        const process = { pid: event.pid, startTicks: startTicksOf(event) }
        this.#processes.remember(process)
        return { type: 'fork', source: SOURCE, timeMs, process, parent: this.#processes.find(event.parent) }
      }
      case 'exec': {
        const info = readProcess(event.pid)
        if (info === undefined || info.exiting) return undefined
        this.#processes.remember({ pid: info.pid, startTicks: info.startTicks })
        return execRecord(info, { source: SOURCE, timeMs, parent: this.#processes.find(info.ppid) })
      }
      default: {
        const process = this.#processes.find(event.pid)
        this.#processes.forget(event.pid)
        return process.pid === 0 ? undefined : exitRecord(SOURCE, process, event.status, timeMs)
      }
    }
  }

  #lookAtSockets(emit: Emit): void {
    const { records, lost } = this.#sockets.look(Date.now())
    if (records.length > 0 || lost > 0) emit(records, lost, UNOWNED)
  }

  #lookAtFiles(emit: Emit): void {
    const records = this.#files.look(Date.now())
    if (records.length > 0) emit(records, 0)
  }
}
