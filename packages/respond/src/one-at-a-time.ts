/** Carries out pieces of work one after the other, in the order in which they were handed in. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve()

  /** Resolves or rejects as `work` does. A failure does not hold up what comes after. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => undefined)
    return result
  }
}
