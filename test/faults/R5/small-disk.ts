import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file system of our own on a folder (tmpfs, so root is needed), that is filled up and emptied by a file in it. */
export class SmallDisk implements Disposable {
  readonly folder: string
  readonly #ballast: string

  constructor(folder: string, sizeMiB: number, { uid = 0, gid = 0 } = {}) {
    this.folder = folder
    this.#ballast = join(folder, 'ballast')
    mkdirSync(folder, { recursive: true })
    const options = `size=${sizeMiB}m,mode=0700,uid=${uid},gid=${gid}`
    execFileSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', options, 'vedette-test', folder])
  }

  /** Takes all the space that is left. */
  fill(): void {
    const piece = Buffer.alloc(1024 * 1024)
    for (const bytes of [piece, piece.subarray(0, 4096)]) {
      try {
        for (;;) writeFileSync(this.#ballast, bytes, { flag: 'a' })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
  }

  empty(): void {
    rmSync(this.#ballast, { force: true })
  }

  [Symbol.dispose](): void {
    this.empty()
    execFileSync('/usr/bin/umount', ['-l', this.folder])
  }
}
