import { chmodSync, chownSync, lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'
import type { HomePaths } from '../home.ts'

/** A user by its numbers. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/**
 * Makes the home folder (0700) where it is missing, and refuses one that somebody else could read or change.
 *
 * @param me who starts
 * @throws {CliError} `home-refused` with what to type
 */
export function prepareHome(paths: HomePaths, me: Owner): void {
  const { home } = paths
  if (!exists(home)) {
    try {
      mkdirSync(home, { recursive: true, mode: 0o700 })
    } catch (error) {
      throw refused(
        `Cannot make the home folder ${home}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
        'Name another with --home DIR or VEDETTE_HOME, or start as a user who may make it',
      )
    }
  }
  const status = lstatSync(home)
  if (status.isSymbolicLink()) {
    throw refused(
      `The home folder ${home} is a symbolic link, which somebody could point elsewhere`,
      `Name the folder itself: --home ${realpathOf(home)}`,
    )
  }
  if (!status.isDirectory()) throw refused(`The home ${home} is not a folder`, 'Name another with --home DIR')
  if (status.uid !== me.uid) {
    throw refused(
      `The home folder ${home} belongs to uid ${status.uid}, and you are uid ${me.uid}`,
      `Start as its owner, or name a folder of your own with --home DIR`,
    )
  }
  if ((status.mode & 0o077) !== 0) {
    throw refused(
      `The home folder ${home} is open to others (mode ${octal(status.mode)}, expected 0700)`,
      `Type: chmod 700 ${home}`,
    )
  }
  refuseReplaceable(home, me)
}

/** Whoever may write in a folder above could put another home in the place of ours; a sticky bit forbids it to them. */
function refuseReplaceable(home: string, me: Owner): void {
  for (let folder = dirname(realpathSync(home)); ; folder = dirname(folder)) {
    const { mode, uid } = statSync(folder)
    const sticky = (mode & 0o1000) !== 0
    if (((mode & 0o022) !== 0 && !sticky) || (uid !== 0 && uid !== me.uid)) {
      throw refused(
        `Others may write in ${folder} (owner uid ${uid}, mode ${octal(mode)}), so they could replace the home folder`,
        'Name a home below folders that only you or root may change',
      )
    }
    if (folder === '/') return
  }
}

/**
 * Makes a part's folder, 0700 and owned by who uses it, or refuses one that is something else.
 *
 * @throws {CliError} `home-refused`
 */
export function preparePartFolder(path: string, owner: Owner, me: Owner): void {
  if (!exists(path)) mkdirSync(path, { mode: 0o700 })
  const status = lstatSync(path)
  if (!status.isDirectory()) throw refused(`${path} is not a folder`, `Move it away and start again`)
  // Root hands a folder over; a former start as another kind of user left it to somebody else.
  if (status.uid !== owner.uid && me.uid === 0) chownSync(path, owner.uid, owner.gid)
  else if (status.uid !== owner.uid) {
    throw refused(
      `${path} belongs to uid ${status.uid}: this home was used by another user`,
      'Start as that user, or name another home with --home DIR',
    )
  }
  if ((status.mode & 0o777) !== 0o700) chmodSync(path, 0o700)
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return 'DIR'
  }
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0')
}

function refused(message: string, hint: string): CliError {
  return new CliError('home-refused', exitCodes.refused, message, hint)
}
