import { type Dirent, opendirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Entries of folders that are looked at, to find out whether it is rules that they hold. */
const MOST_LOOKED_AT = 2000
const RULE_FILE = /\.ya?ml$/i
/** What lies beside rules and is neither. */
const ASIDE = /\.md$|^LICENSE|^\./i

/** What a command line names, sorted into rules and logs. */
export interface SortedPaths {
  readonly rules: readonly string[]
  readonly logs: readonly string[]
}

/**
 * Several folders of rules may follow `--rules`: what holds YAML files and nothing else (but what
 * explains them) is rules, as no log is written in YAML.
 * Without `--rules` every path is a place to search.
 */
export function sortPaths(rules: readonly string[] | undefined, paths: readonly string[]): SortedPaths {
  if (rules === undefined) return { rules: [], logs: paths }
  const more = paths.filter(holdsRules)
  return { rules: [...rules, ...more], logs: paths.filter((path) => !more.includes(path)) }
}

function holdsRules(path: string): boolean {
  try {
    if (!statSync(path).isDirectory()) return RULE_FILE.test(path)
    let rules = 0
    let looked = 0
    const folders = [path]
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      using entries = opendirSync(folder)
      for (let entry: Dirent | null; (entry = entries.readSync()) !== null;) {
        looked += 1
        if (looked > MOST_LOOKED_AT) return rules > 0
        if (entry.isDirectory()) folders.push(join(folder, entry.name))
        else if (RULE_FILE.test(entry.name)) rules += 1
        else if (!ASIDE.test(entry.name)) return false
      }
    }
    return rules > 0
  } catch {
    // The hunt tells what cannot be read.
    return false
  }
}
