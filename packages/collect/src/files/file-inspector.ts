import { createHash } from 'node:crypto'
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
} from 'node:fs'
import { readElf } from '@vedette/formats/elf'
import {
  accessListText,
  fileCapabilitiesText,
  readExtendedAttributes,
  type RemoteMounts,
} from '@vedette/linux'
import type { FileFacts } from '@vedette/model'
import type { AccountNames } from './account-names.ts'

/** What a look at a path gave. */
export type Inspection =
  | {
      readonly outcome: 'there'
      readonly facts: FileFacts
      /** Names this state of this file: another content has another. */
      readonly state: string
      readonly inode: number
    }
  /** As it was, by its state. */
  | { readonly outcome: 'same' }
  | { readonly outcome: 'gone' }
  /** It lies on a file system that another machine or a program answers for, and was not asked. */
  | { readonly outcome: 'remote'; readonly type: string }
  | { readonly outcome: 'refused'; readonly reason: string }

/** A descriptor that names a file and does not open it (open(2)): some devices act when they are opened. */
const O_PATH = 0o10000000
const CHUNK_BYTES = 1 << 20
/** Looks at a file that changes while it is read. */
const TRIES = 3
/** Of the attributes of a file; more are left out, and longer ones cut. */
const MAX_ATTRIBUTES = 32
const MAX_VALUE_BYTES = 1024

export interface FileInspectorOptions {
  /** Larger files are not read. */
  readonly maxFileBytes: number
  readonly mounts: RemoteMounts
  readonly names: AccountNames
  /** Called for each mebibyte that is read: large files take their time. */
  readonly working?: () => void
}

/**
 * Says what a file is: rights, attributes, content. It follows no link, opens nothing but plain files of this machine, and
 * everything that it says is of one file, whatever happens to its name meanwhile. Synchronous: for a worker.
 */
export class FileInspector {
  readonly #options: FileInspectorOptions
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  #readBytes = 0

  constructor(options: FileInspectorOptions) {
    this.#options = options
  }

  /** Bytes that `inspect` has read of files so far. */
  get readBytes(): number {
    return this.#readBytes
  }

  /** @param known a state that it had; the file is not read where it still has it */
  inspect(path: string | Buffer, known?: string): Inspection {
    for (let left = TRIES; ; left -= 1) {
      try {
        const found = this.#inspect(path, known, left > 1)
        if (found !== undefined) return found
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        if (code === 'ENOENT' || code === 'ENOTDIR') return { outcome: 'gone' }
        return { outcome: 'refused', reason: code ?? message }
      }
    }
  }

