import { foldName, type IndicatorValue, readAddress, readRange, registeredDomain } from '@vedette/formats'
import { type IndicatorType, indicatorTypes } from '@vedette/model'
import { AddressTable } from './address-table.ts'
import { PatternTable } from './pattern-table.ts'
import { grown, TextTable } from './text-table.ts'

/** What can be seen in an event, each compared with indicators of some types. */
export type ObservableKind = 'hash' | 'address' | 'domain' | 'url' | 'path' | 'process_name'

/** What is kept of an indicator beside its value, in as few bytes as can be. */
export interface SetEntry extends IndicatorValue {
  /** Names it towards the outside; a whole number. */
  readonly number: number
  /** Position in a list of its owner's, for what many entries share. */
  readonly origin: number
  /** Milliseconds since the epoch, kept in whole seconds. */
  readonly validFrom: number
  readonly validUntil?: number
}

/** Tags of the text table. */
const TAGS: Partial<Record<IndicatorType, number>> = {
  sha256: 1,
  sha1: 2,
  md5: 3,
  domain: 4,
  domain_suffix: 5,
  registered_domain: 6,
  url: 7,
  path: 8,
  process_name: 9,
}
const NEVER = 0xffff_ffff
const MOST_LABELS = 40

/**
 * Values of indicators (or of allow entries) in memory: a million in about 100 MB. Several entries may have one value,
 * from several sources. Entries come and go one at a time and hold from the next question on.
 */
export class IndicatorSet {
  readonly #texts: TextTable
  readonly #addresses: AddressTable
  readonly #paths = new PatternTable()
  readonly #names = new PatternTable()
  readonly #words = new Uint32Array(4)
  readonly #heads: number[] = []
  #numbers = new Float64Array(32)
  #nexts = new Int32Array(32)
  #origins = new Uint32Array(32)
  #froms = new Uint32Array(32)
  #untils = new Uint32Array(32)
  #types = new Uint8Array(32)
  #used = 0
  #free = -1
  #size = 0

  /** @param seed 32 random bits */
  constructor(seed: number) {
    this.#texts = new TextTable(seed)
    this.#addresses = new AddressTable(seed)
  }

  get size(): number {
    return this.#size
  }

  /** Bytes of its tables. */
  get bytes(): number {
    return this.#texts.bytes + this.#addresses.bytes + this.#nexts.length * (8 + 4 * 4 + 1)
  }

  /**
   * Adds an entry; with a number that the value has already, it takes the place of the old one.
   *
   * @returns false where it cannot be kept: there are too many patterns already
   */
  add(entry: SetEntry): boolean {
    const head = this.#head(entry)
    for (let at = head; at >= 0; at = this.#nexts[at] ?? -1) {
      if (this.#numbers[at] === entry.number) {
        this.#write(at, entry)
        return true
      }
    }
    const at = this.#take()
    if (!this.#setHead(entry, at)) {
      this.#give(at)
      return false
    }
    this.#write(at, entry)
    this.#nexts[at] = head
    this.#size += 1
    return true
  }

  /** @returns whether it was there */
  remove(value: IndicatorValue, number: number): boolean {
    let before = -1
    for (let at = this.#head(value); at >= 0; at = this.#nexts[at] ?? -1) {
      if (this.#numbers[at] !== number) {
        before = at
        continue
      }
      const next = this.#nexts[at] ?? -1
      if (before < 0) this.#setHead(value, next)
      else this.#nexts[before] = next
      this.#give(at)
      this.#size -= 1
      return true
    }
    return false
  }

