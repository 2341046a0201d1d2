import type { FileAccessRecord } from '@vedette/model'
import { kinds } from '../kinds.ts'
import { actor, type Chunk, type DecodeContext, head, u64 } from './chunk.ts'

/** As in bpf/files.bpf.h. */
export const fileLayout = {
  inode: 6,
  device: 8,
  operationByte: 36,
  matchByte: 37,
  pathLengthByte: 38,
  dataByte: 40,
} as const

/** The inode is watched, the name that it was opened by is not. */
const MATCH_INODE = 1

export const pathLayout = { operation: 6, baseLengthByte: 28, pathLengthByte: 32, dataByte: 40 } as const

export const operations = [undefined, 'create', 'read', 'write', 'delete', 'rename', 'attributes'] as const

/** Flags of `watched_inodes` and `watched_names`. */
export const watchFlag = { self: 1, selfReads: 2, tree: 4, treeReads: 8, names: 16 } as const

/** Bytes of a name in `watched_names`, its end included. */
export const WATCH_NAME_MAX = 64

export function decodeFile(chunk: Chunk, at: number, context: DecodeContext): FileAccessRecord {
  const byte = at * 4
  const data = byte + fileLayout.dataByte
  const length = chunk.halves[(byte + fileLayout.pathLengthByte) >> 1] as number
  return {
    source: 'ebpf',
    type: 'file',
    timeMs: context.time(chunk, at),
    process: actor(chunk, at),
    operation: operations[chunk.bytes[byte + fileLayout.operationByte] as number] ?? 'attributes',
    path: context.paths.pathOfFile(chunk, data, length, chunk.words[at + fileLayout.inode] as number),
    inode: u64(chunk.words, at + fileLayout.inode),
  }
}

/** Whether user space must find out first which file, if any, a record is about. */
export function isUnresolved({ words, bytes }: Chunk, at: number): boolean {
  const type = words[at + head.type]
  return type === kinds.path || (type === kinds.file && bytes[at * 4 + fileLayout.matchByte] === MATCH_INODE)
}