  /** The checksum of a plain file's content, hex; undefined where it cannot be had. */
  digest(path: string | Buffer, algorithm: 'md5' | 'sha1' | 'sha256'): string | undefined {
    try {
      return withDescriptor(path, O_PATH | constants.O_NOFOLLOW, (named) => {
        if (this.#options.mounts.ofDescriptor(named) !== undefined || !fstatSync(named).isFile())
          return undefined
        return withReadable(named, (descriptor) => this.#hash(descriptor, algorithm).hex)
      })
    } catch {
      return undefined
    }
  }

  /** Undefined where it changed meanwhile and another try is worth it. */
  #inspect(path: string | Buffer, known: string | undefined, mayTryAgain: boolean): Inspection | undefined {
    return withDescriptor(path, O_PATH | constants.O_NOFOLLOW, (named) => {
      const remote = this.#options.mounts.ofDescriptor(named)
      if (remote !== undefined) return { outcome: 'remote', type: remote }
      const stats = fstatSync(named, { bigint: true })
      const state = stateOf(stats)
      if (state === known) return { outcome: 'same' }
      const type = typeOf(stats)
      let content: Partial<FileFacts> = {}
      if (type === 'link') {
        const target = readlinkSync(path)
        if (lstatSync(path, { bigint: true }).ino !== stats.ino) return undefined
        content = { link_target: target }
      } else if (type === 'file') {
        content = this.#content(named, stats)
        if (content.unread === 'changing' && mayTryAgain) return undefined
      }
      const [uid, gid] = [Number(stats.uid), Number(stats.gid)]
      const { owner, group } = this.#options.names.of(uid, gid)
      return {
        outcome: 'there',
        state,
        inode: Number(stats.ino),
        facts: {
          type,
          ...(type === 'file' && { size: Number(stats.size) }),
          mode: Number(stats.mode & 0o7777n)
            .toString(8)
            .padStart(4, '0'),
          uid,
          gid,
          ...(owner !== undefined && { owner }),
          ...(group !== undefined && { group }),
          modified_time: Number(stats.mtimeNs / 1000n) / 1000,
          ...content,
          ...attributesOf(named),
        },
      }
    })
  }

  #content(named: number, stats: BigIntStats): Partial<FileFacts> {
    if (stats.size > this.#options.maxFileBytes) return { unread: 'too_large' }
    try {
      return withReadable(named, (descriptor) => {
        const { hex: sha256, length } = this.#hash(descriptor, 'sha256')
        this.#readBytes += length
        const elf = readElf((offset, length) => {
          const bytes = Buffer.alloc(length)
          return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset))
        })
        // What was read in part before and in part after a change was never there.
        if (sha256 === undefined || stateOf(fstatSync(descriptor, { bigint: true })) !== stateOf(stats))
          return { unread: 'changing' }
        return { sha256, ...(elf !== undefined && { elf }) }
      })
    } catch {
      return { unread: 'unreadable' }
    }
  }

  /** Without a sum where the file grows beyond what is read. */
  #hash(descriptor: number, algorithm: string): { readonly hex?: string; readonly length: number } {
    const hash = createHash(algorithm)
    let position = 0
    while (position <= this.#options.maxFileBytes) {
      const length = readSync(descriptor, this.#chunk, 0, CHUNK_BYTES, position)
      if (length === 0) return { hex: hash.digest('hex'), length: position }
      hash.update(length === CHUNK_BYTES ? this.#chunk : this.#chunk.subarray(0, length))
      position += length
      this.#options.working?.()
    }
    return { length: position }
  }
}

function withDescriptor<T>(path: string | Buffer, flags: number, use: (descriptor: number) => T): T {
  const descriptor = openSync(path, flags)
  try {
    return use(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Opens the file that a descriptor names; leaves no trace in its access time where that is allowed. */
function withReadable<T>(named: number, use: (descriptor: number) => T): T {
  const path = `/proc/self/fd/${named}`
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY
  try {
    return withDescriptor(path, flags | constants.O_NOATIME, use)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
    return withDescriptor(path, flags, use)
  }
}

function stateOf({ dev, ino, size, mode, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mode}:${mtimeNs}:${ctimeNs}`
}

function typeOf(stats: BigIntStats): FileFacts['type'] {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'folder'
  if (stats.isSymbolicLink()) return 'link'
  if (stats.isFIFO()) return 'pipe'
  return stats.isSocket() ? 'socket' : 'device'
}

function attributesOf(named: number): Pick<FileFacts, 'capabilities' | 'acl' | 'xattrs'> {
  const found = readExtendedAttributes(`/proc/self/fd/${named}`)
  if (found.size === 0) return {}
  const others: Record<string, string> = {}
  let capabilities: string | undefined
  let acl: string | undefined
  for (const [name, value] of found) {
    if (name === 'security.capability') capabilities = fileCapabilitiesText(value)
    else if (name === 'system.posix_acl_access') acl = accessListText(value)?.slice(0, 4096)
    // Of these the kernel and its security module keep account themselves, and they change without anybody's doing.
    else if (name === 'security.ima' || name === 'security.evm') continue
    else if (Object.keys(others).length < MAX_ATTRIBUTES) others[name.slice(0, 256)] = valueText(value)
  }
  return {
    ...(capabilities !== undefined && { capabilities }),
    ...(acl !== undefined && { acl }),
    ...(Object.keys(others).length > 0 && { xattrs: others }),
  }
}

/** Text, less the zero at its end that some have; else hex. */
function valueText(value: Buffer): string {
  const text = value.subarray(0, MAX_VALUE_BYTES).toString('utf8').replace(/\0$/, '')
  // oxlint-disable-next-line no-control-regex -- those are what text does not hold
  return /[\u0000-\u001f\ufffd]/.test(text) ? value.subarray(0, MAX_VALUE_BYTES / 2).toString('hex') : text
}
