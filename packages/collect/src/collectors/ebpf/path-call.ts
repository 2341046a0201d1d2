import { realpathSync } from 'node:fs'
import { basename, dirname, normalize } from 'node:path/posix'
import type { FileAccessRecord } from '@vedette/model'
import { actor, type Chunk } from './records/chunk.ts'
import type { Decoder } from './records/decoder.ts'
import { operations, pathLayout } from './records/files.ts'

const MAX_FOLDERS = 4096
const FORGET_AFTER_MS = 1000

/**
 * Follows the paths of calls that name a file by a path (rename, unlink, chmod ...). The kernel hands them over as they
 * were given, with the folder that they start from, so the file is found a moment after the call: a link that was changed
 * in between leads elsewhere. What is watched by its inode does not have this weakness.
 */
export class PathCalls {
  readonly #decoder: Decoder
  readonly #concerns: (path: string) => boolean
  readonly #folders = new Map<string, string>()
  #forgetAtMs = 0

  constructor(decoder: Decoder, concerns: (path: string) => boolean) {
    this.#decoder = decoder
    this.#concerns = concerns
  }

  /** The record of a call that is about something watched. */
  resolve(chunk: Chunk, at: number, nowMs: number): FileAccessRecord | undefined {
    if (nowMs > this.#forgetAtMs || this.#folders.size > MAX_FOLDERS) {
      this.#folders.clear()
      this.#forgetAtMs = nowMs + FORGET_AFTER_MS
    }
    const { halves } = chunk
    const byte = at * 4
    let start = byte + pathLayout.dataByte
    const next = (index: number) => {
      const baseLength = halves[((byte + pathLayout.baseLengthByte) >> 1) + index] as number
      const pathLength = halves[((byte + pathLayout.pathLengthByte) >> 1) + index] as number
      if (pathLength === 0) return undefined
      const base = this.#decoder.paths.path(chunk, start, baseLength)
      const given = chunk.bytes.toString('utf8', start + baseLength, start + baseLength + pathLength - 1)
      start += baseLength + pathLength
      return { base, given }
    }
    const first = next(0)
    if (!first) return undefined
    const second = next(1)
    const operation = operations[chunk.words[at + pathLayout.operation] as number] ?? 'attributes'
    const newPath = second && this.#follow(second.base, second.given)
    let path = this.#follow(first.base, first.given)
    if (!this.#concerns(path) && (newPath === undefined || !this.#concerns(newPath))) {
      // These follow a link in the last place, too.
      if (operation !== 'attributes' && operation !== 'write') return undefined
      path = realPath(path) ?? path
      if (!this.#concerns(path)) return undefined
    }
    return {
      source: 'ebpf',
      type: 'file',
      timeMs: this.#decoder.time(chunk, at),
      process: actor(chunk, at),
      operation,
      path,
      ...(newPath !== undefined && { newPath }),
    }
  }

  /** The path without links in its folders. */
  #follow(base: string, given: string): string {
    // Trailing slashes do not change what is meant.
    const full = `${base}/${given}`.replace(/\/+$/, '') || '/'
    const last = basename(full)
    if (last === '.' || last === '..' || full === '/') return realPath(full) ?? normalize(full)
    const folder = this.#folder(dirname(full))
    return folder === '/' ? `/${last}` : `${folder}/${last}`
  }

  #folder(folder: string): string {
    let real = this.#folders.get(folder)
    if (real === undefined) {
      real = realPath(folder) ?? normalize(folder)
      this.#folders.set(folder, real)
    }
    return real
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path)
  } catch {
    return undefined
  }
}
