import { feedSettingsSchema } from '@vedette/model'
import { z } from 'zod'

/** The section `threat_intelligence` of the configuration: where indicators come from by themselves. */
export const threatIntelligenceSchema = z.strictObject({
  /** Whether events are judged by indicators, and feeds asked. */
  enabled: z.boolean().default(true),
  /** Folder of files with indicators, each a source of its own, taken again when it changes. */
  ioc_feed_dir: z.string().startsWith('/', 'expected an absolute path').max(4096).optional(),
  /** Whether feeds are asked on their schedule; else only when a person asks. */
  auto_update: z.boolean().default(true),
  /** Feeds that are written down here; others are added with `vedette indicators feeds add`. */
  feeds: z.array(feedSettingsSchema).max(100).default([]),
})

export type ThreatIntelligenceConfig = z.output<typeof threatIntelligenceSchema>
