import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Compiler, initSync } from '@virustotal/yara-x'
import type { External } from '../variables.ts'
import {
  type CompiledRules,
  type CompileUnit,
  MOST_MATCHES,
  parseFaults,
  type YaraEngine,
} from '../engine.ts'
import { parseRuleText } from '../rule-text.ts'

/** What a scan answers, as the package's documentation has it. */
interface Answer {
  readonly matches: readonly {
    readonly identifier: string
    readonly namespace: string
    readonly isPrivate: boolean
    readonly patterns: readonly {
      readonly identifier: string
      readonly isPrivate: boolean
      readonly matches: readonly { readonly offset: number; readonly length: number }[]
    }[]
  }[]
}

let ready = false

/** YARA-X as WebAssembly: works wherever Node does. About 10 ms a scan beside the data itself. */
export function openWasmEngine(): YaraEngine {
  if (!ready) {
    const folder = dirname(createRequire(import.meta.url).resolve('@virustotal/yara-x/package.json'))
    initSync({ module: readFileSync(join(folder, 'pkg', 'yara_x_js_bg.wasm')) })
    ready = true
  }
  return { name: 'wasm', check, compile }
}

function newCompiler(externals: Readonly<Record<string, External>>): Compiler {
  const compiler = new Compiler()
  for (const [name, value] of Object.entries(externals)) compiler.defineGlobal(name, value)
  return compiler
}

const check: YaraEngine['check'] = (text, externals) => {
  using compiler = newCompiler(externals)
  try {
    compiler.addSource(text)
    return []
  } catch (error) {
    return parseFaults(compiler.errors.join('\n') || String(error))
  }
}

/** A variable that is always false. No rule can mean it: its name is longer than any that an external may have. */
const NEVER = `vedette_never_${'_'.repeat(120)}`

/**
 * The same rules with conditions that the engine cannot look into: `(condition) or false`. YARA-X 1.20 takes from a
 * condition what a file must be for the rule's patterns to matter (its size, its first bytes), and keeps a pattern that
 * several rules share only once, with the demands of the first of them. The others then never match.
 */
function apart(text: string): string {
  let result = ''
  let from = 0
  for (const { condition, end } of parseRuleText(text).rules) {
    if (condition === undefined) continue
    result += `${text.slice(from, condition)} (${text.slice(condition, end - 1)}\n) or ${NEVER} }`
    from = end
  }
  return result + text.slice(from)
}

function compile(
  units: readonly CompileUnit[],
  externals: Readonly<Record<string, External>>,
): CompiledRules {
  using compiler = newCompiler({ ...externals, [NEVER]: false })
  for (const { namespace, text } of units) {
    compiler.newNamespace(namespace)
    compiler.addSource(apart(text))
  }
  const rules = compiler.build()
  const scanner = rules.scanner()
  scanner.setMaxMatchesPerPattern(MOST_MATCHES)
  return {
    scan: async (data, variables) => {
      for (const [name, value] of Object.entries(variables)) scanner.setGlobal(name, value)
      const { matches } = scanner.scan(data) as Answer
      return matches
        .filter((match) => !match.isPrivate)
        .map(({ namespace, identifier, patterns }) => ({
          namespace,
          rule: identifier,
          patterns: patterns
            .filter((pattern) => !pattern.isPrivate)
            .flatMap(({ identifier: name, matches: places }) =>
              places.map(({ offset, length }) => ({ name, offset, length })),
            ),
        }))
    },
    [Symbol.dispose]: () => {
      scanner.free()
      rules.free()
    },
  }
}
