/**
 * The records of sensor.bpf.c as they lie in the ring: places counted in 32-bit words from the start of a record, or in
 * bytes where the name says so. A change there is a change here.
 */

/** `type` of the header; the index into `emitted` and `lost`. */
export const recordType = {
  exec: 1,
  fork: 2,
  exit: 3,
  connect: 4,
  accept: 5,
  listen: 6,
  close: 7,
  file: 8,
  path: 9,
} as const

export type RecordTypeName = keyof typeof recordType

export const recordTypeNames = Object.keys(recordType) as RecordTypeName[]

export const head = { time: 0, type: 2, pid: 3, start: 4 } as const

export const exec = {
  parentStart: 6,
  parentPid: 8,
  flags: 9,
  uid: 10,
  gid: 11,
  euid: 12,
  loginUid: 13,
  sessionId: 14,
  pidNamespace: 15,
  mountNamespace: 16,
  device: 17,
  inode: 18,
  cgroupId: 20,
  links: 22,
  executableLength: 23,
  cwdLength: 24,
  cgroupLength: 25,
  argvLength: 26,
  commByte: 112,
  streamsByte: 128,
  dataByte: 200,
} as const

/** One of three, from `exec.streamsByte` on; bytes. */
export const stream = { size: 24, mode: 0, family: 2, port: 4, major: 6, address: 8 } as const

export const execFlag = { argvCut: 1, internalMount: 2 } as const

export const fork = { parentStart: 6, parentPid: 8 } as const

export const exit = { status: 6 } as const

export const socket = {
  familyByte: 24,
  protocolByte: 26,
  localPortByte: 28,
  remotePortByte: 30,
  bytesIn: 8,
  bytesOut: 10,
  localByte: 48,
  remoteByte: 64,
} as const

export const file = {
  inode: 6,
  device: 8,
  operationByte: 36,
  matchByte: 37,
  pathLengthByte: 38,
  dataByte: 40,
} as const

/** The inode is watched, the name that it was opened by is not. */
export const MATCH_INODE = 1

export const path = { operation: 6, baseLengthByte: 28, pathLengthByte: 32, dataByte: 40 } as const

export const operations = [undefined, 'create', 'read', 'write', 'delete', 'rename', 'attributes'] as const

/** Flags of `watched_inodes` and `watched_names`. */
export const watchFlag = { self: 1, selfReads: 2, tree: 4, treeReads: 8, names: 16 } as const

/** Bytes of a name in `watched_names`, its end included. */
export const WATCH_NAME_MAX = 64
