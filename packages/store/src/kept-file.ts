import { renameSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from './sync-folder.ts'

/** A file that is replaced as a whole: after a crash it is the old one or the new one, and never a part of either. */
export class KeptFile {
  readonly #path: string

  /** @param path in a folder that is there; the file itself need not be */
  constructor(path: string) {
    this.#path = path
  }

  /** Undefined where nothing was written yet. */
  async read(): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  /** Resolves once it is on disk. One at a time. */
  async write(bytes: Uint8Array): Promise<void> {
    const fresh = `${this.#path}.new`
    const handle = await open(fresh, 'w', 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    renameSync(fresh, this.#path)
    syncFolder(dirname(this.#path))
  }
}
