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
} from './loading/load-rules.ts'
export type { Parameters } from './loading/parameters.ts'
export type { FieldText } from './fields/event-view.ts'
export type { RecordMatch } from './condition/explain.ts'
export type { ExplainedItem, ExplainedPart } from './condition/explain-parts.ts'
export { drawProblem, formatProblem } from './loading/problem.ts'
export type { CompiledCorrelation } from './rule-types/correlation/compile.ts'
export {
  type CorrelationFiring,
  CorrelationNetwork,
  type CorrelationState,
  type RuleHit,
} from './rule-types/correlation/network.ts'
export { type FindingJudge, loadFindingJudge } from './rule-types/yara/finding-judge.ts'
export type { CompiledRule, RuleType } from './rule-type.ts'
export { compileRegex } from './condition/regex.ts'
export { type RuleExplanation, RuleReader, RuleSheet, rulesIn, type WrittenRule } from './rule-sheet.ts'
export { findRuleFiles, readRuleFile } from './loading/rule-files.ts'
export {
  IndicatorMatcher,
  type IndicatorMatcherCounters,
  type MatchedAllowEntry,
  type MatchedIndicator,
  ruleOfIndicator,
  type Seen,
  techniquesNamed,
} from './rule-types/indicator/index.ts'