  /**
   * Adds the positions of all entries that name a thing and hold at a time.
   *
   * @param text in its one form: a hash and a domain in lower case, a URL as `urlForm` writes it
   * @param happened entries that ended before are left out
   * @param now entries that begin later are left out
   */
  find(kind: ObservableKind, text: string, happened: number, now: number, found: number[]): void {
    const heads = this.#heads
    heads.length = 0
    this.#findHeads(kind, text, heads)
    if (heads.length === 0) return
    const [happenedS, nowS] = [Math.floor(happened / 1000), Math.floor(now / 1000)]
    for (const head of heads) {
      for (let at = head; at >= 0; at = this.#nexts[at] ?? -1) {
        if ((this.#froms[at] ?? 0) <= nowS && (this.#untils[at] ?? 0) > happenedS) found.push(at)
      }
    }
  }

  /** What stands at a position that `find` gave. */
  entry(at: number): {
    readonly number: number
    readonly origin: number
    readonly type: IndicatorType
    readonly validFrom: number
  } {
    return {
      number: this.#numbers[at] ?? 0,
      origin: this.#origins[at] ?? 0,
      type: indicatorTypes[this.#types[at] ?? 0] ?? 'sha256',
      validFrom: (this.#froms[at] ?? 0) * 1000,
    }
  }

  #findHeads(kind: ObservableKind, text: string, heads: number[]): void {
    switch (kind) {
      case 'hash': {
        const tag = text.length === 64 ? 1 : text.length === 40 ? 2 : text.length === 32 ? 3 : 0
        if (tag !== 0) push(heads, this.#texts.get(tag, true, text))
        return
      }
      case 'address': {
        if (this.#addresses.size === 0) return
        const family = readAddress(text, this.#words)
        if (family !== 0) this.#addresses.find(family, this.#words, heads)
        return
      }
      case 'domain':
        this.#findDomain(text, heads)
        return
      case 'url':
        this.#findUrl(text, heads)
        return
      case 'path':
        push(heads, this.#texts.get(8, false, text))
        this.#paths.find(text, heads)
        return
      default: {
        const folded = foldName(text)
        push(heads, this.#texts.get(9, false, folded))
        this.#names.find(folded, heads)
      }
    }
  }

  #findDomain(text: string, heads: number[]): void {
    push(heads, this.#texts.get(4, false, text))
    let start = 0
    for (let labels = 0; labels < MOST_LABELS; labels += 1) {
      push(heads, this.#texts.get(5, false, text, start))
      const registered = this.#texts.get(6, false, text, start)
      // What is registered below a deeper public suffix belongs to somebody else.
      if (registered >= 0 && registeredDomain(text) === text.slice(start)) heads.push(registered)
      const dot = text.indexOf('.', start)
      if (dot < 0) return
      start = dot + 1
    }
  }

  /** With and without its scheme, with and without its query: an indicator that leaves one out means any. */
  #findUrl(text: string, heads: number[]): void {
    const bare = text.indexOf('//')
    const query = text.indexOf('?')
    push(heads, this.#texts.get(7, false, text))
    push(heads, this.#texts.get(7, false, text, bare))
    if (query < 0) return
    push(heads, this.#texts.get(7, false, text, 0, query))
    push(heads, this.#texts.get(7, false, text, bare, query))
  }

  #head({ type, value }: IndicatorValue): number {
    if (type === 'ipv4' || type === 'ipv6' || type === 'cidr') {
      const range = readRange(value, this.#words)
      return range ? this.#addresses.get(range.family, this.#words, range.prefix) : -1
    }
    const patterns = this.#patternsOf(type, value)
    return patterns ? patterns.get(value) : this.#texts.get(TAGS[type] ?? 0, isHash(type), value)
  }

  /** @returns false where there is no room, or the value is none of its type */
  #setHead({ type, value }: IndicatorValue, head: number): boolean {
    if (type === 'ipv4' || type === 'ipv6' || type === 'cidr') {
      const range = readRange(value, this.#words)
      if (!range) return false
      this.#addresses.set(range.family, this.#words, range.prefix, head)
      return true
    }
    const patterns = this.#patternsOf(type, value)
    if (patterns) return patterns.set(value, head)
    this.#texts.set(TAGS[type] ?? 0, isHash(type), value, head)
    return true
  }

  #patternsOf(type: IndicatorType, value: string): PatternTable | undefined {
    if (type === 'path') return PatternTable.isPattern(value) ? this.#paths : undefined
    if (type === 'process_name') return PatternTable.isPattern(value) ? this.#names : undefined
    return undefined
  }

  #write(at: number, { number, origin, validFrom, validUntil, type }: SetEntry): void {
    this.#numbers[at] = number
    this.#origins[at] = origin
    this.#froms[at] = Math.max(0, Math.floor(validFrom / 1000))
    this.#untils[at] = validUntil === undefined ? NEVER : Math.max(0, Math.ceil(validUntil / 1000))
    this.#types[at] = indicatorTypes.indexOf(type)
  }

  #take(): number {
    if (this.#free >= 0) {
      const at = this.#free
      this.#free = this.#nexts[at] ?? -1
      return at
    }
    if (this.#used === this.#nexts.length) {
      const length = this.#used * 1.5
      this.#numbers = grown(this.#numbers, length)
      this.#nexts = grown(this.#nexts, length)
      this.#origins = grown(this.#origins, length)
      this.#froms = grown(this.#froms, length)
      this.#untils = grown(this.#untils, length)
      this.#types = grown(this.#types, length)
    }
    this.#used += 1
    return this.#used - 1
  }

  #give(at: number): void {
    this.#nexts[at] = this.#free
    this.#free = at
  }
}

function push(heads: number[], head: number): void {
  if (head >= 0) heads.push(head)
}

function isHash(type: IndicatorType): boolean {
  return type === 'sha256' || type === 'sha1' || type === 'md5'
}
