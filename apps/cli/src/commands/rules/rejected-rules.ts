import { readFileSync } from 'node:fs'
import type { RuleProblem } from '@vedette/model'

/** Between two documents of a file (YAML 1.2, section 9.1.3). */
const MARKER = /^---(\s|$)/

/** The faults of each rule that was rejected; a file may hold several rules, each a document. */
export function rejectedRules(problems: readonly RuleProblem[]): readonly RuleProblem[][] {
  const rejected = new Map<string, RuleProblem[]>()
  // Faults of a file come one after the other, so that one file at a time is in memory.
  let file: string | undefined
  let lines: readonly string[] = []
  for (const problem of problems) {
    if (problem.file !== file) {
      ;({ file } = problem)
      lines = problem.line > 0 ? linesOf(file) : []
    }
    const document = lines.slice(0, Math.max(0, problem.line - 1)).filter((line) => MARKER.test(line)).length
    // What has no place is about a file or a folder, and each is a matter of its own.
    const key = JSON.stringify([file, problem.line > 0 ? document : problem.code])
    const faults = rejected.get(key)
    if (faults) faults.push(problem)
    else rejected.set(key, [problem])
  }
  return [...rejected.values()]
}

/** Empty for a file that went away meanwhile. */
function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)
  } catch {
    return []
  }
}
