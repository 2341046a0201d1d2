export { IndicatorMatcher } from './indicator-matcher.ts'
export type {
  IndicatorMatcherCounters,
  IndicatorMatcherOptions,
  MatchedAllowEntry,
  MatchedIndicator,
  Seen,
} from './indicator-matcher.ts'
