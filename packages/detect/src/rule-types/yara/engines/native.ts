import { createRequire } from 'node:module'
import { BETWEEN_TEXTS } from '../rule-text.ts'
import type { External } from '../variables.ts'
import {
  type CompiledRules,
  type CompileUnit,
  MOST_MATCHES,
  parseFaults,
  type RuleMatch,
  type YaraEngine,
} from '../engine.ts'

/** Of `@litko/yara-x`, what is used. It is an optional dependency: its types need not be there. */
interface Addon {
  compile(text: string, options: AddonOptions): AddonRules
  validate(text: string, options: AddonOptions): { readonly errors: readonly { readonly message: string }[] }
}

interface AddonOptions {
  readonly defineVariables: Readonly<Record<string, string>>
  readonly enableIncludes: false
}

interface AddonRules {
  setMaxMatchesPerPattern(count: number): void
  scanAsync(data: Buffer, variables: Readonly<Record<string, string>>): Promise<readonly AddonMatch[]>
}

interface AddonMatch {
  readonly ruleIdentifier: string
  readonly matches: readonly {
    readonly identifier: string
    readonly offset: number
    readonly length: number
  }[]
}

/**
 * YARA-X as machine code, where the package has it for this machine: a hundred times faster with small files. A scan runs
 * in a thread of its own, and nothing but the end of the process ends it early.
 *
 * @throws when the addon cannot be loaded
 */
export function openNativeEngine(): YaraEngine {
  const addon = createRequire(import.meta.url)('@litko/yara-x') as Addon
  return {
    name: 'native',
    check: (text, externals) => {
      const { errors } = addon.validate(text, optionsOf(externals))
      return errors.flatMap(({ message }) => parseFaults(message))
    },
    compile: (units, externals) => compile(addon, units, externals),
  }
}

/** Whether this engine can be given a value: of a text that reads like a number it makes one. */
export function nativeTakes(value: External): boolean {
  return typeof value !== 'string' || !/^(?:true|false|[+-]?\d+)$/.test(value)
}

function optionsOf(externals: Readonly<Record<string, External>>): AddonOptions {
  return {
    defineVariables: Object.fromEntries(
      Object.entries(externals).map(([name, value]) => [name, String(value)]),
    ),
    enableIncludes: false,
  }
}

interface Group {
  readonly units: CompileUnit[]
  readonly unitOfRule: Map<string, CompileUnit>
}

function compile(
  addon: Addon,
  units: readonly CompileUnit[],
  externals: Readonly<Record<string, External>>,
): CompiledRules {
  const order = new Map(units.map(({ namespace }, index) => [namespace, index]))
  const compiled = groupsOf(units).map(({ units: members, unitOfRule }) => {
    const rules = addon.compile(members.map(({ text }) => text).join(BETWEEN_TEXTS), optionsOf(externals))
    rules.setMaxMatchesPerPattern(MOST_MATCHES)
    return { rules, unitOfRule }
  })
  return {
    scan: async (data, variables) => {
      const found: RuleMatch[] = []
      for (const { rules, unitOfRule } of compiled) {
        for (const { ruleIdentifier: rule, matches } of await rules.scanAsync(data, variables)) {
          const namespace = unitOfRule.get(rule)?.namespace
          if (namespace === undefined) continue
          const patterns = matches.map(({ identifier, offset, length }) => ({
            name: identifier,
            offset,
            length,
          }))
          found.push({ namespace, rule, patterns })
        }
      }
      const place = ({ namespace }: RuleMatch) => order.get(namespace) ?? 0
      return found.sort((a, b) => place(a) - place(b))
    },
    // The addon frees what is no longer reached.
    [Symbol.dispose]: () => undefined,
  }
}

/**
 * The addon knows no namespaces: units go together as long as no two have a rule of the same name, and one with a global
 * rule is alone.
 */
function groupsOf(units: readonly CompileUnit[]): Group[] {
  const groups: Group[] = []
  const open: Group[] = []
  for (const unit of units) {
    let group = unit.hasGlobal
      ? undefined
      : open.find(({ unitOfRule }) => !unit.names.some((name) => unitOfRule.has(name)))
    if (!group) {
      group = { units: [], unitOfRule: new Map() }
      groups.push(group)
      if (!unit.hasGlobal) open.push(group)
    }
    group.units.push(unit)
    for (const name of unit.names) group.unitOfRule.set(name, unit)
  }
  return groups
}
