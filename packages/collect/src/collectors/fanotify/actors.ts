import { openProcConnector, type ProcConnector, readProcessStat } from '@vedette/linux'
import type { ProcessIdentity } from '@vedette/model'
import { startTicksOf } from '../../kernel/process-life.ts'
import { NOBODY } from '../../kernel/process-table.ts'

/** Processes that are remembered; the oldest is forgotten. */
const MOST = 32_768

interface Known {
  readonly startTicks: number
  /** Of the process that had the pid before, as far as that is known. */
  readonly before: number | undefined
}

/**
 * Which process a pid of the kernel meant when it acted. Who has ended since is found among the starts that the process
 * connector told; without it (it asks for CAP_NET_ADMIN) only who still runs is known.
 */
export class Actors implements Disposable {
  readonly #connector: ProcConnector | undefined
  readonly #known = new Map<number, Known>()

  constructor(bufferBytes: number) {
    try {
      this.#connector = openProcConnector({ bufferBytes })
    } catch {
      this.#connector = undefined
    }
  }

  /** Whether those that have ended can be known. */
  get remembers(): boolean {
    return this.#connector !== undefined
  }

  /** Takes what the connector told by now: who acts has been told to start before. */
  catchUp(): void {
    for (const event of this.#connector?.take() ?? []) {
      if (event.type === 'fork') this.#remember(event.pid, startTicksOf(event))
    }
  }

  /** Resolves once there is something to catch up with; false when the signal aborts, or when there never is. */
  async waitReadable(signal: AbortSignal): Promise<boolean> {
    return this.#connector?.waitReadable(signal) ?? false
  }

  /**
   * @param isAlive of the process that the kernel's own descriptor means; asked after /proc was read: if it holds then, that
   *   was the process
   */
  find(pid: number, isAlive: () => boolean): ProcessIdentity {
    if (pid <= 0) return NOBODY
    const stat = readProcessStat(pid)
    if (stat !== undefined && isAlive()) {
      if (this.#known.get(pid)?.startTicks !== stat.startTicks) this.#remember(pid, stat.startTicks)
      return { pid, startTicks: stat.startTicks }
    }
    const known = this.#known.get(pid)
    if (known === undefined) return NOBODY
    const startTicks = known.startTicks === stat?.startTicks ? earlier(known, stat.exiting) : known.startTicks
    return startTicks === undefined ? NOBODY : { pid, startTicks }
  }

  #remember(pid: number, startTicks: number): void {
    const before = this.#known.get(pid)?.startTicks
    this.#known.delete(pid)
    this.#known.set(pid, { startTicks, before })
    if (this.#known.size <= MOST) return
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
  }

  [Symbol.dispose](): void {
    this.#connector?.[Symbol.dispose]()
  }
}

/**
 * Which process it was whose descriptor the kernel did not give any more, where the last that got its pid is still in /proc:
 * one that was there before it, or itself on its way out. Where both may be, it is not known.
 */
function earlier({ startTicks, before }: Known, isExiting: boolean): number | undefined {
  if (!isExiting) return before
  return before === undefined ? startTicks : undefined
}
