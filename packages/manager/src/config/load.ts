import { ConfigError, parseConfig, readConfigFile } from '@vedette/base'
import { z } from 'zod'
import { type Origin, readEnvironment } from './environment.ts'
import { isPlain } from './plain.ts'
import type { ConfigSection } from './section.ts'
import { sampleProblems } from './sample.ts'
import { expandShortNames } from './short-names.ts'
import { takeSwitches } from './without-effect.ts'

/** A configuration that has been checked. */
export interface LoadedConfig {
  /** What was said, in the file's own form and without the defaults: what is handed on to the parts, which check it again. */
  readonly data: Readonly<Record<string, unknown>>
  /** What holds, defaults among it, as the parts see it. */
  readonly values: Readonly<Record<string, unknown>>
  /** Where each value of `data` came from, by its dotted path. What is not in it is a default. */
  readonly origins: ReadonlyMap<string, Origin>
  /** What is worth saying at the start, such as a variable that has no effect. */
  readonly warnings: readonly string[]
}

export interface LoadOptions {
  /** The file; left out for none. */
  readonly file?: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly sections: readonly ConfigSection[]
}

export const logLevelSchema = z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info')

/** The schema of a whole configuration made of these sections. Strict: a key that nobody knows is a fault. */
export function configSchema(sections: readonly ConfigSection[]) {
  return z.strictObject({
    /** How much the parts log. RUST_LOG. */
    log_level: logLevelSchema,
    ...Object.fromEntries(sections.map(({ key, schema }) => [key, schema.prefault({})])),
  })
}

/**
 * Reads the file, lays the environment over it and checks the whole.
 *
 * @throws {ConfigError} listing every fault with path, value and what was expected; its source names the file, the
 *   variable or both
 */
export function loadConfig({ file, env, sections }: LoadOptions): LoadedConfig {
  const origins = new Map<string, Origin>()
  const source = file ?? 'environment'
  const fromFile = file === undefined ? {} : expandShortNames(mapping(readConfigFile(file), file), file)
  const data = structuredClone(fromFile)
  const idle = takeSwitches(data)
  if (idle.problems.length > 0) throw new ConfigError(source, idle.problems)
  recordOrigins(data, [], file ?? '', origins)
  const { values, warnings } = readEnvironment(env, sections)
  const variables = new Map<string, string>()
  for (const { variable, path, value } of values) {
    set(data, path, value)
    const dotted = path.join('.')
    for (const known of origins.keys()) if (known.startsWith(`${dotted}.`)) origins.delete(known)
    origins.set(dotted, `environment ${variable}`)
    variables.set(dotted, variable)
  }
  let parsed: Record<string, unknown>
  try {
    parsed = parseConfig(configSchema(sections), data, source)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError(
      source,
      error.problems.map((problem) => {
        const variable = [...variables].find(([path]) => `${problem.path}.`.startsWith(`${path}.`))?.[1]
        const path = variable === undefined ? problem.path : `${problem.path} (from ${variable})`
        return { path, value: mask(problem.path, problem.value), expected: problem.expected }
      }),
    )
  }
  const samples = sampleProblems(data)
  if (samples.length > 0) throw new ConfigError(source, samples)
  return { data, values: parsed, origins, warnings: [...idle.warnings, ...warnings] }
}

/** Keys whose value is nobody's business. */
const SECRET = /(?:^|_)(?:secret|password|token|credential)$|(?:^|[._])url$/

/** A value as it may be shown: a secret, and the password within a URL, are not. */
export function mask(path: string, value: unknown): unknown {
  if (value === undefined || value === null || !SECRET.test(path)) return value
  if (typeof value !== 'string') return '[secret]'
  const url = URL.parse(value)
  if (!url) return '[secret]'
  return url.password === '' ? value : value.replace(`:${url.password}@`, ':[secret]@')
}

function mapping(value: unknown, file: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new ConfigError(file, [{ path: '', value, expected: 'is refused: expected keys and values' }])
}

function recordOrigins(
  value: unknown,
  path: readonly string[],
  origin: Origin,
  origins: Map<string, Origin>,
): void {
  if (isPlain(value)) {
    for (const [key, item] of Object.entries(value)) recordOrigins(item, [...path, key], origin, origins)
  } else origins.set(path.join('.'), origin)
}

function set(data: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path
  if (rest.length === 0) {
    data[first] = value
    return
  }
  const below = data[first]
  const next = isPlain(below) ? below : {}
  data[first] = next
  set(next, rest, value)
}
