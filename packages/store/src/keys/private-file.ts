import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { CodedError } from '@vedette/base'
import { syncFolder } from '../sync-folder.ts'

/**
 * A file that holds something secret; left out when there is none.
 *
 * @throws {CodedError} `key-refused` when others may read it, it is a link, or it cannot be read
 */
export function readPrivateFile(path: string): Buffer | undefined {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CodedError('key-refused', `Cannot read the key ${path}: ${String(error)}`, { cause: error })
  }
  try {
    if ((fstatSync(fd).mode & 0o077) !== 0) {
      throw new CodedError(
        'key-refused',
        `${path} can be read by others, so it is no secret any more; chmod 600 it, or replace it`,
      )
    }
    return readFileSync(fd)
  } finally {
    closeSync(fd)
  }
}

/**
 * Writes a file (0600) in one step; it is on disk when this returns. Its folder has to be there, and where root writes it the
 * file is of whoever the folder is.
 */
export function writePrivateFile(path: string, content: Uint8Array | string): void {
  const fresh = `${path}.new`
  rmSync(fresh, { force: true })
  const fd = openSync(fresh, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    const { uid, gid } = statSync(dirname(path))
    if (process.getuid?.() === 0 && uid !== 0) fchownSync(fd, uid, gid)
    const bytes = Buffer.from(content)
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(fresh, path)
  syncFolder(dirname(path))
}
