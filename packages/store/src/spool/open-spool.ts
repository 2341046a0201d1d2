import type { Logger } from '@vedette/base'
import { lockFolder } from '../folder-lock.ts'
import { DiskSpool } from './disk-spool.ts'
import { filesOf } from './spool-files.ts'
import type { Spool, SpoolOptions } from './spool.ts'

/**
 * Opens the spool in a folder, with what a former process left in it. A torn end is cut off, damaged records are left
 * out; both are counted as lost.
 *
 * @throws {CodedError} `folder-in-use`, `disk-full`, `spool-failed`
 */
export async function openSpool(
  folder: string,
  options: SpoolOptions & { readonly log: Logger },
): Promise<Spool> {
  const lock = lockFolder(folder)
  try {
    const spool = await DiskSpool.open(filesOf(folder), options.log, options)
    const close = spool[Symbol.asyncDispose].bind(spool)
    return Object.assign(spool, {
      async [Symbol.asyncDispose]() {
        await close()
        lock[Symbol.dispose]()
      },
    })
  } catch (error) {
    lock[Symbol.dispose]()
    throw error
  }
}
