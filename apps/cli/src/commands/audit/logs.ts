import { statSync } from 'node:fs'
import { join } from 'node:path'
import { CliError } from '../../cli-error.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { HomePaths } from '../../home.ts'

export type LogName = 'agent' | 'server'

/** An audit log of the house. */
export interface HouseLog {
  readonly log: LogName
  readonly folder: string
}

/**
 * The logs that were ever begun in a home folder; they are read themselves, so that it also works while nothing runs.
 *
 * @param only one of them
 * @throws {CliError} `no-audit-log`; `not-allowed` when who asks may not know
 */
export function houseLogs(paths: HomePaths, only?: LogName): HouseLog[] {
  const all: HouseLog[] = [
    { log: 'agent', folder: join(paths.agent, 'audit') },
    { log: 'server', folder: join(paths.server, 'audit') },
  ]
  const begun = all.filter(({ log, folder }) => (only === undefined || log === only) && exists(folder))
  if (begun.length > 0) return begun
  throw new CliError(
    'no-audit-log',
    exitCodes.notFound,
    `There is no audit log in ${paths.home} yet`,
    'Name another folder with --home DIR',
  )
}

function exists(folder: string): boolean {
  try {
    return statSync(folder, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') throw notAllowed(folder, error)
    throw error
  }
}

/** Who asks is not who the log belongs to. */
export function notAllowed(path: string, cause?: unknown): CliError {
  return new CliError(
    'not-allowed',
    exitCodes.refused,
    `Not allowed to read ${path}`,
    "Type the command as the user who started 'vedette up' (with sudo where that was root)",
    { cause },
  )
}
