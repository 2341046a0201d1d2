import type { UnitBatch } from './hunt-unit.ts'
import type { Unit } from './units.ts'

/** Hunts units, one or several at a time. */
export interface UnitRunner extends AsyncDisposable {
  /** Units that it works on at the same time; more of them wait. */
  readonly lanes: number
  /** Whether it works in this thread, where it can be given what was read of a file already. */
  readonly isHere: boolean
  /** Resolves when the rules are loaded and the first unit can be worked on. */
  readonly ready: Promise<void>
  /**
   * Hunts one unit and hands on what it finds; resolves when the unit is through. While `emit` has not resolved, at most a
   * few more batches are made.
   *
   * @param emit told the places of rules as they are in the list that the runner was made with
   * @returns why the unit was given up: `reader-failed`, `took-too-long`; undefined where it was not
   * @throws what `emit` throws
   */
  run(
    unit: Unit,
    emit: (batch: UnitBatch) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<string | undefined>
}
