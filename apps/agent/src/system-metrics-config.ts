import { z } from 'zod'

/** Section `system_metrics` of the configuration: how the host itself is doing. */
export const systemMetricsConfigSchema = z.strictObject({
  /** Seconds between two looks at processors, memory and disk. SYSTEM_METRICS_INTERVAL. */
  interval_seconds: z.int().min(1).max(86_400).default(60),
})

/** Variables of the environment that fill keys of `system_metrics`. */
export const systemMetricsEnvironment = {
  SYSTEM_METRICS_INTERVAL: { key: 'interval_seconds', list: false },
} as const
