import { hexDigit } from '@vedette/formats'

const FREE = 0

/**
 * A hash table from short texts to numbers in few bytes: about 20 bytes a key beside the text itself, which stands in one
 * arena of bytes (two hexadecimal digits a byte where the text is a hash). Open addressing over 64 bits of hash; a hit is
 * verified with the text. A text with characters beyond Latin-1 lies in an ordinary map.
 */
export class TextTable {
  readonly #seed: number
  #slots = new Int32Array(64)
  #high = new Uint32Array(64)
  #used = 0
  #heads = new Int32Array(32)
  #offsets = new Uint32Array(32)
  #lengths = new Uint16Array(32)
  #tags = new Uint8Array(32)
  #keys = 0
  #live = 0
  #arena = new Uint8Array(1024)
  #arenaUsed = 0
  readonly #rare = new Map<string, number>()
  // Of the last call of #hash.
  #low = 0
  #upper = 0

  /** @param seed 32 random bits, so that who writes a feed cannot choose texts that collide */
  constructor(seed: number) {
    this.#seed = seed | 0
  }

  /** Keys that have a number. */
  get size(): number {
    return this.#live + this.#rare.size
  }

  /**
   * The number of the part of `text` from `start` to `end` under a tag; -1 where there is none.
   *
   * @param packed the text is hexadecimal digits
   */
  get(tag: number, packed: boolean, text: string, start = 0, end = text.length): number {
    if (!this.#hash(tag, text, start, end)) return this.#rare.get(rareKey(tag, text.slice(start, end))) ?? -1
    const slot = this.#find(tag, packed, text, start, end)
    const key = this.#slots[slot] ?? FREE
    return key === FREE ? -1 : (this.#heads[key - 1] ?? -1)
  }

  /** Sets the number of a text, from 0 up; -1 takes it away. A text is at most 65,535 long. */
  set(tag: number, packed: boolean, text: string, value: number): void {
    if (!this.#hash(tag, text, 0, text.length)) {
      if (value < 0) this.#rare.delete(rareKey(tag, text))
      else this.#rare.set(rareKey(tag, text), value)
      return
    }
    let slot = this.#find(tag, packed, text, 0, text.length)
    const known = this.#slots[slot] ?? FREE
    if (known !== FREE) {
      const before = this.#heads[known - 1] ?? -1
      this.#heads[known - 1] = value
      this.#live += Number(value >= 0) - Number(before >= 0)
      return
    }
    if (value < 0) return
    if ((this.#used + 1) * 10 > this.#slots.length * 7) {
      this.#rebuild()
      this.#hash(tag, text, 0, text.length)
      slot = this.#find(tag, packed, text, 0, text.length)
    }
    this.#roomForKey()
    const key = this.#keys
    this.#keys += 1
    this.#heads[key] = value
    this.#tags[key] = tag | (packed ? 0x80 : 0)
    this.#offsets[key] = this.#arenaUsed
    this.#lengths[key] = text.length
    this.#write(packed, text)
    this.#slots[slot] = key + 1
    this.#high[slot] = this.#upper
    this.#used += 1
    this.#live += 1
  }

  /** Bytes that it holds. */
  get bytes(): number {
    return (
      this.#slots.byteLength +
      this.#high.byteLength +
      this.#heads.byteLength +
      this.#offsets.byteLength +
      this.#lengths.byteLength +
      this.#tags.byteLength +
      this.#arena.byteLength
    )
  }

  /** False where a character does not fit a byte; then the hash means nothing. */
  #hash(tag: number, text: string, start: number, end: number): boolean {
    let a = this.#seed ^ Math.imul(tag, 0x2c1b3c6d)
    let b = ~this.#seed ^ Math.imul(tag, 0x297a2d39)
    let seen = 0
    for (let i = start; i < end; i += 1) {
      const code = text.charCodeAt(i)
      seen |= code
      a = Math.imul(a ^ code, 0x9e3779b1)
      a = (a << 13) | (a >>> 19)
      b = Math.imul(b ^ code, 0x5f356495)
      b = (b << 7) | (b >>> 25)
    }
    a = Math.imul(a ^ (b >>> 15), 0x85ebca6b)
    b = Math.imul(b ^ (a >>> 13), 0xc2b2ae35)
    this.#low = (a ^ (b >>> 16)) >>> 0
    this.#upper = (b ^ (a >>> 16)) >>> 0
    return seen < 0x100
  }

  /** Where the text stands, or the free slot where it would. */
  #find(tag: number, packed: boolean, text: string, start: number, end: number): number {
    const mask = this.#slots.length - 1
    const full = tag | (packed ? 0x80 : 0)
    let slot = this.#low & mask
    for (;;) {
      const key = this.#slots[slot] ?? FREE
      if (key === FREE) return slot
      if (this.#high[slot] === this.#upper && this.#tags[key - 1] === full) {
        if (this.#lengths[key - 1] === end - start && this.#equals(key - 1, packed, text, start)) return slot
      }
      slot = (slot + 1) & mask
    }
  }

  #equals(key: number, packed: boolean, text: string, start: number): boolean {
    const offset = this.#offsets[key] ?? 0
    const length = this.#lengths[key] ?? 0
    const arena = this.#arena
    if (packed) {
      for (let i = 0; i < length; i += 2) {
        const byte = (hexDigit(text.charCodeAt(start + i)) << 4) | hexDigit(text.charCodeAt(start + i + 1))
        if (arena[offset + (i >> 1)] !== byte) return false
      }
      return true
    }
    for (let i = 0; i < length; i += 1) if (arena[offset + i] !== text.charCodeAt(start + i)) return false
    return true
  }

  #write(packed: boolean, text: string): void {
    const bytes = packed ? text.length >> 1 : text.length
    if (this.#arenaUsed + bytes > this.#arena.length) {
      this.#arena = grown(this.#arena, Math.max(this.#arenaUsed + bytes, this.#arena.length * 1.5))
    }
    let at = this.#arenaUsed
    if (packed) {
      for (let i = 0; i < text.length; i += 2) {
        this.#arena[at] = (hexDigit(text.charCodeAt(i)) << 4) | hexDigit(text.charCodeAt(i + 1))
        at += 1
      }
    } else {
      for (let i = 0; i < text.length; i += 1) {
        this.#arena[at] = text.charCodeAt(i)
        at += 1
      }
    }
    this.#arenaUsed = at
  }

