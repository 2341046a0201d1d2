import { glob, readdir } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'

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

/** Files beside `path` that a rotation may have made of it, by its stem: to be known by their contents or inode. */
export async function filesBeside(path: string): Promise<string[]> {
  const folder = dirname(path)
  const [stem = ''] = basename(path).split('.')
  try {
    return (await readdir(folder))
      .filter((name) => name !== basename(path) && name.startsWith(stem))
      .slice(0, 1000)
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}

const PACKED = /\.(gz|xz|bz2|zst|lz4|zip)$/

/**
 * Whether a file is called as logrotate calls what it made of `path`: `auth.log.1`, `auth.log-20260101`,
 * `auth-20260101.log`, `auth.log.old`; not one that it packed.
 */
export function isRotationOf(path: string, file: string): boolean {
  const [base, name] = [basename(path), basename(file)]
  if (PACKED.test(name)) return false
  if (name.startsWith(base)) return /^[.-](\d[\d.-]*|old)$/.test(name.slice(base.length))
  const ending = extname(base)
  const stem = base.slice(0, base.length - ending.length)
  if (ending === '' || !name.startsWith(stem) || !name.endsWith(ending)) return false
  return /^[.-]\d[\d.-]*$/.test(name.slice(stem.length, name.length - ending.length))
}
