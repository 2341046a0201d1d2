import type { RuleProblem } from '@vedette/model'
import { readFileSync, statSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'

const MOST_FILES = 20_000
const DEEPEST_FOLDER = 16
const LARGEST_FILE_BYTES = 4 << 20

/** Files of rules below some paths, in order of path, each once; what cannot be read becomes a problem. */
export async function findRuleFiles(paths: readonly string[], problems: RuleProblem[]): Promise<string[]> {
  const files = new Set<string>()
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
        files.add(path)
      }
    }
  }

  for (const path of paths) {
    try {
      if ((await stat(path)).isDirectory()) await walk(path, 0)
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
