import { type FieldValue, readField, type Scalar, TextJoiner } from '../fields/event-view.ts'
import type { Field } from '../fields/field.ts'
import { EverywhereEntry, FieldEntry } from './field-entry.ts'
import { type IndexAllowance, LateLiteralIndex } from './late-literal-index.ts'
import type { Literal } from './literal-index.ts'
import { addRules, addWords, emptyBits, type RuleBits, toWords } from './rule-bits.ts'

/** Whether a predicate holds of a value. */
export type EntryTest = (entry: FieldEntry) => boolean

const TEXTS = 1024
const NUMBERS = 256
const NONE = new Int32Array(0)
const NO_NUMBERS = new Float64Array(0)
const NUMBER_SHIFT = 24
/** Longer values are not remembered, so that a table holds a megabyte at most. */
const LONGEST_REMEMBERED = 1024
/** A text from this length on is searched for keywords by itself: joining copies it. */
const LEAST_ALONE = 128
/** After so many values it is asked whether remembering is worth it; */
const TRIAL = 512
/** if fewer than one in eight was known, so many go by before the next trial. */
const PAUSE = 16_384

/**
 * One field of one lane: the literals and predicates that its rules ask of it, and what was found out about values that it
 * had lately. Values such as the paths of programs come again and again; tables are of fixed size, and a stream of values
 * that never come again only costs the trials.
 */
export class FieldColumn {
  readonly field: Field
  readonly slot: number
  /** Whether a value can make a rule a candidate. */
  readonly hasWitnesses: boolean
  /** The entry where the record has no such field. */
  readonly missing = new FieldEntry()
  /** Whether a literal could stand in a number that is written as text. */
  readonly #hasNumbers: boolean
  readonly #index: LateLiteralIndex | undefined
  #keywords: LateLiteralIndex | undefined
  readonly #present: readonly number[]
  readonly #tests: EntryTest[] = []
  readonly #rules: number
  readonly #texts: (FieldEntry | undefined)[] = []
  /** For each place of `#texts` the hash of the text that asked for it last: only what comes twice is remembered. */
  #asked = NONE
  readonly #numbers: (FieldEntry | undefined)[] = []
  #askedNumbers = NO_NUMBERS
  readonly #null = new FieldEntry()
  readonly #true = new FieldEntry()
  readonly #false = new FieldEntry()
  readonly #fresh = new FieldEntry()
  readonly #everywhere: EverywhereEntry | undefined
  /** For the field of keywords. */
  readonly joiner = new TextJoiner()
  /** The joined text that came twice, one after the other, and the rules of which a keyword stands in it. */
  #joined: string | undefined
  #joinedWords: Int32Array = NONE
  #joinedOnce: string | undefined
  #seen = 0
  #known = 0
  #pause = 0

  /**
   * @param present positions of rules that need the field to be there
   * @param rules how many rules the lane has
   * @param allowance of the lane
   */
  constructor(
    field: Field,
    slot: number,
    literals: readonly Literal[],
    present: readonly number[],
    rules: number,
    allowance: IndexAllowance,
  ) {
    this.field = field
    this.slot = slot
    this.hasWitnesses = literals.length > 0 || present.length > 0
    this.#index = literals.length > 0 ? new LateLiteralIndex(literals, allowance) : undefined
    this.#hasNumbers =
      field.source.type === 'everywhere' && literals.some(({ text }) => /^[\d.e+-]+$/.test(text))
    this.#present = present
    this.#rules = rules
    this.#everywhere = field.source.type === 'everywhere' ? new EverywhereEntry(field) : undefined
    this.missing.words = new Int32Array(0)
  }

  /** Adds a predicate; returns its number. */
  addTest(test: EntryTest): number {
    this.#tests.push(test)
    return this.#tests.length - 1
  }

  /** Puts a faster test of the same meaning in the place of one. */
  replaceTest(number: number, test: EntryTest): void {
    this.#tests[number] = test
  }

