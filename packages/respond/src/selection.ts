import type { ProcessInfo } from '@vedette/linux'
import { type HeldProcess, hold } from './held-process.ts'
import type { Judge, Policy } from './policy.ts'

/** A process that is left alone, and why. */
export interface Spared {
  readonly info: ProcessInfo
  readonly because: string
}

/** The processes that an action is about: one, or a tree of them. Each is held from the moment it was chosen. */
export class Selection implements Disposable {
  readonly root: HeldProcess
  readonly #policy: Policy
  readonly #tree: boolean
  readonly #chosen = new Map<number, HeldProcess>()
  readonly #spared = new Map<number, Spared>()

  constructor(root: HeldProcess, tree: boolean, policy: Policy) {
    this.root = root
    this.#tree = tree
    this.#policy = policy
    const judge = policy.look()
    const because = judge.protectionOf(root.info)
    if (because === undefined) {
      this.#chosen.set(root.info.pid, root)
      if (tree) this.#addBelow(judge)
    } else this.#spared.set(root.info.pid, { info: root.info, because })
  }

  /** May be touched; parents before their children. */
  get chosen(): readonly HeldProcess[] {
    return [...this.#chosen.values()]
  }

  /** Left alone, and with each of them what descends from it. */
  get spared(): readonly Spared[] {
    return [...this.#spared.values()]
  }

  /** Looks for descendants that were not there before. The result is part of `chosen` from now on. */
  grow(): readonly HeldProcess[] {
    return this.#tree ? this.#addBelow(this.#policy.look()) : []
  }

  #addBelow(judge: Judge): HeldProcess[] {
    const added: HeldProcess[] = []
    // A map hands out what is added while it is walked.
    for (const { info } of this.#chosen.values()) {
      for (const { pid, startTicks, exiting } of judge.childrenOf(info.pid)) {
        if (exiting || this.#chosen.has(pid) || this.#spared.has(pid)) continue
        const child = hold({ pid, startTicks })
        if (child === undefined) continue
        const because = judge.protectionOf(child.info)
        if (because === undefined) {
          this.#chosen.set(pid, child)
          added.push(child)
        } else {
          this.#spared.set(pid, { info: child.info, because })
          child[Symbol.dispose]()
        }
      }
    }
    return added
  }

  [Symbol.dispose](): void {
    this.root[Symbol.dispose]()
    for (const held of this.#chosen.values()) held[Symbol.dispose]()
  }
}
