import { severitySchema } from '@vedette/model'
import { z } from 'zod'

/** The part `correlate` of the configuration. */
export const correlationConfigSchema = z.strictObject({
  /** Within so long after an alert the same rule on the same host and entity is a repeat of it. 1 s to 7 days. */
  suppression_seconds: z
    .int()
    .min(1)
    .max(7 * 86_400)
    .default(3600),
  /**
   * So many alerts a rule opens within a minute at most, a single host half of them; what it finds besides is counted with
   * the last one. 1 to 10 000.
   */
  alerts_per_rule_minute: z.int().min(1).max(10_000).default(100),
  /** After so long without a new alert an incident takes no further ones. 60 s to 30 days. */
  incident_seconds: z
    .int()
    .min(60)
    .max(30 * 86_400)
    .default(86_400),
  /** An alert of at least this severity opens an incident; a lesser one only joins. */
  incident_severity: severitySchema.default('medium'),
  /** So many incidents of one host within an hour are a storm: what comes then joins the newest. 1 to 1000. */
  storm_incidents: z.int().min(1).max(1000).default(8),
  /** Points of risk halve in so long. 60 s to 30 days. */
  risk_half_life_seconds: z
    .int()
    .min(60)
    .max(30 * 86_400)
    .default(6 * 3600),
})

export type CorrelationConfig = z.output<typeof correlationConfigSchema>
