import { collectSchema } from '@vedette/collect'
import { correlationConfigSchema } from '@vedette/correlate'
import { detectionConfigSchema } from '@vedette/detect'
import { yaraConfigSchema } from '@vedette/detect/yara'
import { threatIntelligenceSchema } from '@vedette/intel/config'
import { normaliseConfigSchema } from '@vedette/normalise'
import { z } from 'zod'
import { integrityConfigSchema } from './integrity/config.ts'

/** What a `SecurityManager` is started from. Each section has the form that it has in the configuration file. */
export const securityConfigSchema = z.strictObject({
  /** Absolute path of the folder that holds all data; made, 0700, when missing. Not below /tmp in earnest. */
  home: z.string().startsWith('/', 'expected an absolute path').max(4096),
  collect: collectSchema.prefault({}),
  normalise: normaliseConfigSchema.prefault({}),
  yara: yaraConfigSchema.prefault({}),
  integrity: integrityConfigSchema.prefault({}),
  detection: detectionConfigSchema.prefault({}),
  threat_intelligence: threatIntelligenceSchema.prefault({}),
  correlation: correlationConfigSchema.prefault({}),
  /** A PostgreSQL server instead of one of our own: `postgres://user:password@host/database`. */
  database_url: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** A ClickHouse server instead of the engine in this process: `http://user:password@host:8123/database`. */
  clickhouse_url: z.url({ protocol: /^https?$/ }).optional(),
})

export type SecurityConfig = z.input<typeof securityConfigSchema>
