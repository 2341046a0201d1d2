import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs'
import { sep } from 'node:path'
import type { ScanResult, ScanTarget } from './messages.ts'

/** A file's bytes, and who owns it. */
export interface TargetBytes {
  readonly data: Buffer
  readonly uid: number | undefined
}

/** Kept between files, so that many small ones make no garbage. */
const KEPT_BYTES = 4 << 20
let kept = Buffer.alloc(0)

/**
 * Reads what is to be scanned. Never follows a link in the last place, never waits at a pipe or device, never maps the file
 * (one that is cut short while it is mapped ends the process).
 *
 * @returns the bytes, good until the next call, or why there are none
 */
export function readTarget(target: ScanTarget, maxFileBytes: number): TargetBytes | ScanResult {
  if ('data' in target) {
    if (target.data.byteLength > maxFileBytes) return tooLarge(target.data.byteLength, maxFileBytes)
    const { buffer, byteOffset, byteLength } = target.data
    return { data: Buffer.from(buffer, byteOffset, byteLength), uid: undefined }
  }
  let named: number
  try {
    named = find(target)
  } catch (error) {
    return unreadable(error)
  }
  try {
    if ('within' in target && !isWithin(named, target.within)) {
      return { outcome: 'skipped', reason: 'a link leads out of the folder' }
    }
    const status = fstatSync(named)
    if (status.isSymbolicLink()) return { outcome: 'skipped', reason: 'a link' }
    if (!status.isFile()) return { outcome: 'skipped', reason: 'not a plain file' }
    if (status.size > maxFileBytes) return tooLarge(status.size, maxFileBytes)
    return { data: readNamed(named, status.size), uid: status.uid }
  } catch (error) {
    return unreadable(error)
  } finally {
    closeSync(named)
  }
}

/**
 * A descriptor that names a file and does not open it (open(2)). Whoever may write where a path leads through may let it
 * lead to a device, of which some act when they are opened.
 */
const O_PATH = 0o10000000

function find(target: Exclude<ScanTarget, { readonly data: Uint8Array }>): number {
  if ('descriptor' in target) {
    const { pid, number } = target.descriptor
    return openSync(`/proc/${pid}/fd/${number}`, O_PATH)
  }
  const { path, rawPath } = target
  return openSync(rawPath === undefined ? path : Buffer.from(rawPath), O_PATH | constants.O_NOFOLLOW)
}

function readNamed(named: number, size: number): Buffer {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY
  const descriptor = openSync(`/proc/self/fd/${named}`, flags)
  try {
    return read(descriptor, size)
  } finally {
    closeSync(descriptor)
  }
}

/** Whether a file really lies in a folder. */
function isWithin(descriptor: number, folder: string): boolean {
  const real = readlinkSync(`/proc/self/fd/${descriptor}`, 'buffer')
  const below = Buffer.from(folder === sep ? sep : folder + sep)
  return real.equals(Buffer.from(folder)) || real.subarray(0, below.length).equals(below)
}

function read(descriptor: number, size: number): Buffer {
  let buffer = kept
  if (buffer.length < size) {
    buffer = Buffer.allocUnsafeSlow(size)
    if (size <= KEPT_BYTES) kept = buffer
  }
  let length = 0
  while (length < size) {
    const count = readSync(descriptor, buffer, length, size - length, length)
    if (count === 0) break
    length += count
  }
  return buffer.subarray(0, length)
}

function tooLarge(size: number, most: number): ScanResult {
  return { outcome: 'too-large', reason: `${size} bytes, the most is ${most}` }
}

function unreadable(error: unknown): ScanResult {
  const { code, message } = error as NodeJS.ErrnoException
  const skipped = code === 'ENOENT'
  return { outcome: skipped ? 'skipped' : 'failed', reason: code ?? message }
}
