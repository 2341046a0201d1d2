import { FilePoll } from '../../kernel/file-poll.ts'
import { ProcessTable } from '../../kernel/process-table.ts'
import { SocketPoll } from '../../kernel/socket-poll.ts'
import { type Emit, everySoOften, type Source, UNOWNED } from '../../kernel/source.ts'
import type { ProcPollConfig } from './config.ts'
import { ProcessPoll } from './process-poll.ts'

const SOURCE = 'proc-poll'

/** Everything on a timer: processes, connections, watched files. */
export class ProcPollSource implements Source {
  readonly #config: ProcPollConfig
  readonly #table = new ProcessTable()
  readonly #processes = new ProcessPoll(this.#table)
  readonly #sockets = new SocketPoll(SOURCE, this.#table)
  readonly #files = new FilePoll(SOURCE)

  constructor(config: ProcPollConfig) {
    this.#config = config
    for (const path of config.watch_paths) this.#files.watch(path)
  }

  async run(emit: Emit, signal: AbortSignal): Promise<void> {
    const hand = (look: { records: Parameters<Emit>[0]; lost: number }) => {
      if (look.records.length > 0 || look.lost > 0) emit(look.records, look.lost, UNOWNED)
    }
    const processes = () => hand({ records: this.#processes.look(Date.now()), lost: 0 })
    const sockets = () => hand(this.#sockets.look(Date.now()))
    const files = () => hand({ records: this.#files.look(Date.now()), lost: 0 })
    emit(this.#processes.takeStock(), 0)
    await Promise.all([
      everySoOften(this.#config.interval_ms, processes, signal),
      everySoOften(this.#config.socket_interval_ms, sockets, signal),
      everySoOften(this.#config.file_interval_ms, files, signal),
    ])
    processes()
    sockets()
    files()
  }

  watch(path: string): Disposable {
    return this.#files.watch(path)
  }

  [Symbol.dispose](): void {
    // Nothing stays open between two looks.
  }
}
