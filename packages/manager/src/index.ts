export { type Bus, createBus, type Topics } from './bus.ts'
export { DetectionMemory, type DetectionMemoryOptions } from './detection-memory.ts'
export { createIntake, type Delivery, type Intake, type IntakeOptions } from './intake.ts'
export { hunt, type HuntMatch, type HuntOptions, type HuntSink, type HuntSummary } from './hunt/index.ts'
export { FeedDesk } from './intel/feed-desk.ts'
export { IndicatorDesk, type IndicatorStatus } from './intel/indicator-desk.ts'
export { type SecurityConfig, securityConfigSchema } from './security-config.ts'
export { type ManagerStatus, SecurityManager, type SecurityManagerOptions } from './security-manager.ts'
export { ThreatDetector, type ThreatDetectorOptions } from './threats/index.ts'
export type { ExceptionRequest, NewPack, RuleDesk } from './workshop/index.ts'
export type {
  Alert,
  AlertStatus,
  BlindSpot,
  Event,
  Incident,
  IncidentStatus,
  RuleInfo,
  Severity,
  Verdict,
} from '@vedette/model'
