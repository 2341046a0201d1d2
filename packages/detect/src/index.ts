export { type DetectionConfig, detectionConfigSchema } from './config.ts'
export {
  createEngine,
  type Engine,
  type EngineCounters,
  type EngineOptions,
  type RuleState,
} from './engine.ts'
export {
  contentDirectory,
  loadConfiguredRules,
  type LoadedRules,
  type LoadOptions,
  loadRules,
} from './load-rules.ts'
export type { Parameters } from './parameters.ts'
export { formatProblem } from './problem.ts'
export type { CompiledRule, RuleType } from './rule-type.ts'
