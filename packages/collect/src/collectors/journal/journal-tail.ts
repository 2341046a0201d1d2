import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { JournalFile, type JournalRead } from '@vedette/formats/journal'

const PAGE_BYTES = 65_536
const MOST_PAGES = 64

/** A journal file that is read as it grows. Reads a few pages at a time from the page cache, so without waiting. */
export class JournalTail implements Disposable {
  readonly path: string
  /** Device and inode. */
  readonly key: string
  /** The entry to go on with. */
  next = 0
  readonly file: JournalFile
  readonly #descriptor: number
  readonly #pages: Map<number, Buffer>

  /** Opens a file; the reason where it is no journal that can be read. @throws where it may not be opened */
  static open(path: string): JournalTail | string {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const status = fstatSync(descriptor, { bigint: true })
      if (!status.isFile()) {
        closeSync(descriptor)
        return 'it is not a regular file'
      }
      const pages = new Map<number, Buffer>()
      const file = JournalFile.open((offset, length) => readPages(descriptor, pages, offset, length))
      if (typeof file === 'string') {
        closeSync(descriptor)
        return file
      }
      return new JournalTail(path, `${status.dev}:${status.ino}`, descriptor, pages, file)
    } catch (error) {
      closeSync(descriptor)
      throw error
    }
  }

  private constructor(
    path: string,
    key: string,
    descriptor: number,
    pages: Map<number, Buffer>,
    file: JournalFile,
  ) {
    this.path = path
    this.key = key
    this.#descriptor = descriptor
    this.#pages = pages
    this.file = file
  }

  /** Looks how many entries there are. Whether there is one that was not read. */
  look(): boolean {
    this.#pages.clear()
    this.file.refresh()
    return this.next < this.file.entries
  }

  read(most: number): JournalRead {
    const read = this.file.readFrom(this.next, most)
    this.next = read.next
    return read
  }

  /** Nothing will be written to it any more, and all was read. */
  get isDone(): boolean {
    return this.file.isArchived && this.next >= this.file.entries
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor)
  }
}

function readPages(
  descriptor: number,
  pages: Map<number, Buffer>,
  offset: number,
  length: number,
): Uint8Array {
  const first = Math.floor(offset / PAGE_BYTES)
  const last = Math.floor((offset + length - 1) / PAGE_BYTES)
  if (first === last) {
    const start = offset - first * PAGE_BYTES
    return pageOf(descriptor, pages, first).subarray(start, start + length)
  }
  const bytes = Buffer.alloc(Math.min(length, 8 * 1024 * 1024))
  return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, offset))
}

function pageOf(descriptor: number, pages: Map<number, Buffer>, number: number): Buffer {
  const known = pages.get(number)
  if (known !== undefined) return known
  const bytes = Buffer.alloc(PAGE_BYTES)
  // What a damaged reference leads to may be no place in any file.
  if (!Number.isSafeInteger(number * PAGE_BYTES)) return bytes.subarray(0, 0)
  const page = bytes.subarray(0, readSync(descriptor, bytes, 0, PAGE_BYTES, number * PAGE_BYTES))
  if (pages.size >= MOST_PAGES) pages.clear()
  pages.set(number, page)
  return page
}
