import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type ConfigSection, loadConfig, type LoadedConfig, pipelineSections } from '@vedette/manager/config'
import {
  agentConfigSchema,
  spoolConfigSchema,
  spoolEnvironment,
  systemMetricsConfigSchema,
  systemMetricsEnvironment,
} from '@vedette/agent'
import { serverSections } from '@vedette/server'
import type { HomePaths } from '../home.ts'

/** All sections of the configuration file. */
export const sections: readonly ConfigSection[] = [
  ...serverSections,
  ...pipelineSections,
  { key: 'agent', schema: agentConfigSchema },
  { key: 'spool', schema: spoolConfigSchema, environment: spoolEnvironment },
  { key: 'system_metrics', schema: systemMetricsConfigSchema, environment: systemMetricsEnvironment },
]

/**
 * The configuration that holds here: the file that was named, else `vedette.yml` in the home folder when it is there,
 * with the environment laid over it.
 *
 * @throws {ConfigError} when it cannot be used
 */
export function configure(
  paths: HomePaths,
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): LoadedConfig {
  const chosen = file === undefined ? existing(paths.configFile) : resolve(file)
  return loadConfig({ ...(chosen !== undefined && { file: chosen }), env, sections })
}

function existing(path: string): string | undefined {
  return existsSync(path) ? path : undefined
}
