import type { RuleProblem } from '@vedette/model'
import { type External, fileVariables } from './variables.ts'
import type { CompiledRules, CompileFault, CompileUnit, YaraEngine } from './engine.ts'
import { parseRuleText, type RuleText } from './rule-text.ts'
import { readSources, type SourceUnit } from './sources.ts'

/** A rule that scans, as its text has it. */
export interface YaraRule {
  readonly file: string
  readonly text: RuleText
}

export interface LoadedYaraRules {
  readonly compiled: CompiledRules
  /** Rules that can be found, private ones left out. */
  readonly rules: readonly YaraRule[]
  readonly problems: readonly RuleProblem[]
  /** Of the variables that are set for each file those that some rule may use. */
  readonly usedVariables: readonly string[]
  find(namespace: string, name: string): YaraRule | undefined
}

/** Modules that every build of YARA-X has; those with which only it is built are refused, so that all find the same. */
const MODULES = [
  'console',
  'cuckoo',
  'dotnet',
  'elf',
  'hash',
  'lnk',
  'macho',
  'math',
  'pe',
  'string',
  'time',
  'vt',
]

/** A unit whose rules go on being faulty after this many were left out is given up. */
const MOST_FAULTY = 200

interface Candidate {
  readonly unit: SourceUnit
  text: string
  parsed: readonly RuleText[]
}

/**
 * Reads and compiles rules. A rule that is faulty is left out, with those that need it, and the rest load.
 *
 * @param externals values of external variables, besides those that are set for each file
 */
export function loadYaraRules(
  paths: readonly string[],
  engine: YaraEngine,
  externals: Readonly<Record<string, External>>,
): LoadedYaraRules {
  const variables = { ...externals, ...Object.fromEntries(fileVariables.map((name) => [name, ''])) }
  const { units, problems: found } = readSources(paths)
  const problems = [...found]
  let candidates = units.flatMap((unit) => {
    const candidate: Candidate = { unit, text: unit.text, parsed: [] }
    return withoutModules(candidate, problems) ? [candidate] : []
  })
  for (const candidate of candidates) candidate.parsed = parseRuleText(candidate.text).rules
  let compiled: CompiledRules
  try {
    compiled = engine.compile(candidates.map(compileUnit), variables)
  } catch {
    candidates = candidates.filter((candidate) => repair(candidate, engine, variables, problems))
    compiled = engine.compile(candidates.map(compileUnit), variables)
  }
  const byName = new Map<string, YaraRule>()
  const rules: YaraRule[] = []
  for (const [index, { unit, parsed }] of candidates.entries()) {
    for (const text of parsed) {
      if (text.isPrivate) continue
      const rule = { file: unit.place(text.start).file, text }
      rules.push(rule)
      byName.set(`${namespaceOf(index)} ${text.name}`, rule)
    }
  }
  const uses = (name: string) => {
    const word = new RegExp(`\\b${name}\\b`)
    return candidates.some(({ text }) => word.test(text))
  }
  return {
    compiled,
    rules,
    problems,
    usedVariables: fileVariables.filter(uses),
    find: (namespace, name) => byName.get(`${namespace} ${name}`),
  }
}

function namespaceOf(index: number): string {
  return `unit${index}`
}

function compileUnit({ text, parsed }: Candidate, index: number): CompileUnit {
  return {
    namespace: namespaceOf(index),
    text,
    names: parsed.map(({ name }) => name),
    hasGlobal: parsed.some(({ isGlobal }) => isGlobal),
  }
}

/** Whether a unit imports only modules that every build has. */
function withoutModules({ unit, text }: Candidate, problems: RuleProblem[]): boolean {
  const foreign = parseRuleText(text).imports.filter(({ module }) => !MODULES.includes(module))
  for (const { module, start } of foreign) {
    problems.push({
      ...unit.place(start),
      code: 'unknown-module',
      message: `the module "${module}" is not there`,
      hint: `modules are ${MODULES.join(', ')}`,
    })
  }
  return foreign.length === 0
}

/** Takes the faulty rules out of a unit, and tells of each; false where nothing is left. */
function repair(
  candidate: Candidate,
  engine: YaraEngine,
  variables: Readonly<Record<string, External>>,
  problems: RuleProblem[],
): boolean {
  for (let left = MOST_FAULTY; left > 0;) {
    const faults = engine.check(candidate.text, variables)
    if (faults.length === 0) {
      candidate.parsed = parseRuleText(candidate.text).rules
      return candidate.parsed.length > 0
    }
    const broken = new Set<RuleText>()
    const { rules } = parseRuleText(candidate.text)
    for (const fault of faults) {
      const offset = offsetOf(candidate.text, fault)
      const rule = rules.findLast(({ start, end }) => start <= offset && offset <= end)
      problems.push({
        ...(fault.line > 0
          ? candidate.unit.place(offset)
          : { file: candidate.unit.file, line: 0, column: 0 }),
        code: `yara-${fault.code.toLowerCase()}`,
        message: fault.message,
        ...(fault.hint === undefined ? {} : { hint: fault.hint }),
      })
      // What is wrong outside of any rule spoils all of them.
      if (!rule) return false
      broken.add(rule)
    }
    for (const { start, end } of broken) {
      candidate.text =
        candidate.text.slice(0, start) +
        candidate.text.slice(start, end).replace(/[^\n]/g, ' ') +
        candidate.text.slice(end)
    }
    left -= broken.size
  }
  problems.push({
    file: candidate.unit.file,
    line: 0,
    column: 0,
    code: 'too-many-faults',
    message: `more than ${MOST_FAULTY} rules of the file are faulty, and none of it is used`,
  })
  return false
}

/** Columns are counted in characters; those beyond the Basic Multilingual Plane are two units here. */
function offsetOf(text: string, { line, column }: CompileFault): number {
  let start = 0
  for (let at = 1; at < line; at += 1) {
    const next = text.indexOf('\n', start)
    if (next < 0) break
    start = next + 1
  }
  const end = text.indexOf('\n', start)
  let offset = start
  let left = column - 1
  for (const character of text.slice(start, end < 0 ? text.length : end)) {
    if (left <= 0) break
    offset += character.length
    left -= 1
  }
  return offset
}
