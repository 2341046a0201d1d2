import type { HuntRules } from './hunt-rules.ts'
import type { UnitBatch } from './hunt-unit.ts'
import type { Unit } from './units.ts'

export type ToWorker =
  /** Before the first unit. */
  | { readonly type: 'load'; readonly rules: HuntRules }
  | { readonly type: 'unit'; readonly unit: Unit }
  /** One batch was taken: another one may come. */
  | { readonly type: 'taken' }

export type FromWorker =
  | { readonly type: 'ready'; readonly ruleIds: readonly string[] }
  | { readonly type: 'begun' | 'done'; readonly unit: number }
  | { readonly type: 'batch'; readonly unit: number; readonly batch: UnitBatch }
