import { type ConfigProblem, ConfigError, parseConfig } from '@vedette/base'
import type { CentralConfig } from '@vedette/model'
import { collectSchema } from '@vedette/collect'
import { yaraConfigSchema } from '@vedette/detect/yara'
import { normaliseConfigSchema } from '@vedette/normalise'
import type { z } from 'zod'
import { isPlain } from '../config/plain.ts'
import { integrityConfigSchema } from '../integrity/config.ts'

/**
 * What a server may set on its agents: these and all below them, and nothing else. Left out is what would turn a server that
 * somebody else got hold of against its hosts: what is done there (`response`), what it may cost (`agent`, `spool`), which
 * files are sent on line by line (`collect.file`), what is seen of the network (`collect.packet`), what is taken out of
 * command lines (`normalise.redaction`), and files of the host as rules (`yara.rules`).
 */
export const centralSettings: readonly string[] = [
  'collect.kernel',
  'collect.usage',
  'collect.inventory.enabled',
  'collect.inventory.types',
  'collect.inventory.interval_s',
  'collect.inventory.exclude',
  'collect.inventory.max_files',
  'normalise.process_tree',
  'normalise.executable_hash',
  'yara.enabled',
  'yara.built_in_rules',
  'yara.on_exec',
  'yara.on_write',
  'yara.watch_paths',
  'yara.exclude',
  'yara.max_file_size',
  'yara.timeout_ms',
  'yara.workers',
  'yara.idle_ms',
  'yara.max_waiting',
  'yara.engine',
  'integrity.enabled',
  'integrity.paths',
  'integrity.exclude',
  'integrity.max_files',
  'integrity.max_file_bytes',
  'integrity.bytes_per_second',
  'integrity.rescan_interval_s',
  'integrity.settle_ms',
]

/** Sections with a setting in the list. An agent has their schemas anyway. */
const sections: Readonly<Record<string, z.ZodType>> = {
  collect: collectSchema,
  normalise: normaliseConfigSchema,
  yara: yaraConfigSchema,
  integrity: integrityConfigSchema,
}

/** Whether a path is one of these, or below one of them. */
export function isWithin(path: string, above: readonly string[]): boolean {
  return above.some((one) => path === one || path.startsWith(`${one}.`))
}

/** Mappings as dotted paths to what is none: lists and single values. An empty mapping says nothing. */
export function flatten(data: unknown, above: readonly string[] = []): CentralConfig {
  if (!isPlain(data)) return { [above.join('.')]: data }
  return Object.assign(
    {},
    ...Object.entries(data).map(([key, value]) => flatten(value, [...above, key])),
  ) as CentralConfig
}

/** Why settings cannot be given to agents: not in the list, or not what the part takes. Empty where they can. */
export function centralProblems(config: CentralConfig): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = []
  for (const [path, value] of Object.entries(config)) {
    if (!isWithin(path, centralSettings)) {
      problems.push({ path, value, expected: 'is not set from here: it is for the host alone to say' })
    }
  }
  if (problems.length > 0) return problems
  const data = withSettings({}, config)
  for (const [key, schema] of Object.entries(sections)) {
    if (data[key] === undefined) continue
    try {
      parseConfig(schema, data[key], key)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems.map((one) => ({ ...one, path: `${key}.${one.path}` })))
    }
  }
  return problems
}

/** A copy of a configuration with settings laid over it. */
export function withSettings(
  data: Readonly<Record<string, unknown>>,
  config: CentralConfig,
): Record<string, unknown> {
  const merged = structuredClone(data) as Record<string, unknown>
  for (const [path, value] of Object.entries(config)) {
    const keys = path.split('.')
    const last = keys.pop() ?? ''
    let at = merged
    for (const key of keys) {
      const below = Object.hasOwn(at, key) ? at[key] : undefined
      const next = isPlain(below) ? below : {}
      at[key] = next
      at = next
    }
    at[last] = structuredClone(value)
  }
  return merged
}

/** What one configuration says that another says otherwise or not at all. */
export interface SettingChange {
  readonly path: string
  readonly before?: unknown
  readonly after?: unknown
}

export function centralDifference(before: CentralConfig, after: CentralConfig): readonly SettingChange[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return paths.flatMap((path) => {
    const [was, is] = [before[path], after[path]]
    if (JSON.stringify(was) === JSON.stringify(is)) return []
    return [{ path, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) }]
  })
}
