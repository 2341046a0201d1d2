import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs'
import { open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** What the spool asks of a file system. A second implementation forgets what was not synced, to test crashes. */
export interface SpoolFiles {
  /** Names of the files in the folder, in no order. */
  list(): readonly string[]
  sizeOf(name: string): number
  read(name: string): Promise<Buffer>
  readPart(name: string, offset: number, length: number): Promise<Buffer>
  /** A new file to write at the end of. */
  create(name: string): Promise<SpoolFile>
  truncate(name: string, length: number): Promise<void>
  remove(name: string): Promise<void>
  /** Names made and removed so far outlast a crash. */
  syncFolder(): Promise<void>
}

export interface SpoolFile {
  /** All of it, at the end. */
  write(bytes: Buffer): Promise<void>
  truncate(length: number): Promise<void>
  /** What was written so far outlasts a crash. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** A folder of the real file system. */
export function filesOf(folder: string): SpoolFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return {
    list: () => readdirSync(folder),
    sizeOf: (name) => statSync(join(folder, name)).size,
    read: (name) => readFile(join(folder, name)),

    async readPart(name, offset, length) {
      const file = await open(join(folder, name), 'r')
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset)
        return buffer.subarray(0, bytesRead)
      } finally {
        await file.close()
      }
    },

    async create(name) {
      const file = await open(join(folder, name), 'wx', 0o600)
      let written = 0
      return {
        async write(bytes) {
          let from = 0
          while (from < bytes.length) {
            const { bytesWritten } = await file.write(bytes, from, bytes.length - from, written + from)
            from += bytesWritten
          }
          written += bytes.length
        },
        async truncate(length) {
          await file.truncate(length)
          written = length
        },
        sync: () => file.datasync(),
        close: () => file.close(),
      }
    },

    async truncate(name, length) {
      const file = await open(join(folder, name), 'r+')
      try {
        await file.truncate(length)
        await file.sync()
      } finally {
        await file.close()
      }
    },

    remove: (name) => unlink(join(folder, name)),

    syncFolder() {
      const fd = openSync(folder, 'r')
      try {
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
      return Promise.resolve()
    },
  }
}
