import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CodedError } from '@vedette/base'

/**
 * Holds a folder for this process alone. The lock is one of the kernel's (fcntl, through SQLite on an empty file
 * `lock`), so it ends with the process, however that ends, and a stale one cannot be.
 *
 * @throws {CodedError} `folder-in-use` when another process, or this one, holds it
 */
export function lockFolder(folder: string): Disposable {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(join(folder, 'lock'), { timeout: 0 })
  try {
    // The journal in memory: no second file comes to lie beside the lock.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (error instanceof Error && /locked/.test(error.message)) {
      throw new CodedError('folder-in-use', `Cannot open ${folder}: another process is using it`, {
        cause: error,
      })
    }
    throw error
  }
  return { [Symbol.dispose]: () => database.close() }
}
