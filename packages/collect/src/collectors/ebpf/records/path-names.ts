import type { Chunk } from './chunk.ts'

const RECENT_PATHS = 256

/** Paths from the names that the kernel walked from their end to their start. Remembers them: the same few come again and again. */
export class PathNames {
  readonly #paths = new Map<string, string>()
  /** Paths of files told last, by inode. */
  readonly #recent: ({ length: number; words: Uint32Array; path: string } | undefined)[] = []

  /** As `path`, for a file that has likely been told a moment ago: then its bytes are compared, not decoded. */
  pathOfFile(chunk: Chunk, start: number, length: number, inode: number): string {
    const slot = inode % RECENT_PATHS
    const recent = this.#recent[slot]
    if (recent?.length === length && isSame(chunk.words, start >> 2, recent.words, length)) return recent.path
    const path = this.path(chunk, start, length)
    this.#recent[slot] = { length, path, words: chunk.words.slice(start >> 2, (start + length + 3) >> 2) }
    return path
  }

  /** The path whose names stand there from its end to its start; `/` when there are none. */
  path({ bytes }: Chunk, start: number, length: number): string {
    if (length === 0) return '/'
    const names = bytes.toString('utf8', start, start + length)
    const known = this.#paths.get(names)
    if (known !== undefined) return known
    let path = ''
    for (let end = names.length - 1; end >= 0;) {
      const begin = names.lastIndexOf('\0', end - 1) + 1
      path += `/${names.slice(begin, end)}`
      end = begin - 1
    }
    if (this.#paths.size >= 4096) this.#paths.clear()
    this.#paths.set(names, path)
    return path
  }
}

/** Whether two texts of a length, each at the start of a word, are the same. What follows them in the last word is not. */
function isSame(words: Uint32Array, at: number, others: Uint32Array, length: number): boolean {
  const whole = length >> 2
  for (let i = 0; i < whole; i += 1) if (words[at + i] !== others[i]) return false
  const mask = (1 << ((length & 3) * 8)) - 1
  return mask === 0 || ((words[at + whole] as number) & mask) === ((others[whole] as number) & mask)
}
