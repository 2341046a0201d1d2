import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type Compression, decompress } from '@vedette/formats/logs'
import { isRotationOf } from './paths.ts'
import type { Patience } from './patience.ts'
import { Tail } from './tail.ts'

/** More is not unpacked. */
const MAX_BYTES = 1_073_741_824
const COMPRESSIONS: ReadonlyMap<string, Compression> = new Map([
  ['.gz', 'gzip'],
  ['.zst', 'zstd'],
])

function endingOf(path: string): string {
  return path.slice(path.lastIndexOf('.'))
}

/** Whether a file is called as logrotate calls a rotation of `path` that it packed, in a way that can be read here. */
export function isPackedRotationOf(path: string, file: string): boolean {
  const ending = endingOf(file)
  return COMPRESSIONS.has(ending) && isRotationOf(path, file.slice(0, -ending.length))
}

/**
 * Unpacks a file to where nobody else finds it, and opens what was in it; undefined when it cannot be read whole.
 *
 * @param name the log that it was
 */
export async function openPacked(path: string, name: string, patience: Patience): Promise<Tail | undefined> {
  const compression = COMPRESSIONS.get(endingOf(path))
  if (compression === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'vedette-log-'))
  try {
    const unpacked = join(folder, basename(name))
    await using file = await open(unpacked, 'wx', 0o600)
    const pieces = decompress(createReadStream(path), compression, {
      maxOutputBytes: MAX_BYTES,
      maxRatio: 1100,
    })
    for await (const piece of pieces) await file.write(piece)
    return await Tail.open(unpacked, name, 'beginning', patience)
  } catch {
    return undefined
  } finally {
    // What is open stays readable.
    await rm(folder, { recursive: true })
  }
}
