import { parseConfig, readConfigFile } from '@vedette/base'
import { type DetectionConfig, detectionConfigSchema } from '@vedette/detect'
import { z } from 'zod'

const { max_failed_logins, suspicious_ports, blacklisted_ips, whitelisted_ips, threat_sensitivity } =
  detectionConfigSchema.shape.parameters.unwrap().shape

/** The file of a `ThreatDetector`, JSON or YAML. Keys mean what they mean in `detection.parameters`. */
const threatConfigSchema = z.strictObject({
  max_failed_logins,
  suspicious_ports,
  blacklisted_ips,
  whitelisted_ips,
  threat_sensitivity,
})

export type ThreatConfig = z.output<typeof threatConfigSchema>

/** @throws {ConfigError} when the file cannot be read, or a key or value in it is refused */
export function readThreatConfig(path: string | undefined): ThreatConfig {
  if (path === undefined) return threatConfigSchema.parse({})
  return parseConfig(threatConfigSchema, readConfigFile(path), path)
}

/** The same words as a section `detection`. */
export function detectionOf(config: ThreatConfig): DetectionConfig {
  return detectionConfigSchema.parse({ parameters: config })
}
