import {
  compareSeverity,
  type RuleInfo,
  type RuleProblem,
  type RuleText,
  type Severity,
} from '@vedette/model'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type CompiledRules, RuleCompiler, type RuleMemory } from './compile-rules.ts'
import { defaultParameters, type DetectionConfig, leastSeverityOf } from '../config.ts'
import { parseRuleFile, rememberedRuleFile, type RuleFile } from './document.ts'
import type { Parameters } from './parameters.ts'
import { RuleCache } from './rule-cache.ts'
import { readContent } from './rule-content.ts'
import { findRuleFiles, readRuleFile, stampOf } from './rule-files.ts'
import type { CompiledRule } from '../rule-type.ts'
import type { CompiledCorrelation } from '../rule-types/correlation/compile.ts'

/** Where the content lies that comes with Vedette: `rules`, `mappings`, `attack`. */
export const contentDirectory = fileURLToPath(new URL('../../../../content', import.meta.url))

export interface LoadOptions {
  /** Folder with `mappings/` and `attack/techniques.json`. Default: `contentDirectory`. */
  readonly content?: string
  /** Values for `%name%` in rules; added to, and put over, the defaults of the configuration. */
  readonly parameters?: Parameters
  /** Rules with these ids are left out. */
  readonly disabled?: readonly string[]
  /** Rules below this severity are left out. Default: none are. */
  readonly leastSeverity?: Severity
  /** Folder for what was read, so that the next time is faster. Default: none. */
  readonly cache?: string
  /** Files that are text already: they come after those of the paths. Default: none. */
  readonly texts?: readonly RuleText[]
}

/** What was loaded. `rules` and `correlations` go to `createEngine` together. */
export interface LoadedRules extends CompiledRules {}

/** Files that are read before other work is let in. */
const FILES_AT_ONCE = 100

/**
 * Loads rules of every type, correlations and filters from files and folders (`*.yml`, `*.yaml`; folders named `cases`
 * hold events and are passed over), in order of path. A rule whose id is there already is a problem.
 *
 * @throws when the content folder's mappings or techniques are missing; never for what a rule holds
 */
export async function loadRules(paths: readonly string[], options: LoadOptions = {}): Promise<LoadedRules> {
  const { content = contentDirectory, leastSeverity = 'informational' } = options
  const cache = options.cache === undefined ? undefined : RuleCache.open(options.cache)
  const { logSources, techniques, problems: mappingProblems, digest } = readContent(content, cache)
  const parameters: Parameters = { ...defaultParameters, ...options.parameters }
  let compiledAgainst = ''
  const memory: RuleMemory | undefined = cache && {
    get: ({ file, index }) => (cache.context === compiledAgainst ? cache.rule(file, index) : undefined),
    set: ({ file, index }, rule) => cache.setRule(file, index, rule),
  }
  const compiler = new RuleCompiler({ logSources, techniques, parameters }, memory)
  const problems: RuleProblem[] = [...mappingProblems]
  for (const [count, file] of (await findRuleFiles(paths, problems)).entries()) {
    if (count % FILES_AT_ONCE === FILES_AT_ONCE - 1) await setImmediate()
    const parsed = readDocuments(file, cache)
    problems.push(...parsed.problems)
    compiler.add(parsed.documents)
  }
  for (const [count, { file, text }] of (options.texts ?? []).entries()) {
    if (count % FILES_AT_ONCE === FILES_AT_ONCE - 1) await setImmediate()
    const parsed = parseRuleFile(file, text)
    problems.push(...parsed.problems)
    compiler.add(parsed.documents)
  }
  if (cache) compiledAgainst = contextOf(digest, parameters, compiler.filtersFingerprint)
  const steps = compiler.compile()
  let step = steps.next()
  for (; !step.done; step = steps.next()) await setImmediate()
  if (cache) await saveCache(cache, compiledAgainst, options.cache ?? '', problems)
  const compiled = step.value
  const { rules, correlations } = compiled
  problems.push(...compiled.problems)

  const disabled = new Set<string>(options.disabled)
  const isUsed = ({ id, severity }: RuleInfo) =>
    !disabled.has(id) && compareSeverity(severity, leastSeverity) >= 0
  const used = usedCorrelations(correlations, disabled, isUsed, rules)
  // What a correlation is made of may be below the severity: it is no alert of its own.
  const parts = new Set(used.flatMap(({ references }) => references))
  return {
    rules: rules.filter(({ info }) => isUsed(info) || parts.has(info.id)),
    correlations: used,
    problems,
    get warnings() {
      return compiled.warnings
    },
  }
}

/** Correlations that are asked for and those below them; none that lacks a disabled rule. */
function usedCorrelations(
  correlations: readonly CompiledCorrelation[],
  disabled: ReadonlySet<string>,
  isUsed: (info: RuleInfo) => boolean,
  rules: readonly CompiledRule[],
): readonly CompiledCorrelation[] {
  const there = new Set<string>(rules.flatMap(({ info }) => (disabled.has(info.id) ? [] : [info.id])))
  const whole = correlations.filter(({ info, references }) => {
    if (disabled.has(info.id) || !references.every((id) => there.has(id))) return false
    there.add(info.id)
    return true
  })
  const wanted = new Set<string>()
  for (const { info, references } of whole.toReversed()) {
    if (!isUsed(info) && !wanted.has(info.id)) continue
    for (const id of [info.id, ...references]) wanted.add(id)
  }
  return whole.filter(({ info }) => wanted.has(info.id))
}

function readDocuments(file: string, cache: RuleCache | undefined): RuleFile {
  try {
    const stamp = stampOf(file)
    const known = cache?.get(file, stamp)
    if (known) return rememberedRuleFile(file, known, readRuleFile)
    const parsed = parseRuleFile(file, readRuleFile(file))
    // A file with faults is read again, for its problems.
    if (parsed.problems.length === 0) cache?.set(file, stamp, parsed.found)
    return parsed
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { documents: [], problems: [{ file, line: 0, column: 0, code: 'unreadable', message }], found: [] }
  }
}

/** Tells what rules are compiled against from anything else. */
function contextOf(content: string, parameters: Parameters, filters: string): string {
  return createHash('sha256')
    .update(JSON.stringify([content, parameters, filters]))
    .digest('hex')
}

async function saveCache(
  cache: RuleCache,
  context: string,
  folder: string,
  problems: RuleProblem[],
): Promise<void> {
  try {
    await cache.save(context)
  } catch (error) {
    const message = `what was read cannot be kept: ${error instanceof Error ? error.message : String(error)}`
    problems.push({ file: folder, line: 0, column: 0, code: 'unwritable-cache', message })
  }
}

/**
 * Loads the rules that a configuration asks for.
 *
 * @param texts more rules, and filters for all of them
 */
export async function loadConfiguredRules(
  config: DetectionConfig,
  content: string = contentDirectory,
  texts: readonly RuleText[] = [],
): Promise<LoadedRules> {
  const builtIn = config.built_in_rules ? [join(content, 'rules')] : []
  return loadRules([...builtIn, ...config.rules], {
    content,
    texts,
    parameters: config.parameters,
    disabled: config.disabled_rules,
    leastSeverity: leastSeverityOf(config.parameters.threat_sensitivity),
  })
}
