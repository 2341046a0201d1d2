import type { Logger } from '@vedette/base'
import { lockFolder } from '../folder-lock.ts'
import { DiskSpool } from './disk-spool.ts'
import { createSpoolKey, readSpoolKey } from './spool-key.ts'
import { filesOf, type SpoolFiles } from './spool-files.ts'
import type { Spool, SpoolOptions } from './spool.ts'

/**
 * Opens the spool in a folder, with what a former process left in it. A torn end is cut off, damaged records are left
 * out; both are counted as lost.
 *
 * @throws {CodedError} `folder-in-use`, `disk-full`, `spool-key-missing`, `spool-key-wrong`, `spool-key-unusable`,
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
  { log, keyFile, ...options }: SpoolOptions & { readonly log: Logger },
): Promise<DiskSpool> {
  if (keyFile === undefined) return DiskSpool.open(files, log, options)
  const key = await readSpoolKey(keyFile)
  if (key !== undefined) return DiskSpool.open(files, log, { ...options, key })
  // A new key for batches that are sealed with a lost one would hide that it is lost: this fails where there are some.
  const old = await DiskSpool.open(files, log, options)
  await old[Symbol.asyncDispose]()
  return DiskSpool.open(files, log, { ...options, key: await createSpoolKey(keyFile) })
}
