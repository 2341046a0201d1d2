import { readProcessStat } from '@vedette/linux'
import type { ProcessIdentity } from '@vedette/model'

/** Nobody: the parent of the first process, or one that could not be found out. */
export const NOBODY: ProcessIdentity = { pid: 0, startTicks: 0 }

/** Which process each pid means now, kept past its end so that its last record still names it. */
export class ProcessTable {
  readonly #byPid = new Map<number, ProcessIdentity>()

  remember(identity: ProcessIdentity): void {
    this.#byPid.set(identity.pid, identity)
  }

  forget(pid: number): void {
    this.#byPid.delete(pid)
  }

  get size(): number {
    return this.#byPid.size
  }

  identities(): Iterable<ProcessIdentity> {
    return this.#byPid.values()
  }

  known(pid: number): ProcessIdentity | undefined {
    return this.#byPid.get(pid)
  }

  /** The process of this pid, looked up in /proc where it is not known yet; `NOBODY` where it is gone. */
  find(pid: number): ProcessIdentity {
    const known = this.#byPid.get(pid)
    if (known !== undefined) return known
    const stat = pid > 0 ? readProcessStat(pid) : undefined
    if (stat === undefined) return NOBODY
    const identity = { pid, startTicks: stat.startTicks }
    this.remember(identity)
    return identity
  }
}
