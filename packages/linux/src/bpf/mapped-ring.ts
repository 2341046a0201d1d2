import type { BpfMap } from './bpf-object.ts'
import { MemoryMap, pageSize } from './memory-map.ts'

/** Bytes before each record of a ring and of a chunk: its length with two flags, and a page number. */
export const RECORD_HEADER = 8
/** The record is still being written. */
const BUSY = 0x8000_0000
/** The record was given up by its writer. */
export const DISCARDED = 0x4000_0000
/** The rest of the header's first word: the length of the record, without its header and padding. */
export const RECORD_LENGTH = 0x3fff_ffff

/**
 * The reader's side of a BPF ring buffer, in mapped memory: finding and taking records needs no system call
 * (Documentation/bpf/ringbuf.rst). One reader at a time, in one thread.
 *
 * The kernel maps the data twice in a row, so whatever lies between two positions is contiguous.
 */
export class MappedRing implements Disposable {
  readonly fd: number
  /** Bytes of the ring. */
  readonly size: number
  readonly #consumerMemory: MemoryMap
  readonly #producerMemory: MemoryMap
  readonly #consumed: BigInt64Array
  readonly #produced: BigInt64Array
  readonly #bytes: Uint8Array
  readonly #words: Int32Array
  /** The position up to which records were taken. */
  #position: bigint

  constructor(map: BpfMap) {
    const page = pageSize()
    this.fd = map.fd
    this.size = map.maxEntries
    this.#consumerMemory = new MemoryMap(map.fd, page, { writable: true })
    this.#producerMemory = new MemoryMap(map.fd, page + 2 * this.size, { offset: page, writable: false })
    this.#consumed = new BigInt64Array(this.#consumerMemory.buffer, 0, 1)
    this.#produced = new BigInt64Array(this.#producerMemory.buffer, 0, 1)
    this.#bytes = new Uint8Array(this.#producerMemory.buffer, page)
    this.#words = new Int32Array(this.#producerMemory.buffer, page)
    this.#position = Atomics.load(this.#consumed, 0)
  }

  /** Where the next record will be taken. */
  get position(): bigint {
    return this.#position
  }

  /** Where the next record will be put. Never goes back. */
  produced(): bigint {
    return Atomics.load(this.#produced, 0)
  }

  /**
   * Takes whole records, at most up to `limit` and at most `maxBytes` of them, and frees their place.
   *
   * @param visit told of each record's place in the chunk (behind its header) and its length
   * @returns a copy of the records, each behind its header and padded to 8 bytes; undefined when there is none
   */
  take(
    limit: bigint,
    maxBytes: number,
    visit?: (words: Int32Array, at: number) => void,
  ): Uint8Array<ArrayBuffer> | undefined {
    const mask = this.size - 1
    const start = Number(this.#position & BigInt(mask))
    const available = Math.min(Number(limit - this.#position), maxBytes)
    const words = this.#words
    let length = 0
    while (length < available) {
      const header = Atomics.load(words, (start + length) >> 2)
      if ((header & BUSY) !== 0) break
      const next = length + ((RECORD_HEADER + (header & RECORD_LENGTH) + 7) & ~7)
      if (next > available && length > 0) break
      if (visit && (header & DISCARDED) === 0) visit(words, (start + length + RECORD_HEADER) >> 2)
      length = next
    }
    if (length === 0) return undefined
    const chunk = this.#bytes.slice(start, start + length)
    this.#position += BigInt(length)
    Atomics.store(this.#consumed, 0, this.#position)
    return chunk
  }

  [Symbol.dispose](): void {
    this.#consumerMemory[Symbol.dispose]()
    this.#producerMemory[Symbol.dispose]()
  }
}
