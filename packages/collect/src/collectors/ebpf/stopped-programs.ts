/** What the look needs: counters that only grow. */
export interface NewTasks {
  /** As the programs counted them. */
  readonly seen: () => number
  /** As the kernel counts them. */
  readonly made: () => number
}

/** So many tasks that the programs did not see are no accident of two looks that are not of one moment. */
const ENOUGH = 3

/**
 * Notices that the sensor's programs do not run any more though nobody of ours stopped them: the machine makes tasks and
 * they see none. Who may trace the agent, or load programs, can take them away without a trace elsewhere.
 */
export class StoppedPrograms {
  readonly #tasks: NewTasks
  #seen: number
  /** As it was when they had last seen something; unknown while they see. */
  #made: number | undefined

  constructor(tasks: NewTasks) {
    this.#tasks = tasks
    this.#seen = tasks.seen()
  }

  /** Whether they have stopped. To be asked every second or so; costs next to nothing while they see. */
  look(): boolean {
    if (this.#isSeeing()) return false
    const made = this.#tasks.made()
    this.#made ??= made
    if (made - this.#made < ENOUGH) return false
    // They may have been made since the first look above.
    return !this.#isSeeing()
  }

  #isSeeing(): boolean {
    const seen = this.#tasks.seen()
    if (seen === this.#seen) return false
    this.#seen = seen
    this.#made = undefined
    return true
  }
}
