export { loadTechniques, type TechniqueCatalogue } from './attack.ts'
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
export type { FieldText } from './event-view.ts'
export type { RecordMatch } from './explain.ts'
export type { ExplainedItem, ExplainedPart } from './explain-parts.ts'
export { drawProblem, formatProblem } from './problem.ts'
export type { CompiledCorrelation } from './rule-types/correlation/compile.ts'
export {
  type CorrelationFiring,
  CorrelationNetwork,
  type CorrelationState,
  type RuleHit,
} from './rule-types/correlation/network.ts'
export { type FindingJudge, loadFindingJudge } from './rule-types/yara/finding-judge.ts'
export type { CompiledRule, RuleType } from './rule-type.ts'
export { compileRegex } from './regex.ts'
export { type RuleExplanation, RuleReader, RuleSheet, rulesIn, type WrittenRule } from './rule-sheet.ts'
export { findRuleFiles, readRuleFile } from './rule-files.ts'
export {
  IndicatorMatcher,
  type IndicatorMatcherCounters,
  type MatchedAllowEntry,
  type MatchedIndicator,
  type Seen,
} from './rule-types/indicator/index.ts'
