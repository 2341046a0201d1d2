import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { LineRecord } from '@vedette/model'

/** Of each file, its end. */
const MOST_BYTES = 8 << 20
const MOST_CHARACTERS = 65_536

/**
 * The last lines of logs, at most 8 MiB of each. Files that are missing or may not be read give none, and are told.
 *
 * @param nowMs milliseconds since the epoch
 */
export function recentLines(
  paths: readonly string[],
  nowMs: number,
  unreadable: (path: string, reason: string) => void,
): LineRecord[] {
  const records: LineRecord[] = []
  for (const path of paths) {
    let text: string
    try {
      text = endOf(path)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code !== 'ENOENT') unreadable(path, error instanceof Error ? error.message : String(error))
      continue
    }
    for (const line of text.split('\n')) {
      if (line === '') continue
      records.push({
        source: 'line',
        timeMs: nowMs,
        path,
        text: line.slice(0, MOST_CHARACTERS),
        truncated: line.length > MOST_CHARACTERS,
      })
    }
  }
  return records
}

/** Without the line that was cut at its beginning. */
function endOf(path: string): string {
  // A pipe of that name must not hold the scan up.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const status = fstatSync(fd)
    if (!status.isFile()) throw new Error(`${path} is no regular file`)
    const from = Math.max(0, status.size - MOST_BYTES)
    const bytes = Buffer.alloc(Math.min(status.size, MOST_BYTES))
    let size = 0
    while (size < bytes.length) {
      const got = readSync(fd, bytes, size, bytes.length - size, from + size)
      if (got === 0) break
      size += got
    }
    const start = from === 0 ? 0 : bytes.indexOf(0x0a) + 1
    return bytes.toString('utf8', start, size)
  } finally {
    closeSync(fd)
  }
}
