import { huntUnit } from './hunt-unit.ts'
import type { RecordJudge } from './judge.ts'
import type { UnitRunner } from './unit-runner.ts'

/** Hunts in this thread, one unit at a time: for work that is done before worker threads would have started. */
export function inProcessRunner(judge: RecordJudge): UnitRunner {
  return {
    lanes: 1,
    async run(unit, emit, signal) {
      await huntUnit(unit, judge, emit, signal)
      return undefined
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
