import { closeSync, openSync, readSync, readlinkSync } from 'node:fs'

let buffer: Buffer | undefined

/**
 * Reads a file of /proc from its beginning, at most `limit` bytes; undefined when it is not there, may not be read, or
 * its process ended in the middle. The result is a view that the next call overwrites.
 *
 * No allocation for what is read: a sensor reads thousands of these a second.
 */
export function readProcBytes(path: string, limit = 65_536): Buffer | undefined {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return undefined
  }
  try {
    if (buffer === undefined || buffer.length < limit)
      buffer = Buffer.allocUnsafeSlow(Math.max(limit, 65_536))
    let size = 0
    while (size < limit) {
      const got = readSync(fd, buffer, size, limit - size, null)
      if (got === 0) break
      size += got
    }
    return buffer.subarray(0, size)
  } catch {
    return undefined
  } finally {
    closeSync(fd)
  }
}

/** The same as text. Faulty UTF-8 becomes U+FFFD. */
export function readProcText(path: string, limit?: number): string | undefined {
  return readProcBytes(path, limit)?.toString('utf8')
}

/** Where a link of /proc leads; undefined when it is not there or may not be read. */
export function readProcLink(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
