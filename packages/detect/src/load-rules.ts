import { compareSeverity, type RuleProblem, type Severity } from '@vedette/model'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadTechniques } from './attack.ts'
import { type DetectionConfig, detectionConfigSchema, leastSeverityOf } from './config.ts'
import { parseRuleFile, type RuleDocument } from './document.ts'
import { loadLogSources } from './log-source.ts'
import type { Parameters } from './parameters.ts'
import type { CompileContext, CompiledRule, RuleType } from './rule-type.ts'
import { ruleTypes } from './rule-types/index.ts'
import { didYouMean } from './suggest.ts'

/** Where the content lies that comes with Vedette: `rules`, `mappings`, `attack`. */
export const contentDirectory = fileURLToPath(new URL('../../../content', import.meta.url))

export interface LoadOptions {
  /** Folder with `mappings/` and `attack/techniques.json`. Default: `contentDirectory`. */
  readonly content?: string
  /** Values for `%name%` in rules; added to, and put over, the defaults of the configuration. */
  readonly parameters?: Parameters
  /** Rules with these ids are left out. */
  readonly disabled?: readonly string[]
  /** Rules below this severity are left out. Default: none are. */
  readonly leastSeverity?: Severity
}

export interface LoadedRules {
  readonly rules: readonly CompiledRule[]
  /** One for each fault; a rule with a fault is not among `rules`, and the rest are. */
  readonly problems: readonly RuleProblem[]
}

const MOST_FILES = 20_000
const DEEPEST_FOLDER = 16
const LARGEST_FILE_BYTES = 4 << 20

/**
 * Loads rules of every type from files and folders (`*.yml`, `*.yaml`; folders named `cases` hold events and are passed
 * over), in order of path. A rule whose id is there already is a problem.
 *
 * @throws when the content folder's mappings or techniques are missing; never for what a rule holds
 */
export async function loadRules(paths: readonly string[], options: LoadOptions = {}): Promise<LoadedRules> {
  const { content = contentDirectory, leastSeverity = 'informational' } = options
  const { logSources, problems: mappingProblems } = await loadLogSources(join(content, 'mappings'))
  const context: CompileContext = {
    logSources,
    techniques: await loadTechniques(join(content, 'attack', 'techniques.json')),
    parameters: { ...detectionConfigSchema.parse({}).parameters, ...options.parameters },
  }
  const problems: RuleProblem[] = [...mappingProblems]
  const rules: CompiledRule[] = []
  const disabled = new Set(options.disabled)
  const fileOfId = new Map<string, string>()
  for (const file of await findFiles(paths, problems)) {
    const text = await readText(file, problems)
    if (text === undefined) continue
    const parsed = parseRuleFile(file, text)
    problems.push(...parsed.problems)
    for (const document of parsed.documents) {
      const rule = compileDocument(document, context)
      if (!('info' in rule)) {
        problems.push(...rule)
        continue
      }
      const { id } = rule.info
      const other = fileOfId.get(id)
      if (other !== undefined) {
        problems.push(
          document.problem(['id'], 'rule-twice', `the rule ${id} is already in ${other}`, { at: 'value' }),
        )
        continue
      }
      fileOfId.set(id, file)
      if (!disabled.has(id) && compareSeverity(rule.info.severity, leastSeverity) >= 0) rules.push(rule)
    }
  }
  return { rules, problems }
}

/** Loads the rules that a configuration asks for. */
export async function loadConfiguredRules(
  config: DetectionConfig,
  content: string = contentDirectory,
): Promise<LoadedRules> {
  const builtIn = config.built_in_rules ? [join(content, 'rules')] : []
  return loadRules([...builtIn, ...config.rules], {
    content,
    parameters: config.parameters,
    disabled: config.disabled_rules,
    leastSeverity: leastSeverityOf(config.parameters.threat_sensitivity),
  })
}

/** Compiles one document by the first type that takes it. */
export function compileDocument(
  document: RuleDocument,
  context: CompileContext,
  types: readonly RuleType[] = ruleTypes,
): CompiledRule | readonly RuleProblem[] {
  const type = types.find((candidate) => candidate.accepts(document))
  if (type) {
    try {
      return type.compile(document, context)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return [document.problem([], 'rule-invalid', `the rule cannot be compiled: ${reason}`)]
    }
  }
  const { data } = document
  for (const key of ['correlation', 'filter', 'action']) {
    if (key in data) {
      return [
        document.problem([key], 'unsupported-document', `documents with "${key}" are not supported yet`),
      ]
    }
  }
  const names = types.map(({ name }) => name)
  const wanted = typeof data['type'] === 'string' ? data['type'] : ''
  return [
    document.problem(
      ['type'],
      'unknown-rule-type',
      `no type of rule takes this document, "type" is "${wanted}"`,
      {
        hint: didYouMean(wanted, names) ?? `the types are ${names.join(', ')}`,
        at: 'value',
      },
    ),
  ]
}

async function findFiles(paths: readonly string[], problems: RuleProblem[]): Promise<string[]> {
  const files: string[] = []
  const refuse = (file: string, code: string, message: string) =>
    problems.push({ file, line: 0, column: 0, code, message })

  async function walk(folder: string, depth: number): Promise<void> {
    if (depth > DEEPEST_FOLDER) {
      refuse(folder, 'too-deep', `folders of rules nest at most ${DEEPEST_FOLDER} levels deep`)
      return
    }
    const entries = await readdir(folder, { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (entry.name !== 'cases' && !entry.name.startsWith('.')) await walk(path, depth + 1)
      } else if (entry.isFile() && ['.yml', '.yaml'].includes(extname(entry.name))) {
        files.push(path)
      }
    }
  }

  for (const path of paths) {
    try {
      if ((await stat(path)).isDirectory()) await walk(path, 0)
      else files.push(path)
    } catch (error) {
      refuse(path, 'unreadable', error instanceof Error ? error.message : String(error))
    }
  }
  if (files.length > MOST_FILES) {
    refuse(
      paths.join(', '),
      'too-many-files',
      `there are ${files.length} files of rules, the most is ${MOST_FILES}`,
    )
    files.length = MOST_FILES
  }
  return files
}

async function readText(file: string, problems: RuleProblem[]): Promise<string | undefined> {
  try {
    const { size } = await stat(file)
    if (size > LARGEST_FILE_BYTES)
      throw new RangeError(`the file has ${size} bytes, the most is ${LARGEST_FILE_BYTES}`)
    return await readFile(file, 'utf8')
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    problems.push({ file, line: 0, column: 0, code: 'unreadable', message })
    return undefined
  }
}