  holds(entry: FieldEntry, number: number): boolean {
    let { memo } = entry
    if (memo === undefined || number >= memo.length) {
      if (entry.words === undefined) return (this.#tests[number] as EntryTest)(entry)
      memo = this.#longerMemo(memo)
      entry.memo = memo
    }
    const known = memo[number]
    if (known !== 0) return known === 2
    const holds = (this.#tests[number] as EntryTest)(entry)
    memo[number] = holds ? 2 : 1
    return holds
  }

  /** Predicates are added when the first rule that has them is asked: there is room for as many again. */
  #longerMemo(memo: Uint8Array | undefined): Uint8Array {
    const longer = new Uint8Array(this.#tests.length * 2)
    if (memo) longer.set(memo)
    return longer
  }

  /** The entry of a value, good until the next call; rules of which a witness stands in it are added to `found`. */
  see(value: FieldValue, found: RuleBits): FieldEntry {
    if (typeof value === 'string') return this.#seeText(value, found)
    if (typeof value === 'number') return this.#seeNumber(value, found)
    if (value === undefined) return this.missing
    if (value === null) return this.#seeConstant(this.#null, value, found)
    if (typeof value === 'boolean') return this.#seeConstant(value ? this.#true : this.#false, value, found)
    addRules(found, this.#present)
    if (Array.isArray(value) && this.#index) {
      for (const one of value as readonly Scalar[]) {
        if (typeof one === 'string') this.#seeText(one, found)
        else if (typeof one === 'number' || typeof one === 'boolean') this.#index.search(String(one), found)
      }
    }
    // Last: the elements use the same entry.
    this.#fresh.set(value)
    return this.#fresh
  }

  /** Reads the field and sees what it gives. */
  read(root: object, found: RuleBits): FieldEntry {
    if (!this.#everywhere) return this.see(readField(root, this.field), found)
    this.joiner.reset()
    this.joiner.addRoot(root, this.field)
    return this.seeJoined(root, found)
  }

  /** Takes the value of a key of the root into what `seeJoined` sees. A long text is searched at once, not copied. */
  join(value: unknown, found: RuleBits): void {
    if (typeof value !== 'string' || value.length < LEAST_ALONE) this.joiner.add(value)
    else if (this.joiner.takesText()) this.#index?.search(value, found)
  }

  /** Sees those texts of an event or record that the joiner has; of the others it is known already. */
  seeJoined(root: object, found: RuleBits): FieldEntry {
    if (!this.#everywhere) throw new TypeError('only the field of keywords is of many texts')
    this.#everywhere.setRoot(root)
    const { text } = this.joiner
    if (text !== '') this.#searchJoined(text, found)
    addRules(found, this.#present)
    return this.#everywhere
  }

  /** What is left beside long texts is often what was left of the record before: what a source says of itself. */
  #searchJoined(text: string, found: RuleBits): void {
    if (text === this.#joined) {
      addWords(found, this.#joinedWords)
    } else if (text !== this.#joinedOnce) {
      this.#joinedOnce = text.length <= LONGEST_REMEMBERED ? text : undefined
      this.#index?.search(text, found)
    } else {
      const own = emptyBits(this.#rules)
      this.#index?.search(text, own)
      this.#joined = text
      this.#joinedWords = toWords(own)
      addWords(found, this.#joinedWords)
    }
  }

  /** Whether rules could find a witness in a number that is written as text. */
  get asksForNumbers(): boolean {
    return this.#hasNumbers
  }

  /** Also keeps, with every value, the rules of which a keyword stands in it. Before any value was seen. */
  keepKeywords(keywords: FieldColumn): void {
    this.#keywords = keywords.#index
  }

  #seeConstant(entry: FieldEntry, value: boolean | null, found: RuleBits): FieldEntry {
    if (entry.words === undefined) this.#keep(entry, value)
    return this.#seeKept(entry, found)
  }

  #seeKept(entry: FieldEntry, found: RuleBits): FieldEntry {
    if (entry.words) addWords(found, entry.words)
    return entry
  }

  #seeText(text: string, found: RuleBits): FieldEntry {
    if (this.#pause > 0) {
      this.#pause -= 1
      return this.#seeFresh(text, found)
    }
    const hash = sample(text)
    const place = hash & (TEXTS - 1)
    const known = this.#texts[place]
    this.#seen += 1
    if (known !== undefined && known.value() === text) {
      this.#known += 1
      addWords(found, known.words as Int32Array)
      return known
    }
    if (this.#seen >= TRIAL) this.#endTrial()
    if (this.#asked === NONE) this.#asked = new Int32Array(TEXTS)
    if (this.#asked[place] !== hash || text.length > LONGEST_REMEMBERED) {
      this.#asked[place] = hash
      return this.#seeFresh(text, found)
    }
    const entry = new FieldEntry()
    this.#keep(entry, copyOf(text))
    this.#texts[place] = entry
    return this.#seeKept(entry, found)
  }

  #endTrial(): void {
    if (this.#known * 8 < this.#seen) this.#pause = PAUSE
    this.#seen = 0
    this.#known = 0
  }

  #seeFresh(text: string, found: RuleBits): FieldEntry {
    this.#fresh.set(text)
    this.#index?.search(text, found)
    addRules(found, this.#present)
    return this.#fresh
  }

  #seeNumber(number: number, found: RuleBits): FieldEntry {
    const place = Math.imul(number, 0x9e3779b1) >>> NUMBER_SHIFT
    const known = this.#numbers[place]
    if (known !== undefined && known.value() === number) return this.#seeKept(known, found)
    if (this.#askedNumbers === NO_NUMBERS) this.#askedNumbers = new Float64Array(NUMBERS)
    if (this.#askedNumbers[place] !== number) {
      this.#askedNumbers[place] = number
      this.#fresh.set(number)
      this.#index?.search(String(number), found)
      addRules(found, this.#present)
      return this.#fresh
    }
    const entry = new FieldEntry()
    this.#keep(entry, number)
    this.#numbers[place] = entry
    return this.#seeKept(entry, found)
  }

  #keep(entry: FieldEntry, value: Scalar): void {
    entry.set(value)
    const found = emptyBits(this.#rules)
    if (typeof value !== 'object') this.#index?.search(String(value), found)
    if (typeof value === 'string' || typeof value === 'number') this.#keywords?.search(String(value), found)
    addRules(found, this.#present)
    entry.words = toWords(found)
  }
}

/** A hash of a text's length and of some of its units. */
function sample(text: string): number {
  const { length } = text
  let hash = length
  if (length <= 12) {
    for (let i = 0; i < length; i += 1) hash = Math.imul(hash, 31) + text.charCodeAt(i)
  } else {
    const step = length >>> 3
    for (let i = step >>> 1; i < length; i += step) hash = Math.imul(hash, 31) + text.charCodeAt(i)
    hash = Math.imul(hash, 31) + text.charCodeAt(length - 1)
    hash = Math.imul(hash, 31) + text.charCodeAt(length - 2)
    hash = Math.imul(hash, 31) + text.charCodeAt(length - 3)
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}

/** The same text without the larger one that it may be a part of in memory. */
function copyOf(text: string): string {
  return text.length < 13 ? text : (JSON.parse(JSON.stringify(text)) as string)
}
