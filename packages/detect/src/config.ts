import { severities, type Severity } from '@vedette/model'
import { z } from 'zod'

/** Values of parameters that a configuration says nothing of. */
export const defaultParameters = {
  port_scan_threshold: 50,
  max_failed_logins: 5,
  suspicious_processes: [
    'powershell.exe',
    'cmd.exe',
    'wscript.exe',
    'cscript.exe',
    'rundll32.exe',
    'regsvr32.exe',
    'chisel',
    'hydra',
    'kinsing',
    'linpeas.sh',
    'masscan',
    'mimipenguin',
    'msfconsole',
    'msfvenom',
    'pspy64',
    'sliver-client',
    'xmrig',
  ],
  suspicious_ports: [1337, 4444, 5554, 6666, 6667, 12_345, 31_337],
  blacklisted_ips: [],
  whitelisted_ips: [],
  threat_sensitivity: 'medium',
} as const

/** Values that rules take by name: `%port_scan_threshold%`. */
const parametersSchema = z.strictObject({
  /** A port scan is this many different ports of a host, asked for by one address within a minute. */
  port_scan_threshold: z.int().min(1).max(10_000).default(defaultParameters.port_scan_threshold),
  /** Failed logins, of one account or from one address, that make an alert. */
  max_failed_logins: z.int().min(1).max(10_000).default(defaultParameters.max_failed_logins),
  /** Names of programs that raise an alert whenever they start; `*` and `?` are wildcards, case does not matter. */
  suspicious_processes: z
    .array(z.string().min(1).max(256))
    .max(1000)
    .default(() => [...defaultParameters.suspicious_processes]),
  /** Ports that raise an alert when something connects to them elsewhere, or listens on them here. */
  suspicious_ports: z
    .array(z.int().min(1).max(65_535))
    .max(1000)
    .default(() => [...defaultParameters.suspicious_ports]),
  /** Addresses, and ranges such as `203.0.113.0/24`, that raise an alert whenever a connection has them at its far end. */
  blacklisted_ips: z
    .array(z.string().min(1).max(64))
    .max(10_000)
    .default(() => []),
  /** Addresses and ranges whose failed logins and port scans raise none. */
  whitelisted_ips: z
    .array(z.string().min(1).max(64))
    .max(10_000)
    .default(() => []),
  /**
   * Which rules are used: `high` all of them, `medium` those of severity low and above, `low` those of severity high and
   * above.
   */
  threat_sensitivity: z.enum(['low', 'medium', 'high']).default(defaultParameters.threat_sensitivity),
})

/** The section `detection` of the configuration. */
export const detectionConfigSchema = z.strictObject({
  /** Whether the rules that come with Vedette are used. */
  built_in_rules: z.boolean().default(true),
  /** Files and folders of more rules. */
  rules: z.array(z.string().min(1).max(4096)).max(100).default([]),
  /** Ids of rules that are not to be used. */
  disabled_rules: z.array(z.string().min(1).max(100)).max(10_000).default([]),
  parameters: parametersSchema.prefault({}),
})

export type DetectionConfig = z.output<typeof detectionConfigSchema>

/** The least severity of rules that are used at a sensitivity. */
export function leastSeverityOf(sensitivity: DetectionConfig['parameters']['threat_sensitivity']): Severity {
  return ({ high: severities[0], medium: 'low', low: 'high' } as const)[sensitivity]
}
