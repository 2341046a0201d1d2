import type { External } from './variables.ts'

/** A file of rules, with what it includes in place, as an engine compiles it. Rule names are unique within it. */
export interface CompileUnit {
  /** Name by which matches tell which unit they are of. */
  readonly namespace: string
  readonly text: string
  /** Names of its rules. */
  readonly names: readonly string[]
  /** Whether one of them is `global`: it then decides over the rules of its own unit, and no other. */
  readonly hasGlobal: boolean
}

/** What an engine has against a text. Line and column are 1-based; 0 where the fault has no place. */
export interface CompileFault {
  readonly line: number
  readonly column: number
  /** YARA-X's own, such as `E025`. */
  readonly code: string
  readonly message: string
  readonly hint?: string
}

/** A pattern of a rule, somewhere in the data. */
export interface PatternMatch {
  /** With its dollar sign. */
  readonly name: string
  readonly offset: number
  readonly length: number
}

export interface RuleMatch {
  readonly namespace: string
  readonly rule: string
  readonly patterns: readonly PatternMatch[]
}

export interface CompiledRules extends Disposable {
  /**
   * Rules that match, private ones left out, in the order of their units and within one of their text.
   *
   * @param variables values for this scan; every external variable whose value differs from file to file
   * @throws when the engine fails
   */
  scan(data: Buffer, variables: Readonly<Record<string, string>>): Promise<readonly RuleMatch[]>
}

/** One build of YARA-X. All give the same matches: one suite of tests runs over each. */
export interface YaraEngine {
  readonly name: 'native' | 'wasm'
  /** What is wrong with a text; empty for a good one. */
  check(text: string, externals: Readonly<Record<string, External>>): readonly CompileFault[]
  /** @throws when a unit is faulty: `check` says why */
  compile(units: readonly CompileUnit[], externals: Readonly<Record<string, External>>): CompiledRules
}

/** Matches of one pattern that are found; a condition counts no further. */
export const MOST_MATCHES = 4096

/** Reads what YARA-X says to people: one or more errors, each with its place and an arrow. */
export function parseFaults(report: string): CompileFault[] {
  const faults: CompileFault[] = []
  for (const part of report.split(/(?=^(?:.*: )?error(?:\[E\d+\])?: )/m)) {
    const head = /error(?:\[(E\d+)\])?: (.*)/.exec(part)
    if (!head) continue
    const place = /--> line:(\d+):(\d+)/.exec(part)
    const hint = /\^+ (.*)/.exec(part)?.[1] ?? /= note: (.*)/.exec(part)?.[1]
    faults.push({
      line: Number(place?.[1] ?? 0),
      column: Number(place?.[2] ?? 0),
      code: head[1] ?? 'E000',
      message: (head[2] ?? '').trim(),
      ...(hint === undefined ? {} : { hint: hint.trim() }),
    })
  }
  if (faults.length > 0) return faults
  return [
    { line: 0, column: 0, code: 'E000', message: report.split('\n')[0] ?? 'the rules cannot be compiled' },
  ]
}
