import { readdirSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

const WILD = /[*?[\]{}]/

/** Whether a path stands for several. */
export const isPattern = (path: string): boolean => WILD.test(path)

/** The files that a pattern stands for now; a path without wildcards stands for itself. At most `limit`. */
export async function expand(pattern: string, limit: number): Promise<string[]> {
  if (!isPattern(pattern)) return [pattern]
  const found: string[] = []
  for await (const path of glob(pattern)) {
    found.push(path)
    if (found.length === limit) break
  }
  return found.sort()
}

/** The folder to watch for files of a pattern: the part before its first wildcard. */
export function folderOf(pattern: string): string {
  const wild = pattern.search(WILD)
  return wild < 0 ? dirname(pattern) : dirname(`${pattern.slice(0, wild)}x`)
}

/** Files beside `path` under which a rotation may have put it: `auth.log` -> `auth.log.1`, `auth-20260101.log`. */
export function rotatedNames(path: string): string[] {
  const folder = dirname(path)
  const [stem = ''] = basename(path).split('.')
  try {
    return readdirSync(folder)
      .filter((name) => name !== basename(path) && name.startsWith(stem))
      .slice(0, 1000)
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}
