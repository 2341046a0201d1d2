import type { Logger } from '@vedette/base'
import { lockFolder } from '../folder-lock.ts'
import { DiskSpool } from './disk-spool.ts'
import { filesOf, type SpoolFiles } from './spool-files.ts'
import type { Spool, SpoolOptions } from './spool.ts'

/**
 * Opens the spool in a folder, with what a former process left in it. A torn end is cut off, damaged records are left
 * out; both are counted as lost.
 *
 * @throws {CodedError} `folder-in-use`, `disk-full`, `spool-key-missing`,
 *   `spool-failed`; nothing of what lies in the folder is changed then
 */
export async function openSpool(
  folder: string,
  options: SpoolOptions & { readonly log: Logger },
): Promise<Spool> {
  const lock = lockFolder(folder)
  try {
    const files = filesOf(folder)
    const spool = await open(files, options)
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

async function open(
  files: SpoolFiles,
  { log, ...options }: SpoolOptions & { readonly log: Logger },
): Promise<DiskSpool> {
  const spool = await DiskSpool.open(files, log, options)
  try {
    // Made now where there is none: not before what is there was opened, and not while events wait.
    options.keys?.current()
  } catch (error) {
    await spool[Symbol.asyncDispose]()
    throw error
  }
  return spool
}
