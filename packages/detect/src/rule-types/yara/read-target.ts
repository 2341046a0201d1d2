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
  let descriptor: number
  try {
    descriptor = open(target)
  } catch (error) {
    return unreadable(error)
  }
  try {
    if ('within' in target && !isWithin(descriptor, target.within)) {
      return { outcome: 'skipped', reason: 'a link leads out of the folder' }
    }
    const status = fstatSync(descriptor)
    if (!status.isFile()) return { outcome: 'skipped', reason: 'not a plain file' }
    if (status.size > maxFileBytes) return tooLarge(status.size, maxFileBytes)
    return { data: read(descriptor, status.size), uid: status.uid }
  } catch (error) {
    return unreadable(error)
  } finally {
    closeSync(descriptor)
  }
}

function open(target: Exclude<ScanTarget, { readonly data: Uint8Array }>): number {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY
  if ('descriptor' in target) {
    const { pid, number } = target.descriptor
    return openSync(`/proc/${pid}/fd/${number}`, flags)
  }
  const { path, rawPath } = target
  return openSync(rawPath === undefined ? path : Buffer.from(rawPath), flags | constants.O_NOFOLLOW)
}

/** Where a file that is open really lies. */
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
  // ELOOP: a link. ENXIO: a pipe or socket that nobody has open.
  const skipped = code === 'ELOOP' || code === 'ENXIO' || code === 'ENOENT' || code === 'ENODEV'
  return { outcome: skipped ? 'skipped' : 'failed', reason: code ?? message }
}
