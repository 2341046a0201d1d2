export { type AgentConfig, agentConfigSchema } from './agent-config.ts'
export { readIdentity, writeIdentity, writePrivately } from './identity.ts'
export type { AgentMessageLine } from './report.ts'
export {
  type AgentOrder,
  type AgentSettings,
  type AgentSettingsLine,
  agentSettingsSchema,
} from './settings.ts'
export { spoolConfigSchema, spoolEnvironment } from './spool-config.ts'
export { systemMetricsConfigSchema, systemMetricsEnvironment } from './system-metrics-config.ts'
