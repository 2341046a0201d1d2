export { IndicatorMatcher, ruleOfIndicator, techniquesNamed } from './indicator-matcher.ts'
export type {
  IndicatorMatcherCounters,
  MatchedAllowEntry,
  MatchedIndicator,
  Seen,
} from './indicator-matcher.ts'
