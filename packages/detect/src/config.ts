import { z } from 'zod'

/** The section `detection` of the configuration. */
export const detectionConfigSchema = z.strictObject({
  /** Files and folders of rules, besides those that come with Vedette. */
  rules: z.array(z.string().min(1)).max(100).default([]),
  /** Whether the rules that come with Vedette are used. */
  built_in_rules: z.boolean().default(true),
  /** Ids of rules that are not to be used. */
  disabled_rules: z.array(z.string().min(1)).max(10_000).default([]),
  /** A port scan is this many different ports of this host from one address within a minute. */
  port_scan_threshold: z.int().min(1).max(10_000).default(50),
  /** Failed logins of one account or from one address that make an alert. */
  max_failed_logins: z.int().min(1).max(10_000).default(5),
  /** Names of programs that raise an alert whenever they start; `*` and `?` as in Sigma. */
  suspicious_processes: z
    .array(z.string().min(1).max(256))
    .max(1000)
    .default([
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
    ]),
  /** Ports of other hosts that raise an alert when something connects to them, and of ours when something listens. */
  suspicious_ports: z
    .array(z.int().min(1).max(65_535))
    .max(1000)
    .default([1337, 4444, 5554, 6666, 6667, 9001, 12345, 31337]),
})

export type DetectionConfig = z.output<typeof detectionConfigSchema>

/** The parameters that rules may name, taken from the configuration. */
export function parametersOf(config: DetectionConfig): {
  readonly port_scan_threshold: number
  readonly max_failed_logins: number
  readonly suspicious_processes: readonly string[]
  readonly suspicious_ports: readonly number[]
} {
  const { port_scan_threshold, max_failed_logins, suspicious_processes, suspicious_ports } = config
  return { port_scan_threshold, max_failed_logins, suspicious_processes, suspicious_ports }
}
