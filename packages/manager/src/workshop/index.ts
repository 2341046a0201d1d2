export { backtestFiles, type BacktestReport } from './backtest.ts'
export { diffRules, type RuleDifference, type RuleSetDifference } from './diff-rules.ts'
export type { ExceptionRequest, FieldChoice } from './draft-exception.ts'
export type { ExceptionEffect, HiddenAlert } from './exception-effect.ts'
export type { RuleHits } from './hit-tally.ts'
export { type PackFiles, readPack, rulePathsOf } from './read-pack.ts'
export {
  type ExceptionMade,
  type ExceptionPreview,
  type NewPack,
  type PackPlan,
  RuleDesk,
  type RuleDeskOptions,
  type RuleStatus,
} from './rule-desk.ts'
export { eventsBetween, type ListEvents } from './stored-events.ts'
export { costOfRules } from './cost-of-rules.ts'
export { type NumberedRecord, numberedRecords, toEvent } from './numbered-records.ts'
export { type RuleCase, testRules } from './test-rules.ts'
export { type Change, whatWouldChange } from './what-would-change.ts'
export { explainRules } from './explain-rules.ts'
export type { ExplainedItem, ExplainedPart, RuleExplanation } from '@vedette/detect'
