import { collectSchema } from '@vedette/collect'
import { correlationConfigSchema } from '@vedette/correlate'
import { detectionConfigSchema } from '@vedette/detect'
import { yaraConfigSchema } from '@vedette/detect/yara'
import { threatIntelligenceSchema } from '@vedette/intel/config'
import { integrityConfigSchema } from '../integrity/config.ts'
import { normaliseConfigSchema } from '@vedette/normalise'
import { responseSchema } from '@vedette/respond'
import type { ConfigSection } from './section.ts'

/** The sections of the pipeline's parts. Who starts the house adds its own, such as the server's `api`. */
export const pipelineSections: readonly ConfigSection[] = [
  { key: 'collect', schema: collectSchema },
  { key: 'normalise', schema: normaliseConfigSchema },
  { key: 'yara', schema: yaraConfigSchema },
  { key: 'integrity', schema: integrityConfigSchema },
  {
    key: 'detection',
    schema: detectionConfigSchema,
    environment: {
      PORT_SCAN_THRESHOLD: { key: 'parameters.port_scan_threshold', list: false },
      SUSPICIOUS_PROCESSES: { key: 'parameters.suspicious_processes', list: true },
    },
  },
  { key: 'threat_intelligence', schema: threatIntelligenceSchema },
  { key: 'correlation', schema: correlationConfigSchema },
  { key: 'response', schema: responseSchema },
]
