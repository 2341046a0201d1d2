import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

const DIGEST_BYTES = 32
const LARGEST_BYTES = 512 << 20
const WRITABLE_BY_OTHERS = 0o022

/**
 * What `writeCacheFile` wrote to a file. Undefined where there is none, where it is damaged (its SHA-256 stands in front), and
 * where another user could have written it: what stands in it is believed. Never throws.
 */
export function readCacheFile(path: string): Buffer | undefined {
  let file: number | undefined
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const found = fstatSync(file)
    const isOurs = found.uid === process.getuid?.() && (found.mode & WRITABLE_BY_OTHERS) === 0
    if (!found.isFile() || !isOurs || found.size < DIGEST_BYTES || found.size > LARGEST_BYTES)
      return undefined
    const bytes = Buffer.allocUnsafeSlow(found.size)
    let filled = 0
    while (filled < bytes.length) {
      const read = readSync(file, bytes, filled, bytes.length - filled, filled)
      if (read === 0) return undefined
      filled += read
    }
    const body = bytes.subarray(DIGEST_BYTES)
    return digest(body).equals(bytes.subarray(0, DIGEST_BYTES)) ? body : undefined
  } catch {
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/**
 * Puts a file, for this user alone, in the place of one that is there; whoever reads it then reads the one or the other.
 *
 * @throws {Error} when it cannot be written
 */
export async function writeCacheFile(path: string, parts: readonly Uint8Array[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const body = Buffer.concat(parts)
  const draft = `${path}.${process.pid}`
  await writeFile(draft, Buffer.concat([digest(body), body]), { mode: 0o600 })
  await rename(draft, path)
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
