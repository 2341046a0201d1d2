import type { LogSource, RuleInfo, RuleProblem } from '@vedette/model'
import { NEVER } from '../condition/condition.ts'
import type { RuleDocument } from './document.ts'
import type { CompileContext, CompiledRule, ForeignRoute } from '../rule-type.ts'
import { sigma } from '../rule-types/sigma/index.ts'

/** What is known of a rule that was compiled before, of the same text and against the same things. */
export interface RememberedRule {
  readonly info: Omit<RuleInfo, 'file'>
  readonly name?: string
  readonly parameters: readonly string[]
  /** Its log source, where it is for foreign records. */
  readonly foreign?: LogSource
  /** Whether no Event can meet it. */
  readonly silent: boolean
}

/** A rule, or what is wrong with it. */
export type Remembered = RememberedRule | readonly RuleProblem[]

/** What to remember of a rule; undefined for a type of rule that is compiled every time. */
export function remember(rule: CompiledRule): RememberedRule | undefined {
  if (rule.info.type !== sigma.name) return undefined
  const { file: _, ...info } = rule.info
  return {
    info,
    ...(rule.name === undefined ? {} : { name: rule.name }),
    parameters: rule.parameters,
    ...(rule.foreign ? { foreign: rule.foreign.source } : {}),
    silent: rule.routes.size === 0,
  }
}

/** A rule without faults, compiled when the first engine needs its condition: most engines need those of few log sources. */
export function recall(
  remembered: RememberedRule,
  document: RuleDocument,
  context: CompileContext,
): CompiledRule {
  let compiled: CompiledRule | undefined
  const whole = (): CompiledRule => {
    if (!compiled) {
      const rule = sigma.compile(document, context)
      if (!('info' in rule)) {
        const [problem] = rule
        throw new TypeError(`Cannot compile "${document.file}" again: ${problem?.message ?? 'it has faults'}`)
      }
      compiled = rule
    }
    return compiled
  }
  const { name, parameters, silent, foreign } = remembered
  const route: ForeignRoute | undefined = foreign && {
    source: foreign,
    mappings: context.logSources.records,
    get condition() {
      return whole().foreign?.condition ?? NEVER
    },
  }
  return {
    info: { ...remembered.info, file: document.file },
    ...(name === undefined ? {} : { name }),
    parameters,
    get routes() {
      return silent ? NO_ROUTES : whole().routes
    },
    ...(route ? { foreign: route } : {}),
    get warnings() {
      return whole().warnings ?? []
    },
    field: (kind, field) => whole().field?.(kind, field),
    start: (linker) => whole().start(linker),
  }
}

const NO_ROUTES: CompiledRule['routes'] = new Map()
