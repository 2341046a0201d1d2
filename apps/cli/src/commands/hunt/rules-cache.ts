import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { Terminal } from '../../terminal.ts'

/**
 * Where what was read of some rules is kept between hunts: a folder of their own below `$XDG_CACHE_HOME/vedette/rules`, by
 * default `~/.cache/vedette/rules` (XDG base directory specification). Nothing where there is no home: rules are then read
 * anew.
 */
export function cacheFor({ env }: Terminal, paths: readonly string[]): { readonly cache?: string } {
  const given = env['XDG_CACHE_HOME'] ?? ''
  const home = env['HOME'] ?? ''
  // A relative path there is invalid, the specification says.
  const base = given.startsWith('/') ? given : home.startsWith('/') ? join(home, '.cache') : undefined
  if (base === undefined) return {}
  const all = JSON.stringify(paths.map((path) => resolve(path)).sort())
  const name = createHash('sha256').update(all).digest('hex').slice(0, 16)
  return { cache: join(base, 'vedette', 'rules', name) }
}
