import { constants, cpSync, existsSync, globSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RunAs } from './cluster.ts'

/**
 * A folder of programs where a user may run them: the folder itself, or a copy in `beside` where it lies below one that
 * the user may not enter, as in the home folder of root. The copy is made once for each `version`.
 *
 * @param folder a real path
 */
export function reachableCopy(folder: string, beside: string, version: string, user: RunAs): string {
  if (user.uid === undefined || mayEnter(folder, user.uid, user.gid ?? user.uid)) return folder
  const copy = join(beside, `program-${version}`)
  if (existsSync(copy)) return copy
  for (const old of globSync('program-*', { cwd: beside })) rmSync(join(beside, old), { recursive: true })
  const fresh = `${copy}.new`
  cpSync(folder, fresh, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE })
  renameSync(fresh, copy)
  return copy
}

/** Whether a user may enter a folder and all above it, by their modes. */
function mayEnter(folder: string, uid: number, gid: number): boolean {
  const { mode, uid: owner, gid: group } = statSync(folder)
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001
  if ((mode & bit) === 0) return false
  const above = dirname(folder)
  return above === folder || mayEnter(above, uid, gid)
}
