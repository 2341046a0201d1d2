import { constants } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CodedError } from '@vedette/base'

/**
 * A file that holds a key; left out when there is none.
 *
 * @throws {CodedError} `key-refused` when others can read it
 */
export async function readPrivate(path: string): Promise<string | undefined> {
  let file
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CodedError('key-refused', `Cannot read the key ${path}: ${String(error)}`, { cause: error })
  }
  try {
    const { mode } = await file.stat()
    if ((mode & 0o077) !== 0) {
      throw new CodedError(
        'key-refused',
        `${path} can be read by others, so what it signs proves nothing any more`,
      )
    }
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

/** Writes a file (0600) in one step, on disk before this resolves. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const next = `${path}.next`
  await rm(next, { force: true })
  const file = await open(next, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(next, path)
  const folder = await open(dirname(path), constants.O_RDONLY)
  await folder.sync()
  await folder.close()
}
