import { maskAddress } from '@vedette/formats'

const FREE = 0
/** Kinds of key: a family and a prefix length. 0 is a free slot. */
const V6 = 34

/**
 * A hash table from address ranges to numbers, 21 bytes a slot. An address is asked for once for each prefix length that
 * is in use, so that every range in which it lies is found and ranges come and go one at a time.
 */
export class AddressTable {
  readonly #seed: number
  #words = new Uint32Array(4 * 64)
  #kinds = new Uint8Array(64)
  #heads = new Int32Array(64)
  #used = 0
  #live = 0
  /** How many live keys there are of each kind. */
  readonly #counts = new Uint32Array(V6 + 129)
  #kindsInUse: readonly number[] = []
  readonly #scratch = new Uint32Array(4)

  /** @param seed 32 random bits */
  constructor(seed: number) {
    this.#seed = seed | 0
  }

  get size(): number {
    return this.#live
  }

  get bytes(): number {
    return this.#words.byteLength + this.#kinds.byteLength + this.#heads.byteLength
  }

  /** Adds the numbers of every range that holds the address, the narrowest first. */
  find(family: 4 | 6, words: Uint32Array, found: number[]): void {
    for (const kind of this.#kindsInUse) {
      if (kind >= V6 !== (family === 6)) continue
      this.#scratch.set(words)
      maskAddress(family, this.#scratch, prefixOf(kind))
      const slot = this.#find(kind, this.#scratch)
      if (this.#kinds[slot] !== FREE && (this.#heads[slot] ?? -1) >= 0) found.push(this.#heads[slot] ?? 0)
    }
  }

  /** The number of exactly this range; -1 where it has none. Bits below the prefix are 0. */
  get(family: 4 | 6, words: Uint32Array, prefix: number): number {
    const slot = this.#find(kindOf(family, prefix), words)
    return this.#kinds[slot] === FREE ? -1 : (this.#heads[slot] ?? -1)
  }

  /** Sets the number of a range, from 0 up; -1 takes it away. */
  set(family: 4 | 6, words: Uint32Array, prefix: number, value: number): void {
    const kind = kindOf(family, prefix)
    let slot = this.#find(kind, words)
    let before = -1
    if (this.#kinds[slot] === FREE) {
      if (value < 0) return
      if ((this.#used + 1) * 10 > this.#kinds.length * 7) {
        this.#rebuild()
        slot = this.#find(kind, words)
      }
      this.#kinds[slot] = kind
      for (let k = 0; k < 4; k += 1) this.#words[4 * slot + k] = words[k] ?? 0
      this.#used += 1
    } else before = this.#heads[slot] ?? -1
    this.#heads[slot] = value
    const change = Number(value >= 0) - Number(before >= 0)
    if (change === 0) return
    this.#live += change
    const count = (this.#counts[kind] ?? 0) + change
    this.#counts[kind] = count
    if (count === 0 || (count === 1 && change === 1)) {
      this.#kindsInUse = [...this.#counts.keys()].filter((k) => this.#counts[k] !== 0).reverse()
    }
  }

  #find(kind: number, words: Uint32Array): number {
    const mask = this.#kinds.length - 1
    let slot = this.#hash(kind, words, 0) & mask
    for (;;) {
      const there = this.#kinds[slot] ?? FREE
      if (there === FREE) return slot
      if (there === kind) {
        const at = 4 * slot
        if (
          this.#words[at] === words[0] &&
          this.#words[at + 1] === words[1] &&
          this.#words[at + 2] === words[2] &&
          this.#words[at + 3] === words[3]
        )
          return slot
      }
      slot = (slot + 1) & mask
    }
  }

  #hash(kind: number, words: Uint32Array, at: number): number {
    let hash = this.#seed ^ Math.imul(kind, 0x2c1b3c6d)
    for (let k = at; k < at + 4; k += 1) {
      hash = Math.imul(hash ^ (words[k] ?? 0), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    hash = Math.imul(hash, 0x85ebca6b)
    return (hash ^ (hash >>> 13)) >>> 0
  }

  /** Leaves out what has no number any more; twice the room for the rest. */
  #rebuild(): void {
    const [words, kinds, heads] = [this.#words, this.#kinds, this.#heads]
    let size = 64
    while (size < (this.#live + 1) * 2) size *= 2
    this.#words = new Uint32Array(4 * size)
    this.#kinds = new Uint8Array(size)
    this.#heads = new Int32Array(size)
    for (let old = 0; old < kinds.length; old += 1) {
      const kind = kinds[old] ?? FREE
      if (kind === FREE || (heads[old] ?? -1) < 0) continue
      let slot = this.#hash(kind, words, 4 * old) & (size - 1)
      while (this.#kinds[slot] !== FREE) slot = (slot + 1) & (size - 1)
      this.#kinds[slot] = kind
      this.#heads[slot] = heads[old] ?? 0
      this.#words.set(words.subarray(4 * old, 4 * old + 4), 4 * slot)
    }
    this.#used = this.#live
  }
}

function kindOf(family: 4 | 6, prefix: number): number {
  return family === 4 ? prefix + 1 : prefix + V6
}

function prefixOf(kind: number): number {
  return kind >= V6 ? kind - V6 : kind - 1
}
