export { contentDirectory, drawProblem } from '@vedette/detect'
export {
  hunt,
  type HuntOptions,
  type HuntProgress,
  type HuntSink,
  type HuntStart,
  type HuntSummary,
} from './hunt.ts'
export { type EventOrigin, huntEvents, type HuntEventsOptions, STORED } from './hunt-events.ts'
export { type HuntRules, loadHuntRules } from './hunt-rules.ts'
export type { HuntMatch } from './match.ts'
export { MatchList } from './match-list.ts'
export { type CaptureEvents, readCaptures } from './read-captures.ts'
export { type ReadRecords, readRecords } from './read-records.ts'
export { csvReport } from './report/csv.ts'
export { gistOf } from './report/gist.ts'
export { type Group, type GroupBy, Groups, techniquesOf } from './report/groups.ts'
export { htmlReport } from './report/html.ts'
export { ndjsonReport } from './report/ndjson.ts'
export type { HuntOutcome, ReportWriter } from './report/report-writer.ts'
export { sarifReport } from './report/sarif.ts'
export type { Unreadable } from './targets.ts'
