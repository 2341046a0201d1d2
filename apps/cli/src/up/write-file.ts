import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { randomBytes } from 'node:crypto'

/** Writes a file (0600) in one step: who reads it sees the old content or the new, never a part. */
export function writeFileInOneStep(path: string, text: string): void {
  const next = `${path}.${randomBytes(6).toString('hex')}`
  // EXCL: whatever lies there under that name was not put there by us.
  const fd = openSync(next, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    writeSync(fd, text)
    fsyncSync(fd)
    renameSync(next, path)
  } catch (error) {
    rmSync(next, { force: true })
    throw error
  } finally {
    closeSync(fd)
  }
}
