import type { ActionMode } from '@vedette/model'
import type { ResponseConfig } from './config.ts'

/** What a risk calls for, and how far it may go without a person. */
export interface Decision {
  readonly action: 'warn' | 'freeze' | 'isolate' | 'kill'
  readonly mode: ActionMode
}

/** What the risk of a process tree calls for by the thresholds; undefined below the lowest. */
export function decide(risk: number, config: ResponseConfig): Decision | undefined {
  if (!config.enabled)
    return risk >= config.warn_threshold ? { action: 'warn', mode: 'automatic' } : undefined
  if (risk >= config.kill_threshold && config.enable_kill) return { action: 'kill', mode: config.mode.kill }
  // There is no action yet that isolates: what would be cut off is frozen.
  if (risk >= config.freeze_threshold) return { action: 'freeze', mode: config.mode.freeze }
  return risk >= config.warn_threshold ? { action: 'warn', mode: 'automatic' } : undefined
}
