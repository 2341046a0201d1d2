export { type DetectionConfig, detectionConfigSchema } from './config.ts'
export {
  createEngine,
  type Engine,
  type EngineCounters,
  type EngineOptions,
  type RecordHit,
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
export type { RecordMatch } from './explain.ts'
export { formatProblem } from './problem.ts'
export type { CompiledRule, RuleType } from './rule-type.ts'
export {
  IndicatorMatcher,
  type IndicatorMatcherCounters,
  type MatchedAllowEntry,
  type MatchedIndicator,
  type Seen,
} from './rule-types/indicator/index.ts'
