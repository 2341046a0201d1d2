import { closeSync, openSync, readFileSync } from 'node:fs'

const O_PATH = 0o10000000
const MINOR_BITS = 2 ** 20

/** A file as the kernel itself calls it. stat(2) gives other numbers on some file systems (btrfs, overlayfs). */
export interface KernelFile {
  /** Of the file system, as the kernel packs it: twelve bits for the major, twenty for the minor number. */
  readonly device: number
  readonly inode: bigint
}

/** Finds out what the kernel calls files, by what /proc says of a descriptor and of its mount. */
export class KernelFiles {
  readonly #devices = new Map<string, number>()

  constructor() {
    for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
      const [id, , device = ''] = line.split(' ', 3)
      const [major, minor] = device.split(':').map(Number)
      if (id !== undefined && major !== undefined && minor !== undefined)
        this.#devices.set(id, major * MINOR_BITS + minor)
    }
  }

  /** The file at a path, links followed; undefined where there is none, or none that this process may see. */
  find(path: string): KernelFile | undefined {
    try {
      const fd = openSync(path, O_PATH)
      try {
        const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1')
        const device = this.#devices.get(/^mnt_id:\s*(\d+)$/m.exec(info)?.[1] ?? '')
        const inode = /^ino:\s*(\d+)$/m.exec(info)?.[1]
        return device === undefined || inode === undefined ? undefined : { device, inode: BigInt(inode) }
      } finally {
        closeSync(fd)
      }
    } catch {
      return undefined
    }
  }
}
