import { parseConfig } from '@vedette/base'
import { collectSchema } from '@vedette/collect'
import { yaraConfigSchema } from '@vedette/detect/yara'
import { flatten } from '@vedette/manager/fleet'
import { integrityConfigSchema } from '@vedette/manager/integrity'
import type { CentralConfig, EffectiveSetting } from '@vedette/model'
import { normaliseConfigSchema } from '@vedette/normalise'
import { responseSchema } from '@vedette/respond'
import { agentConfigSchema } from '../agent-config.ts'
import type { AgentSettings } from '../settings.ts'
import { spoolConfigSchema } from '../spool-config.ts'
import { systemMetricsConfigSchema } from '../system-metrics-config.ts'

const sections = {
  agent: agentConfigSchema,
  collect: collectSchema,
  normalise: normaliseConfigSchema,
  yara: yaraConfigSchema,
  integrity: integrityConfigSchema,
  response: responseSchema,
  spool: spoolConfigSchema,
  system_metrics: systemMetricsConfigSchema,
} as const

/**
 * Every value that holds on this host, and where it comes from.
 *
 * @param config with what is assigned laid over it
 * @param origins of the host's own values, by dotted path
 * @param assigned what was laid over them, which came from `group`
 */
export function effectiveSettings(
  config: AgentSettings['config'],
  origins: AgentSettings['origins'],
  assigned: CentralConfig,
  group: string,
): EffectiveSetting[] {
  const found: EffectiveSetting[] = []
  for (const [section, schema] of Object.entries(sections)) {
    const values = parseConfig(schema, config[section as keyof typeof sections] ?? {}, section)
    for (const [path, value] of Object.entries(flatten(values, [section]))) {
      if (value === undefined) continue
      const origin = Object.hasOwn(assigned, path) ? group : (origins[path] ?? 'default')
      found.push({ path, value, origin })
    }
  }
  return found
}
