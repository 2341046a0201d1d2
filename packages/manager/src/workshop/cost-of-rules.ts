import type { Clock } from '@vedette/base'
import { type LoadedRules, type RuleState } from '@vedette/detect'
import type { Unreadable } from '../hunt/targets.ts'
import { FileJudge } from './judge-records.ts'
import { numberedRecords } from './numbered-records.ts'

/** What rules cost on the records of files. */
export interface FileCost {
  readonly records: number
  readonly seconds: number
  readonly states: readonly RuleState[]
  readonly unreadable: readonly Unreadable[]
}

/** Judges files, and says what each rule took of it: from a sample, as in the running server. */
export async function costOfRules(
  loaded: LoadedRules,
  paths: readonly string[],
  clock: Clock,
  signal?: AbortSignal,
): Promise<FileCost> {
  const judge = new FileJudge(loaded, clock)
  const unreadable: Unreadable[] = []
  let records = 0
  const started = clock.monotonic()
  for await (const batch of numberedRecords(paths, (one) => unreadable.push(one), signal)) {
    judge.judge(batch, () => undefined)
    records += batch.length
  }
  return { records, seconds: (clock.monotonic() - started) / 1000, states: judge.engine.states(), unreadable }
}
