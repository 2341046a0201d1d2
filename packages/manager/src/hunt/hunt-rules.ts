import { type LoadedRules, loadRules, type Parameters } from '@vedette/detect'
import type { Severity } from '@vedette/model'
import type { IndicatorFiles } from './hunt-indicators.ts'

/** Which rules a hunt goes by. Plain data: every worker loads them for itself. */
export interface HuntRules {
  /** Files and folders. */
  readonly paths: readonly string[]
  /** Rules below it are left out. */
  readonly leastSeverity?: Severity
  /** Values for `%name%` in rules. */
  readonly parameters?: Parameters
  /** Folder that keeps what was read of them, so that workers and later hunts load them faster. Default: none. */
  readonly cache?: string
  /** Lists of indicators that records are compared with besides. Default: none. */
  readonly indicators?: IndicatorFiles
}

export function loadHuntRules({ paths, leastSeverity, parameters, cache }: HuntRules): Promise<LoadedRules> {
  return loadRules(paths, {
    ...(leastSeverity === undefined ? {} : { leastSeverity }),
    ...(cache === undefined ? {} : { cache }),
    ...(parameters === undefined ? {} : { parameters }),
  })
}
