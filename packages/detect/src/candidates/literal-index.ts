import { fold } from '../condition/fold.ts'
import { addRules, type RuleBits } from './rule-bits.ts'

/** Folded text, and the rules of which it is a witness. */
export interface Literal {
  /** Not empty. */
  readonly text: string
  /** Where it has to stand: anywhere, at the start, at the end, or as all of the text. */
  readonly how: 'part' | 'start' | 'end' | 'whole'
  /** Positions of rules. */
  readonly rules: readonly number[]
}

/** What is shorter is asked for one by one, or by its first unit outside ASCII. */
const LEAST = 4
const LEAST_GRAM = 3
/** Parts from this length on have a table of their own where there are many. */
const LONG = 8
const MANY = 400
/** So few parts are asked for one by one. */
const FEW = 2
/** What stands in texts as they come is looked at in vain more often than what stands in other literals. */
const SAMPLE_WEIGHT = 8
/** A filter has a byte for each of so many hashes, as a power of two: some sixteen times its entries, within these bounds. */
const LEAST_FILTER_BITS = 8
const MOST_FILTER_BITS = 16
const MULTIPLIER = 0x9e3779b1
/** The bit by which ASCII's cases differ. Other bytes that become alike by it are told apart later. */
const CASE = 0x20202020

/**
 * Which of many literals stand in a text, found without asking for each.
 *
 * Three or four bytes at every n-th place of the text, taken as one number, are looked up by their hash; what the table
 * names is verified. Of a literal so many neighbouring places are in the table that one of them is looked at. The bytes are the low halves of UTF-16 units, of folded text where it is not ASCII, and ASCII's case is taken
 * out of the number: different texts may look the same until they are verified, and equal ones always do. What stands at
 * an end, or is the whole, takes one look-up.
 */
export class LiteralIndex {
  readonly #tables: readonly GramTable[]
  readonly #few: readonly Literal[]
  readonly #starts = new Map<number, Literal[]>()
  readonly #ends = new Map<number, Literal[]>()
  readonly #shortWholes = new Map<string, Literal>()
  /** Literals of one to three units, of ASCII alone. */
  readonly #short: Literal[] = []
  /** Those of them that no table has. */
  readonly #left: readonly Literal[]
  /** The others of one to three units, by a unit outside ASCII: only such text can have one. */
  readonly #shortByUnit = new Map<number, Literal[]>()

