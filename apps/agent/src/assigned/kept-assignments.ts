import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from '@vedette/base'
import { type Assignment, assignmentSchema } from '@vedette/model'
import { z } from 'zod'
import { writePrivately } from '../identity.ts'

/** An assignment that is not known to be good is tried so many times; then the one before is taken again. */
const MOST_TRIES = 2

const keptSchema = z.strictObject({
  assignment: assignmentSchema,
  /** Starts of the agent with it. */
  tries: z.int().min(0),
})

const stateSchema = z.strictObject({
  /** Serial of the newest that was ever taken. */
  floor: z.int().min(0),
  /** On trial; without one the last good one is in force. */
  trial: keptSchema.optional(),
  good: assignmentSchema.optional(),
  failed: z.strictObject({ serial: z.int(), reason: z.string().max(2000) }).optional(),
})

type State = z.output<typeof stateSchema>

/**
 * What was assigned to this agent, on disk: the last good one, the one on trial, and the newest that was ever taken, below
 * which nothing is taken any more. Each change is on disk before it counts.
 */
export class KeptAssignments {
  readonly #folder: string
  readonly #log: Logger
  #state: State

  private constructor(folder: string, log: Logger, state: State) {
    this.#folder = folder
    this.#log = log
    this.#state = state
  }

  /** @param folder the agent's own, 0700; made where it is not there */
  static open(folder: string, log: Logger): KeptAssignments {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const file = join(folder, 'state.json')
    let state: State = { floor: 0 }
    if (existsSync(file)) {
      try {
        state = stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
      } catch (error) {
        log.error(
          { error },
          'what was assigned to this agent cannot be read; it goes on with its own configuration',
        )
      }
    }
    return new KeptAssignments(folder, log, state)
  }

  get floor(): number {
    return this.#state.floor
  }

  get inForce(): Assignment | undefined {
    return (this.#state.trial?.assignment ?? this.#state.good) as Assignment | undefined
  }

  get isTrial(): boolean {
    return this.#state.trial !== undefined
  }

  get failed(): { readonly serial: number; readonly reason: string } | undefined {
    return this.#state.failed
  }

  /** A start of the agent: one that was tried often enough and never found good is given up. */
  async begin(): Promise<void> {
    const { trial } = this.#state
    if (trial === undefined) return
    if (trial.tries >= MOST_TRIES) {
      return this.fail(trial.assignment.serial, `The agent ended ${trial.tries} times with it`)
    }
    await this.#keep({ ...this.#state, trial: { ...trial, tries: trial.tries + 1 } })
  }

  /** Takes one on trial. @param tries 1 where it is used without a new start, else 0 */
  async propose(assignment: Assignment, tries: 0 | 1): Promise<void> {
    const { floor } = this.#state
    await this.#keep({
      ...this.#state,
      floor: Math.max(floor, assignment.serial),
      trial: { assignment: assignment as z.output<typeof assignmentSchema>, tries },
    })
  }

  /** The same again, with another end: nothing is tried anew. */
  async refresh(assignment: Assignment): Promise<void> {
    const renewed = assignment as z.output<typeof assignmentSchema>
    const { trial, good } = this.#state
    if (trial !== undefined) await this.#keep({ ...this.#state, trial: { ...trial, assignment: renewed } })
    else if (good !== undefined) await this.#keep({ ...this.#state, good: renewed })
  }

  /** The one on trial is good: it is what a later one is taken back to. */
  async confirm(): Promise<void> {
    const { trial, floor } = this.#state
    if (trial === undefined) return
    await this.#keep({ floor, good: trial.assignment })
    this.#sweep()
  }

  /** One is no good: it could not even be taken, or it was on trial, and the last good one is in force again. */
  async fail(serial: number, reason: string): Promise<void> {
    const { floor, good, trial } = this.#state
    this.#log.error({ serial, reason }, 'what the server assigned is no good, and is not taken')
    await this.#keep({
      floor: Math.max(floor, serial),
      // What could not even be taken says nothing about the one on trial.
      ...(trial !== undefined && trial.assignment.serial !== serial && { trial }),
      ...(good !== undefined && { good }),
      failed: { serial, reason: reason.slice(0, 2000) },
    })
    this.#sweep()
  }

  /** Where a bundle is unpacked. */
  contentFolder(sha256: string): string {
    return join(this.#folder, 'content', sha256)
  }

  /** Bundles that nothing refers to any more are removed. */
  #sweep(): void {
    const used = [this.#state.trial?.assignment, this.#state.good].flatMap(
      (one) => one?.content?.sha256 ?? [],
    )
    const folder = join(this.#folder, 'content')
    if (!existsSync(folder)) return
    for (const name of readdirSync(folder)) {
      if (!used.includes(name)) rmSync(join(folder, name), { recursive: true, force: true })
    }
  }

  async #keep(state: State): Promise<void> {
    await writePrivately(join(this.#folder, 'state.json'), JSON.stringify(state))
    this.#state = state
  }
}
