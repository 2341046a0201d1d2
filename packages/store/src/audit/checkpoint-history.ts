import { existsSync, readFileSync, statSync } from 'node:fs'
import { open, truncate } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from '../sync-folder.ts'
import { parseCheckpoint, type SignedCheckpoint } from './signed-checkpoint.ts'

/** Signed checkpoints of a log, a line each, which are only ever added. */
export class CheckpointHistory {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  /** The last one; a line that a crash cut off is taken away. Nothing where there is none, or where it cannot be read. */
  async recover(): Promise<SignedCheckpoint | undefined> {
    if (!existsSync(this.#file)) return undefined
    const bytes = readFileSync(this.#file)
    const end = bytes.lastIndexOf(0x0a) + 1
    if (end < bytes.length) await truncate(this.#file, end)
    const last = bytes.toString('utf8', 0, end).trimEnd().split('\n').at(-1)
    try {
      return parseCheckpoint(last ?? '')
    } catch {
      return undefined // `verifyAudit` says so.
    }
  }

  /** Resolves once it is on disk; what fails leaves no part of a line. */
  async add(checkpoint: SignedCheckpoint): Promise<void> {
    const handle = await open(this.#file, 'a', 0o600)
    const { size } = statSync(this.#file)
    try {
      await handle.appendFile(`${JSON.stringify(checkpoint)}\n`)
      await handle.datasync()
    } catch (error) {
      await handle.truncate(size)
      throw error
    } finally {
      await handle.close()
    }
    syncFolder(dirname(this.#file))
  }
}