  #roomForKey(): void {
    if (this.#keys < this.#heads.length) return
    const length = Math.ceil(this.#heads.length * 1.5)
    this.#heads = grown(this.#heads, length)
    this.#offsets = grown(this.#offsets, length)
    this.#lengths = grown(this.#lengths, length)
    this.#tags = grown(this.#tags, length)
  }

  /** Leaves out the keys that have no number any more, and gives the slots room for twice as many. */
  #rebuild(): void {
    const [keys, arena] = [this.#keys, this.#arena]
    const [heads, offsets, lengths, tags] = [this.#heads, this.#offsets, this.#lengths, this.#tags]
    if (this.#live * 2 < keys) {
      let kept = 0
      let used = 0
      for (let key = 0; key < keys; key += 1) {
        if ((heads[key] ?? -1) < 0) continue
        const tag = tags[key] ?? 0
        const length = lengths[key] ?? 0
        const bytes = tag >= 0x80 ? length >> 1 : length
        const from = offsets[key] ?? 0
        arena.copyWithin(used, from, from + bytes)
        heads[kept] = heads[key] ?? 0
        tags[kept] = tag
        lengths[kept] = length
        offsets[kept] = used
        used += bytes
        kept += 1
      }
      this.#keys = kept
      this.#arenaUsed = used
    }
    let size = 64
    while (size < (this.#keys + 1) * 2) size *= 2
    this.#slots = new Int32Array(size)
    this.#high = new Uint32Array(size)
    for (let key = 0; key < this.#keys; key += 1) {
      this.#rehash(key)
      let slot = this.#low & (size - 1)
      while (this.#slots[slot] !== FREE) slot = (slot + 1) & (size - 1)
      this.#slots[slot] = key + 1
      this.#high[slot] = this.#upper
    }
    this.#used = this.#keys
  }

  #rehash(key: number): void {
    const tag = this.#tags[key] ?? 0
    const offset = this.#offsets[key] ?? 0
    const length = this.#lengths[key] ?? 0
    const packed = tag >= 0x80
    const bytes = Buffer.from(
      this.#arena.buffer,
      this.#arena.byteOffset + offset,
      packed ? length >> 1 : length,
    )
    this.#hash(tag & 0x7f, packed ? bytes.toString('hex') : bytes.toString('latin1'), 0, length)
  }
}

function rareKey(tag: number, text: string): string {
  return `${tag} ${text}`
}

/** A longer copy of an array of numbers. */
export function grown<T extends Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array>(
  array: T,
  length: number,
): T {
  const longer = new (array.constructor as new (length: number) => T)(Math.ceil(length))
  longer.set(array)
  return longer
}
