import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Makes what was created, renamed or deleted in a folder last through a crash (fsync on the folder). */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
