import type { HuntRules } from './hunt-rules.ts'
import type { UnitBatch } from './hunt-unit.ts'
import type { Unit } from './units.ts'

/** What a worker is started with. */
export interface WorkerTask {
  readonly rules: HuntRules
}

export type ToWorker =
  | { readonly type: 'unit'; readonly unit: Unit }
  /** One batch was taken: another one may come. */
  | { readonly type: 'taken' }

export type FromWorker =
  | { readonly type: 'ready'; readonly ruleIds: readonly string[] }
  | { readonly type: 'begun' | 'done'; readonly unit: number }
  | { readonly type: 'batch'; readonly unit: number; readonly batch: UnitBatch }
