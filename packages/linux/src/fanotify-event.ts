/** Bits of an event's mask, fanotify_mark(2). */
export const fanotifyMask = {
  access: 0x1,
  modify: 0x2,
  attributes: 0x4,
  closeWrite: 0x8,
  closeRead: 0x10,
  create: 0x100,
  delete: 0x200,
  openExec: 0x1000,
  overflow: 0x4000,
  openExecPermission: 0x4_0000,
  onChild: 0x0800_0000,
  rename: 0x1000_0000,
  onFolder: 0x4000_0000,
} as const

/** A file by which the kernel calls it: its file system and its handle there. Equal text means the same file. */
export type HandleKey = string

/** A place in a folder. The name is `.` where the folder itself is meant. */
export interface NamedPlace {
  readonly folder: HandleKey
  readonly name: string
}

/** One event, or several of one file that nobody had read yet: then `mask` has the bits of all of them. */
export interface FanotifyEvent {
  readonly mask: number
  /** Who did it; 0 where the kernel does not say. */
  readonly pid: number
  /** A descriptor of that process, which the reader closes; -1 where it has ended, or where none was asked for. */
  readonly pidfd: number
  /** The file, opened, which the reader closes; -1 in groups that tell names. */
  readonly fd: number
  /** Where it lies. */
  readonly place?: NamedPlace
  /** The file itself. */
  readonly file?: HandleKey
  /** Of a rename; left out is the side that is not watched. */
  readonly from?: NamedPlace
  readonly to?: NamedPlace
}

const METADATA_BYTES = 24
const VERSION = 3
const info = { file: 1, place: 2, folder: 3, pidfd: 4, from: 10, to: 12 } as const
const FSID_BYTES = 8
/** fsid, length and type of the handle. */
const HANDLE_AT = 4 + FSID_BYTES + 8

/** The handle in `bytes`, which starts with `struct file_handle`, of the file system with this identity. */
export function handleKey(fsid: Buffer, handle: Buffer): HandleKey {
  return fsid.toString('latin1') + handle.toString('latin1')
}

/**
 * Parses what a read of a fanotify group gave, fanotify(7), "Reading fanotify events". What does not look like an event ends
 * it: the kernel writes whole ones only.
 */
export function parseFanotifyEvents(bytes: Buffer): FanotifyEvent[] {
  const events: FanotifyEvent[] = []
  for (let at = 0; at + METADATA_BYTES <= bytes.length;) {
    const length = bytes.readUInt32LE(at)
    const metadataLength = bytes.readUInt16LE(at + 6)
    const isWhole =
      metadataLength >= METADATA_BYTES && length >= metadataLength && at + length <= bytes.length
    if (!isWhole || bytes[at + 4] !== VERSION) break
    events.push({
      // Bits beyond 32 are not asked for.
      mask: bytes.readUInt32LE(at + 8),
      fd: bytes.readInt32LE(at + 16),
      pid: bytes.readInt32LE(at + 20),
      pidfd: -1,
      ...parseInfo(bytes.subarray(at + metadataLength, at + length)),
    })
    at += length
  }
  return events
}

function parseInfo(bytes: Buffer): Partial<FanotifyEvent> {
  const found: { -readonly [Key in keyof FanotifyEvent]?: FanotifyEvent[Key] } = {}
  for (let at = 0; at + 4 <= bytes.length;) {
    const type = bytes[at]
    const length = bytes.readUInt16LE(at + 2)
    if (length < 4 || at + length > bytes.length) break
    const record = bytes.subarray(at, at + length)
    at += length
    if (type === info.pidfd && length >= 8) found.pidfd = record.readInt32LE(4)
    if (length < HANDLE_AT) continue
    const handleLength = 8 + record.readUInt32LE(4 + FSID_BYTES)
    const end = 4 + FSID_BYTES + handleLength
    if (end > length) continue
    const key = handleKey(record.subarray(4, 4 + FSID_BYTES), record.subarray(4 + FSID_BYTES, end))
    if (type === info.file) found.file = key
    else if (type === info.place) found.place = { folder: key, name: nameIn(record, end) }
    else if (type === info.folder) found.place = { folder: key, name: '.' }
    else if (type === info.from) found.from = { folder: key, name: nameIn(record, end) }
    else if (type === info.to) found.to = { folder: key, name: nameIn(record, end) }
  }
  return found
}

function nameIn(record: Buffer, start: number): string {
  const end = record.indexOf(0, start)
  return record.toString('utf8', start, end < 0 ? record.length : end)
}
