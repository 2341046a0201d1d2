import type { Flow } from './flow.ts'

/** Flows in the order in which they were last heard of. A flow is in one queue at a time. */
export class QuietQueue {
  #first: Flow | undefined
  #last: Flow | undefined

  /** The one that is quiet the longest. */
  get first(): Flow | undefined {
    return this.#first
  }

  append(flow: Flow): void {
    flow.before = this.#last
    flow.after = undefined
    if (this.#last === undefined) this.#first = flow
    else this.#last.after = flow
    this.#last = flow
  }

  remove(flow: Flow): void {
    if (flow.before === undefined) this.#first = flow.after
    else flow.before.after = flow.after
    if (flow.after === undefined) this.#last = flow.before
    else flow.after.before = flow.before
    flow.before = undefined
    flow.after = undefined
  }
}
