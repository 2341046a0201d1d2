import { latin1 } from '../bytes/text.ts'
import { readHuffman } from './huffman.ts'
import { STATIC_TABLE } from './static-table.ts'

export type Header = readonly [name: string, value: string]

/** RFC 7541, 4.1: what a header counts besides its characters. */
const ENTRY_COST = 32
const DEFAULT_TABLE = 4096
/** What ends may agree on, and what is kept of it: of older entries only how much they count. */
const MOST_TABLE = 65_536
const MOST_KEPT = 6 * 1024
const MOST_ENTRIES = 1024
const MOST_NAME = 256
const MOST_VALUE = 2048

/** Headers as one end compresses them (RFC 7541). What cannot be read leaves it broken: all later headers build upon it. */
export class HeaderDecoder {
  isBroken = false
  /** The newest last; of those that are not kept what they count. */
  readonly #table: (Header | number)[] = []
  #size = 0
  #keptSize = 0
  /** How many of the oldest are not kept. */
  #dropped = 0
  #mostSize = DEFAULT_TABLE
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0

  /** A block of headers; each is handed to `take`. */
  read(block: Uint8Array, take: (name: string, value: string) => void): void {
    this.#bytes = block
    this.#at = 0
    while (this.#at < block.length && !this.isBroken) {
      const first = block[this.#at] ?? 0
      if (first >= 0x80) this.#hand(this.#entry(this.#integer(7)), take)
      else if (first >= 0x40) this.#hand(this.#add(this.#literal(6)), take)
      else if (first >= 0x20) this.#resize(this.#integer(5))
      else this.#hand(this.#literal(4), take)
    }
    this.#bytes = new Uint8Array(0)
  }

  #hand(header: Header | number | undefined, take: (name: string, value: string) => void): void {
    if (header === undefined) this.isBroken = true
    else if (typeof header === 'number') return
    else if (!this.isBroken) take(header[0].slice(0, MOST_NAME), header[1].slice(0, MOST_VALUE))
  }

  /** RFC 7541, 2.3.3. */
  #entry(index: number): Header | number | undefined {
    if (index <= STATIC_TABLE.length) return STATIC_TABLE[index - 1]
    return this.#table[this.#table.length - (index - STATIC_TABLE.length)]
  }

  #literal(prefixBits: number): Header | undefined {
    const index = this.#integer(prefixBits)
    const entry = index === 0 ? undefined : this.#entry(index)
    // Of one that is not kept the name is not known either.
    const name = index === 0 ? this.#string() : typeof entry === 'number' ? '' : entry?.[0]
    const value = this.#string()
    return name === undefined || value === undefined ? undefined : [name, value]
  }

  /** RFC 7541, 4.4. */
  #add(header: Header | undefined): Header | undefined {
    if (header === undefined) return undefined
    const cost = header[0].length + header[1].length + ENTRY_COST
    this.#evict(this.#mostSize - cost)
    if (cost <= this.#mostSize) {
      this.#table.push(header)
      this.#size += cost
      this.#keptSize += cost
      this.#dropOld()
      if (this.#table.length > MOST_ENTRIES) this.isBroken = true
    }
    return header
  }

  #evict(mostSize: number): void {
    let gone = 0
    while (gone < this.#table.length && this.#size > mostSize) {
      const oldest = this.#table[gone] ?? 0
      this.#size -= costOf(oldest)
      if (typeof oldest === 'number') this.#dropped -= 1
      else this.#keptSize -= costOf(oldest)
      gone += 1
    }
    if (gone > 0) this.#table.splice(0, gone)
  }

  #dropOld(): void {
    while (this.#keptSize > MOST_KEPT && this.#dropped < this.#table.length) {
      const cost = costOf(this.#table[this.#dropped] ?? 0)
      this.#table[this.#dropped] = cost
      this.#dropped += 1
      this.#keptSize -= cost
    }
  }

  #resize(mostSize: number): void {
    if (mostSize > MOST_TABLE) this.isBroken = true
    this.#mostSize = mostSize
    this.#evict(mostSize)
  }

  /** RFC 7541, 5.1. */
  #integer(prefixBits: number): number {
    const most = 2 ** prefixBits - 1
    let value = (this.#bytes[this.#at++] ?? 0) & most
    if (value < most) return value
    for (let shift = 1; shift < 2 ** 28; shift *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) break
      value += (byte & 0x7f) * shift
      if (byte < 0x80) return value
    }
    this.isBroken = true
    return 0
  }

  /** RFC 7541, 5.2. */
  #string(): string | undefined {
    const isHuffman = ((this.#bytes[this.#at] ?? 0) & 0x80) !== 0
    const length = this.#integer(7)
    if (this.isBroken || this.#at + length > this.#bytes.length) return undefined
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    // A value that is too long for the table has its whole length all the same, so it is not cut here.
    return isHuffman ? readHuffman(bytes) : latin1(bytes)
  }
}

function costOf(entry: Header | number): number {
  return typeof entry === 'number' ? entry : entry[0].length + entry[1].length + ENTRY_COST
}
