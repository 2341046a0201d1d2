import { lazily, libcFunction } from './libc.ts'

const AT_FDCWD = -100
const AT_STATX_DONT_SYNC = 0x4000
const STATX_BASIC_STATS = 0x7ff

const statx = lazily(() =>
  libcFunction<(directory: number, path: string, flags: number, mask: number, result: Buffer) => number>(
    'statx',
    'int',
    ['int', 'str', 'int', 'uint', 'void *'],
  ),
)

/** What a file is. `device` and `deviceOfNode` are numbered as in `fs.Stats` (`dev`, `rdev`). */
export interface FileStatus {
  readonly type:
    | 'file'
    | 'folder'
    | 'pipe'
    | 'socket'
    | 'character-device'
    | 'block-device'
    | 'link'
    | 'other'
  readonly device: number
  readonly inode: number
  readonly links: number
  /** For a device node: which device it stands for. */
  readonly deviceOfNode: { readonly major: number; readonly minor: number }
}

let result: Buffer | undefined

/**
 * What a path leads to; undefined when it leads nowhere or may not be read.
 *
 * Unlike `fs.statSync` it never asks a file system that is not the kernel's own (FUSE, NFS) to answer
 * (AT_STATX_DONT_SYNC): a process under watch could stand on a file system of its own that never does.
 */
export function fileStatus(path: string): FileStatus | undefined {
  result ??= Buffer.alloc(256)
  if (statx()(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_BASIC_STATS, result) !== 0) return undefined
  return {
    type: FILE_TYPES[(result.readUInt16LE(28) & 0o170000) >> 12] ?? 'other',
    device: deviceNumber(result.readUInt32LE(136), result.readUInt32LE(140)),
    inode: Number(result.readBigUInt64LE(32)),
    links: result.readUInt32LE(16),
    deviceOfNode: { major: result.readUInt32LE(128), minor: result.readUInt32LE(132) },
  }
}

/** By the upper four bits of the mode, inode(7). */
const FILE_TYPES: Readonly<Record<number, FileStatus['type']>> = {
  0o01: 'pipe',
  0o02: 'character-device',
  0o04: 'folder',
  0o06: 'block-device',
  0o10: 'file',
  0o12: 'link',
  0o14: 'socket',
}

/** The C library's packing of a device number, makedev(3). Multiplied, since it may pass 32 bits. */
function deviceNumber(major: number, minor: number): number {
  return (
    (minor & 0xff) +
    (major & 0xfff) * 0x100 +
    Math.floor(minor / 0x100) * 0x100000 +
    Math.floor(major / 0x1000) * 0x1_0000_0000_000
  )
}
