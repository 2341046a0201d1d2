export type { ExceptionRequest, FieldChoice } from './draft-exception.ts'
export type { ExceptionEffect, HiddenAlert } from './exception-effect.ts'
export {
  type ExceptionMade,
  type ExceptionPreview,
  RuleDesk,
  type RuleDeskOptions,
  type RuleStatus,
} from './rule-desk.ts'
