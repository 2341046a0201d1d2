import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '@vedette/base'
import { huntUnit } from './hunt-unit.ts'
import type { RecordJudge } from './judge.ts'
import type { UnitRunner } from './unit-runner.ts'

/** Small files are read without waiting: so often everything else of this thread, such as Ctrl-C, gets its turn. */
const LONGEST_MS = 50

/** Hunts in this thread, one unit at a time: for work that is done before worker threads would have started. */
export function inProcessRunner(judge: RecordJudge, clock: Clock): UnitRunner {
  let restedMs = clock.monotonic()
  return {
    lanes: 1,
    isHere: true,
    ready: Promise.resolve(),
    async run(unit, emit, signal) {
      if (clock.monotonic() - restedMs > LONGEST_MS) {
        await turn()
        restedMs = clock.monotonic()
      }
      await huntUnit(unit, judge, emit, signal)
      return undefined
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
