export {
  type ScanFinding,
  type ScanPathsOptions,
  type ScanProgress,
  type ScanSink,
  type ScanSummary,
  scanPaths,
} from './scan-paths.ts'
