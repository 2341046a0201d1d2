export { formOf, indicatorForms } from './forms/index.ts'
export type { IndicatorForm } from './indicator-form.ts'
export type { Malformed } from './draft.ts'
export { readIndicators, type ReadOptions, type ReadOutcome, type Suspect } from './read-indicators.ts'
