export { type GeneratedLoad, generateLoad, type RunningLoad } from './generate-load.ts'
export type { LoadCounts, LoadJob, SentRun } from './load-job.ts'
