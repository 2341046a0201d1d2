import { type ConfigProblem, ConfigError } from '@vedette/base'
import type { ConfigSection } from './section.ts'
import { withoutEffectVariables } from './without-effect.ts'

/** Where a value of the configuration came from: `default`, `environment NAME`, or the path of the file. */
export type Origin = string

/** A value that the environment gives to a key. */
export interface EnvironmentValue {
  readonly variable: string
  /** From the top of the configuration. */
  readonly path: readonly string[]
  readonly value: unknown
}

/** Levels as other programs write them. */
const LOG_LEVELS: Readonly<Record<string, string>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  off: 'silent',
  silent: 'silent',
}

/** Longest value that is looked at. */
const MAX_LENGTH = 65_536

/**
 * Reads the variables that the sections know, and RUST_LOG. Numbers and switches become what they say; the schema judges
 * the rest.
 *
 * @returns the values, and one line for each variable that is set but has no effect
 * @throws {ConfigError} for a value that cannot be read at all
 */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  sections: readonly ConfigSection[],
): { readonly values: readonly EnvironmentValue[]; readonly warnings: readonly string[] } {
  const values: EnvironmentValue[] = []
  const problems: ConfigProblem[] = []
  const known = new Set<string>()
  for (const { key: section, schema, environment = {} } of sections) {
    for (const [variable, { key, list }] of Object.entries(environment)) {
      known.add(variable)
      const text = env[variable]
      if (text === undefined || text.trim() === '') continue
      if (text.length > MAX_LENGTH) {
        problems.push({
          path: variable,
          value: undefined,
          expected: `is longer than ${MAX_LENGTH} characters`,
        })
        continue
      }
      const value = list ? splitList(text) : asTheKeyWantsIt(text.trim(), key, schema)
      values.push({ variable, path: [section, ...key.split('.')], value })
    }
  }
  const level = env['RUST_LOG']
  if (level !== undefined && level.trim() !== '') {
    const value = logLevel(level)
    if (value === undefined) {
      problems.push({
        path: 'RUST_LOG',
        value: level,
        expected: 'is refused: expected trace, debug, info, warn, error or off',
      })
    } else values.push({ variable: 'RUST_LOG', path: ['log_level'], value })
  }
  if (problems.length > 0) throw new ConfigError('environment', problems)
  const warnings = Object.entries(withoutEffectVariables)
    .filter(([variable]) => (env[variable] ?? '') !== '' && !known.has(variable))
    .map(([variable, reason]) => `${variable} is set and has no effect: ${reason}`)
  return { values, warnings }
}

/** Names of all variables that are looked at, those without effect among them. */
export function knownVariables(sections: readonly ConfigSection[]): string[] {
  return [
    ...sections.flatMap(({ environment = {} }) => Object.keys(environment)),
    ...Object.keys(withoutEffectVariables),
    'RUST_LOG',
  ].sort()
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** The text, or the number or switch that it says where the key does not take text: a secret of digits stays a text. */
function asTheKeyWantsIt(text: string, key: string, schema: ConfigSection['schema']): unknown {
  const path = key.split('.')
  const nested = path.reduceRight<unknown>((value, name) => ({ [name]: value }), text)
  const { error } = schema.safeParse(nested)
  return error?.issues.some((issue) => issue.path.join('.') === key) === true ? scalar(text) : text
}

function scalar(text: string): unknown {
  if (/^-?\d{1,15}(?:\.\d{1,15})?$/.test(text)) return Number(text)
  if (text === 'true') return true
  if (text === 'false') return false
  return text
}

/** `info`, or the part without a module of `warn,vedette=debug`: levels for single modules are not known here. */
function logLevel(text: string): string | undefined {
  const plain = text
    .split(',')
    .map((item) => item.trim().toLowerCase())
    .find((item) => !item.includes('='))
  return LOG_LEVELS[plain ?? 'info']
}