  /**
   * @param literals none twice
   * @param sample texts as they come: of each literal those bytes are looked for that stand seldom in them
   */
  constructor(literals: readonly Literal[], sample = '') {
    const long: Literal[] = []
    const middle: Literal[] = []
    for (const literal of literals) {
      const { text, how } = literal
      if (text.length >= LEAST) {
        if (how === 'part') (text.length >= LONG ? long : middle).push(literal)
        else if (how === 'start') push(this.#starts, gramOf(text, 0, 4), literal)
        else push(this.#ends, gramOf(text, text.length - 4, 4), literal)
      } else if (how === 'whole') {
        this.#shortWholes.set(text, literal)
      } else {
        const unit = unitOutsideAscii(text)
        if (unit === undefined) this.#short.push(literal)
        else push(this.#shortByUnit, unit, literal)
      }
    }
    const triples = this.#short.filter(({ text, how }) => how === 'part' && text.length === LEAST_GRAM)
    // Asked for one by one these take longer than the places that have to be looked at for them.
    const inTable = triples.length > FEW && long.length + middle.length > FEW
    if (inTable) middle.push(...triples)
    this.#left = inTable ? this.#short.filter((literal) => !triples.includes(literal)) : this.#short
    // Three bytes tell little apart where there are many literals, and let more places be left out where there are few.
    const parts = [...long, ...middle]
    const folded = fold(sample)
    if (parts.length <= FEW) this.#tables = []
    else if (parts.length <= MANY) this.#tables = [new GramTable(parts, 3, folded)]
    else if (middle.length <= FEW) this.#tables = [new GramTable(long, 4, folded)]
    else this.#tables = [new GramTable(long, 4, folded), new GramTable(middle, 3, folded)]
    this.#few = parts.length <= FEW ? parts : parts.length > MANY && middle.length <= FEW ? middle : []
  }

  /** Adds the rules of every literal that stands in the text. */
  search(text: string, found: RuleBits): void {
    const { length } = text
    if (length < LEAST) {
      if (length > 0) this.#searchShort(fold(text), found)
      return
    }
    const bytes = scratchFor(length * 3 + 4)
    // As many bytes as units: ASCII alone.
    const isAscii = bytes.write(text, 0, 'utf8') === length
    let folded: string | undefined
    if (!isAscii) {
      folded = fold(text)
      bytes.write(folded, 0, 'latin1')
    }
    const view = scratchView
    if (this.#starts.size > 0) {
      const list = this.#starts.get(view.getInt32(0, true) | CASE)
      if (list) {
        folded ??= text.toLowerCase()
        for (const { text: start, rules } of list) if (folded.startsWith(start)) addRules(found, rules)
      }
    }
    if (this.#ends.size > 0) {
      const list = this.#ends.get(view.getInt32(length - LEAST, true) | CASE)
      if (list) {
        folded ??= text.toLowerCase()
        for (const literal of list) if (stands(literal, folded)) addRules(found, literal.rules)
      }
    }
    for (const table of this.#tables) folded = table.search(view, text, folded, found)
    if (this.#few.length > 0 || this.#left.length > 0) {
      folded ??= text.toLowerCase()
      for (const { text: part, rules } of this.#few) if (folded.includes(part)) addRules(found, rules)
      for (const literal of this.#left) if (stands(literal, folded)) addRules(found, literal.rules)
    }
    if (!isAscii && this.#shortByUnit.size > 0) this.#searchByUnit(folded ?? '', found)
  }

  /** Places that looked like a literal and had to be looked at closer. */
  get verified(): number {
    let sum = 0
    for (const { verified } of this.#tables) sum += verified
    return sum
  }

  #searchShort(folded: string, found: RuleBits): void {
    const whole = this.#shortWholes.get(folded)
    if (whole) addRules(found, whole.rules)
    for (const literal of this.#short) if (stands(literal, folded)) addRules(found, literal.rules)
    if (this.#shortByUnit.size > 0) this.#searchByUnit(folded, found)
  }

  #searchByUnit(folded: string, found: RuleBits): void {
    for (let i = 0; i < folded.length; i += 1) {
      const unit = folded.charCodeAt(i)
      if (unit <= LAST_ASCII) continue
      const list = this.#shortByUnit.get(unit)
      if (list) for (const literal of list) if (standsAt(literal, folded, i)) addRules(found, literal.rules)
    }
  }
}

/** Parts by the hash of some of their bytes. */
class GramTable {
  verified = 0
  readonly #parts: readonly Literal[]
  readonly #gram: 3 | 4
  readonly #mask: number
  readonly #stride: number
  /** One for each hash that an entry has; small enough to stay in the nearest caches. */
  readonly #filter: Uint8Array
  readonly #filterShift: number
  /** Entries: the bytes, which part they are of, where they begin in it, the next entry of the chain plus one. */
  readonly #heads: Int32Array
  readonly #shift: number
  readonly #grams: Int32Array
  readonly #partOf: Int32Array
  readonly #places: Int32Array
  readonly #next: Int32Array
  /** The first and the last four bytes of each part that has as many. */
  readonly #firsts: Int32Array
  readonly #lasts: Int32Array

  /**
   * @param gram how many bytes are looked at together
   * @param sample folded
   */
  constructor(parts: readonly Literal[], gram: 3 | 4, sample: string) {
    const stride = Math.min(...parts.map(({ text }) => text.length)) - gram + 1
    this.#parts = parts
    this.#gram = gram
    this.#mask = gram === 4 ? -1 : 0xffffff
    this.#stride = stride
    const entries = parts.length * stride
    const bits = Math.min(16, Math.max(6, Math.ceil(Math.log2(entries + 1)) + 1))
    const filterBits = Math.min(MOST_FILTER_BITS, Math.max(LEAST_FILTER_BITS, bits + 4))
    this.#shift = 32 - bits
    this.#filterShift = 32 - filterBits
    this.#heads = new Int32Array(1 << bits)
    this.#filter = new Uint8Array(1 << filterBits)
    this.#grams = new Int32Array(entries)
    this.#partOf = new Int32Array(entries)
    this.#places = new Int32Array(entries)
    this.#next = new Int32Array(entries)
    this.#firsts = Int32Array.from(parts, ({ text }) => gramOf(text, 0, LEAST))
    this.#lasts = Int32Array.from(parts, ({ text }) => gramOf(text, Math.max(0, text.length - LEAST), LEAST))
    const all = new Grams(parts, gram, sample)
    let entry = 0
    let start = 0
    for (const [part, { text }] of parts.entries()) {
      const places = text.length - gram + 1
      const first = all.rarest(start, places, stride)
      for (let at = first; at < first + stride; at += 1) {
        const bytes = all.grams[start + at] as number
        const hash = Math.imul(bytes, MULTIPLIER)
        const place = hash >>> this.#shift
        this.#filter[hash >>> this.#filterShift] = 1
        this.#grams[entry] = bytes
        this.#partOf[entry] = part
        this.#places[entry] = at
        this.#next[entry] = this.#heads[place] ?? 0
        entry += 1
        this.#heads[place] = entry
      }
      start += places
    }
  }

  /**
   * Returns the folded text where it had to be made.
   *
   * @param view has a byte for each unit of the text, and room behind it
   */
  search(view: DataView, text: string, given: string | undefined, found: RuleBits): string | undefined {
    const filter = this.#filter
    const shift = this.#filterShift
    const stride = this.#stride
    const mask = this.#mask
    const last = text.length - this.#gram
    const twice = 2 * stride
    const thrice = 3 * stride
    let folded = given
    let i = 0
    // Four places in one go and one question for all of them, which is seldom answered by yes.
    for (const end = last - thrice; i <= end; i += 4 * stride) {
      const a = Math.imul((view.getInt32(i, true) | CASE) & mask, MULTIPLIER) >>> shift
      const b = Math.imul((view.getInt32(i + stride, true) | CASE) & mask, MULTIPLIER) >>> shift
      const c = Math.imul((view.getInt32(i + twice, true) | CASE) & mask, MULTIPLIER) >>> shift
      const d = Math.imul((view.getInt32(i + thrice, true) | CASE) & mask, MULTIPLIER) >>> shift
      const inA = filter[a] as number
      const inB = filter[b] as number
      const inC = filter[c] as number
      const inD = filter[d] as number
      if ((inA | inB | inC | inD) === 0) continue
      if (inA !== 0) folded = this.#verify(view, i, text, folded, found)
      if (inB !== 0) folded = this.#verify(view, i + stride, text, folded, found)
      if (inC !== 0) folded = this.#verify(view, i + twice, text, folded, found)
      if (inD !== 0) folded = this.#verify(view, i + thrice, text, folded, found)
    }
    for (; i <= last; i += stride) {
      const place = Math.imul((view.getInt32(i, true) | CASE) & mask, MULTIPLIER) >>> shift
      if (filter[place] !== 0) folded = this.#verify(view, i, text, folded, found)
    }
    return folded
  }

  #verify(
    view: DataView,
    i: number,
    text: string,
    given: string | undefined,
    found: RuleBits,
  ): string | undefined {
    const bytes = (view.getInt32(i, true) | CASE) & this.#mask
    this.verified += 1
    let folded = given
    let entry = this.#heads[Math.imul(bytes, MULTIPLIER) >>> this.#shift] as number
    while (entry !== 0) {
      entry -= 1
      const start = i - (this.#places[entry] as number)
      if (this.#grams[entry] === bytes && start >= 0) {
        const number = this.#partOf[entry] as number
        const part = this.#parts[number] as Literal
        const end = start + part.text.length
        // Its first and its last bytes tell nearly all others apart, without a call.
        const isLikely =
          end <= text.length &&
          (part.text.length < LEAST ||
            ((view.getInt32(start, true) | CASE) === this.#firsts[number] &&
              (view.getInt32(end - LEAST, true) | CASE) === this.#lasts[number]))
        if (isLikely) {
          folded ??= text.toLowerCase()
          if (folded.startsWith(part.text, start)) addRules(found, part.rules)
        }
      }
      entry = this.#next[entry] as number
    }
    return folded
  }
}

/** The bytes at every place of some texts, one text after the other, and about how often each stands in them and a sample. */
class Grams {
  readonly grams: Int32Array
  /** By a hash: those that share a place count together, which makes a choice a little worse and never wrong. */
  readonly #counts: Int32Array
  readonly #shift: number

  constructor(parts: readonly Literal[], gram: 3 | 4, sample: string) {
    let total = 0
    for (const { text } of parts) total += text.length - gram + 1
    const bits = Math.min(18, Math.max(6, Math.ceil(Math.log2(total + sample.length + 1)) + 1))
    const grams = new Int32Array(total)
    const counts = new Int32Array(1 << bits)
    const shift = 32 - bits
    let filled = 0
    const count = (text: string, weight: number, keep: boolean): void => {
      let bytes = 0
      for (let i = 0; i < text.length; i += 1) {
        bytes = (bytes >>> 8) | (((text.charCodeAt(i) & 0xff) | 0x20) << (8 * (gram - 1)))
        if (i < gram - 1) continue
        if (keep) {
          grams[filled] = bytes
          filled += 1
        }
        const place = Math.imul(bytes, MULTIPLIER) >>> shift
        counts[place] = (counts[place] as number) + weight
      }
    }
    for (const { text } of parts) count(text, 1, true)
    count(sample, SAMPLE_WEIGHT, false)
    this.grams = grams
    this.#counts = counts
    this.#shift = shift
  }

  /** Where `stride` neighbouring places begin whose bytes stand seldom elsewhere, of the text whose places begin at `start`. */
  rarest(start: number, places: number, stride: number): number {
    let sum = 0
    for (let at = 0; at < stride; at += 1) sum += this.#countAt(start + at)
    let least = sum
    let best = 0
    for (let first = 1; first + stride <= places; first += 1) {
      sum += this.#countAt(start + first + stride - 1) - this.#countAt(start + first - 1)
      if (sum >= least) continue
      least = sum
      best = first
    }
    return best
  }

  #countAt(at: number): number {
    return this.#counts[Math.imul(this.grams[at] as number, MULTIPLIER) >>> this.#shift] as number
  }
}

const LAST_ASCII = 0x7f
const KEPT_SCRATCH = 1 << 22
const LEAST_SCRATCH = 1 << 16
let scratch = Buffer.alloc(0)
let scratchView = new DataView(scratch.buffer)

/** Room for so many bytes, and `scratchView` over it. What is larger than most is given back. */
function scratchFor(size: number): Buffer {
  if (scratch.length < size || (scratch.length > KEPT_SCRATCH && size <= LEAST_SCRATCH)) {
    scratch = Buffer.allocUnsafeSlow(Math.max(size, LEAST_SCRATCH))
    scratchView = new DataView(scratch.buffer)
  }
  return scratch
}

export function stands({ how, text }: Literal, folded: string): boolean {
  if (how === 'start') return folded.startsWith(text)
  if (how === 'end') return folded.endsWith(text)
  return how === 'part' ? folded.includes(text) : folded === text
}

/** Whether a literal stands with its unit outside ASCII at a place. */
function standsAt(literal: Literal, folded: string, at: number): boolean {
  if (literal.how !== 'part') return stands(literal, folded)
  for (let start = Math.max(0, at - 2); start <= at; start += 1) {
    if (folded.startsWith(literal.text, start)) return true
  }
  return false
}

/** Bytes of a folded text from a place on, as a little-endian number with ASCII's case taken out. */
function gramOf(text: string, at: number, length: number): number {
  let gram = 0
  for (let i = length - 1; i >= 0; i -= 1) gram = (gram << 8) | ((text.charCodeAt(at + i) & 0xff) | 0x20)
  return gram
}

function unitOutsideAscii(text: string): number | undefined {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > LAST_ASCII) return text.charCodeAt(i)
  return undefined
}

function push(map: Map<number, Literal[]>, key: number, literal: Literal): void {
  const list = map.get(key)
  if (list) list.push(literal)
  else map.set(key, [literal])
}
