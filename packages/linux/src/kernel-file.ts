import { readFileSync } from 'node:fs'

const MINOR_BITS = 2 ** 20

/** A file as the kernel itself calls it. stat(2) gives other numbers on some file systems (btrfs, overlayfs). */
export interface KernelFile {
  /** Of the file system, as the kernel packs it: twelve bits for the major, twenty for the minor number. */
  readonly device: number
  readonly inode: bigint
}

/**
 * What the kernel calls the file of a descriptor, by what /proc says of it and of its mount; undefined where that is none of
 * this process's mounts, or before Linux 5.14.
 */
export function kernelFileOf(descriptor: number): KernelFile | undefined {
  const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1')
  const mount = /^mnt_id:\s*(\d+)$/m.exec(info)?.[1]
  const inode = /^ino:\s*(\d+)$/m.exec(info)?.[1]
  if (mount === undefined || inode === undefined) return undefined
  const line = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${mount} `))
  const [major, minor] = (line?.split(' ', 3)[2] ?? '').split(':').map(Number)
  if (major === undefined || minor === undefined) return undefined
  return { device: major * MINOR_BITS + minor, inode: BigInt(inode) }
}
