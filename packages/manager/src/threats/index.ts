export type { ThreatConfig } from './config.ts'
export type { Threat, ThreatArea } from './threat.ts'
export { defaultThreatLogKey, ThreatDetector, type ThreatDetectorOptions } from './threat-detector.ts'
export { readThreatLog, type ThreatLogEntry } from './threat-log.ts'
export type { ThreatMonitoring } from './threat-monitoring.ts'
export type {
  ThreatScanOptions,
  ThreatScanProgress,
  ThreatScanStep,
  ThreatScanSummary,
} from './threat-scan.ts'
