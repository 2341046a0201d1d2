import { execFile } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CodedError } from '@vedette/base'
import { syncFolder } from '../../sync-folder.ts'
import type { PostgresBinaries } from './binaries.ts'

const run = promisify(execFile)

/** Major version of the data that our PostgreSQL reads. */
const MAJOR = '18'

export interface RunAs {
  readonly uid?: number
  readonly gid?: number
}

/**
 * Makes the data folder of PostgreSQL where there is none. It is made beside its place, synced, and then moved there: cut
 * off in the middle, it is made anew the next time.
 *
 * @throws {CodedError} `disk-full`, `postgres-version`, `postgres-failed`
 */
export async function ensureCluster(
  folder: string,
  binaries: PostgresBinaries,
  runAs: RunAs,
): Promise<string> {
  const data = join(folder, 'data')
  const versionFile = join(data, 'PG_VERSION')
  if (existsSync(versionFile)) {
    const version = readFileSync(versionFile, 'utf8').trim()
    if (version !== MAJOR) {
      throw new CodedError(
        'postgres-version',
        `Cannot use ${data}: it was written by PostgreSQL ${version}, and this is PostgreSQL ${MAJOR}`,
      )
    }
    return data
  }
  const fresh = join(folder, 'data.new')
  rmSync(fresh, { recursive: true, force: true })
  ownFolder(fresh, runAs)
  await initdb(binaries, runAs, [
    `--pgdata=${fresh}`,
    '--username=postgres',
    '--no-sync',
    '--no-instructions',
    '--encoding=UTF8',
    '--no-locale',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    // Who reaches the socket in a folder of mode 0700 is our user already, or root.
    '--auth-local=trust',
    '--auth-host=reject',
    '--wal-segsize=4',
  ])
  await initdb(binaries, runAs, [`--pgdata=${fresh}`, '--sync-only'])
  renameSync(fresh, data)
  syncFolder(folder)
  return data
}

/** Makes a folder that only the user of PostgreSQL may enter. */
export function ownFolder(path: string, { uid, gid }: RunAs): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  if (uid !== undefined) chownSync(path, uid, gid ?? uid)
}

async function initdb(binaries: PostgresBinaries, runAs: RunAs, args: readonly string[]): Promise<void> {
  try {
    await run(binaries.initdb, args, { ...runAs, env: { ...binaries.env, LC_ALL: 'C', TZ: 'UTC' }, cwd: '/' })
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string }
    const code = /No space left on device|Disk quota exceeded/.test(stderr) ? 'disk-full' : 'postgres-failed'
    throw new CodedError(code, `Cannot set up PostgreSQL: ${stderr.trim().slice(-1000) || String(error)}`, {
      cause: error,
    })
  }
}
