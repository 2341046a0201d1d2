import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'

/** One thing that is wrong in a configuration: where, what stands there, what was expected. */
export interface ConfigProblem {
  /** Dotted path, such as `response.kill_threshold`. */
  readonly path: string
  readonly value: unknown
  readonly expected: string
}

/** A configuration that cannot be used. `problems` lists every one of its faults, not only the first. */
export class ConfigError extends Error {
  readonly code = 'config-invalid'
  readonly source: string
  readonly problems: readonly ConfigProblem[]

  constructor(source: string, problems: readonly ConfigProblem[]) {
    super(
      `Cannot use configuration ${source}:\n${problems
        .map(({ path, value, expected }) =>
          value === undefined
            ? `  ${path || '(top)'}: ${expected}`
            : `  ${path || '(top)'}: ${JSON.stringify(value)} ${expected}`,
        )
        .join('\n')}`,
    )
    this.name = 'ConfigError'
    this.source = source
    this.problems = problems
  }
}

const MAX_CONFIG_BYTES = 1 << 20

/**
 * Reads a YAML 1.2 or JSON file (JSON is YAML) into plain data.
 *
 * @throws {ConfigError} when the file cannot be read, is over 1 MiB or is not YAML; the path names line and column
 */
export function readConfigFile(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError(path, [{ path: '', value: undefined, expected: `cannot be read: ${reason}` }])
  }
  if (text.length > MAX_CONFIG_BYTES) {
    throw new ConfigError(path, [{ path: '', value: undefined, expected: 'is larger than 1 MiB' }])
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  if (document.errors.length > 0) {
    throw new ConfigError(
      path,
      document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0])
        return { path: `line ${line}, column ${col}`, value: undefined, expected: error.message }
      }),
    )
  }
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {}
  } catch (error) {
    // An alias that unfolds to more than 100 times itself: a file made to fill memory.
    const expected = error instanceof Error ? error.message : String(error)
    throw new ConfigError(path, [{ path: '', value: undefined, expected }])
  }
}

/**
 * Parses plain data by a schema.
 *
 * @param source what the data came from, named in the message: a file's path, `environment`
 * @throws {ConfigError} with one problem for each fault: path, value and what was expected
 */
export function parseConfig<S extends z.ZodType>(schema: S, data: unknown, source: string): z.output<S> {
  const result = schema.safeParse(data)
  if (result.success) return result.data
  throw new ConfigError(
    source,
    result.error.issues.flatMap((issue) => problemsOf(issue, data)),
  )
}

function problemsOf(issue: z.core.$ZodIssue, data: unknown): ConfigProblem[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key].join('.'),
      value: undefined,
      expected: 'is not a known key',
    }))
  }
  return [
    { path: path.join('.'), value: valueAt(data, issue.path), expected: `is refused: ${issue.message}` },
  ]
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return value
}
