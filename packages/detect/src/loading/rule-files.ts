import type { RuleProblem } from '@vedette/model'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'

const MOST_FILES = 20_000
const DEEPEST_FOLDER = 16
const LARGEST_FILE_BYTES = 4 << 20
/** Folders that are read before other work is let in: they are read as `stampOf` reads files, for the same reason. */
const FOLDERS_AT_ONCE = 32
/** Not one that is called `.yml` and nothing else. */
const RULE_FILE = /.\.ya?ml$/

/** Files of rules below some paths, in order of path, each once; what cannot be read becomes a problem. */
export async function findRuleFiles(paths: readonly string[], problems: RuleProblem[]): Promise<string[]> {
  const files = new Set<string>()
  let folders = 0
  const refuse = (file: string, code: string, message: string) =>
    problems.push({ file, line: 0, column: 0, code, message })

  async function walk(folder: string, depth: number): Promise<void> {
    if (depth > DEEPEST_FOLDER) {
      refuse(folder, 'too-deep', `folders of rules nest at most ${DEEPEST_FOLDER} levels deep`)
      return
    }
    folders += 1
    if (folders % FOLDERS_AT_ONCE === 0) await setImmediate()
    const entries = readdirSync(folder, { withFileTypes: true })
    const start = join(folder, '-').slice(0, -1)
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const { name } = entry
      if (entry.isDirectory()) {
        if (name !== 'cases' && !name.startsWith('.')) await walk(start + name, depth + 1)
      } else if (RULE_FILE.test(name) && entry.isFile()) {
        files.add(start + name)
      }
    }
  }

  for (const path of paths) {
    try {
      if (statSync(path).isDirectory()) await walk(path, 0)
      else files.add(path)
    } catch (error) {
      refuse(path, 'unreadable', error instanceof Error ? error.message : String(error))
    }
  }
  const found = [...files]
  if (found.length > MOST_FILES) {
    const message = `there are ${found.length} files of rules, the most is ${MOST_FILES}`
    refuse(paths.join(', '), 'too-many-files', message)
    found.length = MOST_FILES
  }
  return found
}

/** By which a file that was read before is known to be the same. */
export interface FileStamp {
  readonly size: number
  readonly mtimeMs: number
}

/**
 * What a file is like now. Synchronous, as is reading it: thousands of small files take a third of the time so, and the
 * caller lets other work in between.
 *
 * @throws {Error} also for a file of over 4 MiB
 */
export function stampOf(file: string): FileStamp {
  const { size, mtimeMs } = statSync(file)
  if (size > LARGEST_FILE_BYTES) {
    throw new RangeError(`the file has ${size} bytes, the most is ${LARGEST_FILE_BYTES}`)
  }
  return { size, mtimeMs }
}

/** @throws {Error} when it cannot be read */
export function readRuleFile(file: string): string {
  return readFileSync(file, 'utf8')
}
