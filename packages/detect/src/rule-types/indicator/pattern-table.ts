import { ANY_ONE, ANY_TEXT, compileWildcards, simplify, type WildcardPart } from '../../condition/wildcard.ts'

/** Patterns with wildcards that are kept: what nearly every pattern has is its first or last characters. */
export const MOST_PATTERNS = 10_000
/** Of a pattern's beginning or end that are looked up. */
const LONGEST_KEY = 48

interface Pattern {
  readonly text: string
  readonly test: (text: string) => boolean
  value: number
}

/**
 * Patterns of paths and names, to numbers. `*` is any text, `?` any one UTF-16 unit, nothing is escaped. Found by their
 * literal beginning, else their literal end; only what has neither is tried on every text.
 */
export class PatternTable {
  readonly #patterns = new Map<string, Pattern>()
  readonly #beginnings = new Groups((text, length) => text.slice(0, length))
  readonly #ends = new Groups((text, length) => text.slice(text.length - length))
  readonly #others = new Set<Pattern>()

  static isPattern(text: string): boolean {
    return text.includes('*') || text.includes('?')
  }

  get size(): number {
    return this.#patterns.size
  }

  get(text: string): number {
    return this.#patterns.get(text)?.value ?? -1
  }

  /**
   * Sets the number of a pattern; -1 takes it away.
   *
   * @returns false where there is no room for one more
   */
  set(text: string, value: number): boolean {
    const known = this.#patterns.get(text)
    if (known) {
      known.value = value
      if (value < 0) this.#remove(known)
      return true
    }
    if (value < 0) return true
    if (this.#patterns.size >= MOST_PATTERNS) return false
    const find = compileWildcards(partsOf(text))
    const pattern: Pattern = { text, test: (given) => find(given) !== undefined, value }
    this.#patterns.set(text, pattern)
    const [group, key] = this.#placeOf(text)
    if (group) group.add(key, pattern)
    else this.#others.add(pattern)
    return true
  }

  /** Adds the numbers of the patterns that the whole text meets. */
  find(text: string, found: number[]): void {
    if (this.#patterns.size === 0) return
    const add = (pattern: Pattern) => {
      if (pattern.test(text)) found.push(pattern.value)
    }
    this.#beginnings.each(text, add)
    this.#ends.each(text, add)
    for (const pattern of this.#others) add(pattern)
  }

  #placeOf(text: string): readonly [Groups | undefined, string] {
    const beginning = /^[^*?]*/.exec(text)?.[0].slice(0, LONGEST_KEY) ?? ''
    const end = /[^*?]*$/.exec(text)?.[0].slice(-LONGEST_KEY) ?? ''
    if (beginning === '' && end === '') return [undefined, '']
    return beginning.length >= end.length ? [this.#beginnings, beginning] : [this.#ends, end]
  }

  #remove(pattern: Pattern): void {
    this.#patterns.delete(pattern.text)
    const [group, key] = this.#placeOf(pattern.text)
    if (group) group.remove(key, pattern)
    else this.#others.delete(pattern)
  }
}

/** Patterns by a part of their text, looked up once for each length that is in use. */
class Groups {
  readonly #cut: (text: string, length: number) => string
  readonly #byLength = new Map<number, Map<string, Set<Pattern>>>()

  constructor(cut: (text: string, length: number) => string) {
    this.#cut = cut
  }

  add(key: string, pattern: Pattern): void {
    const group = this.#byLength.get(key.length) ?? new Map<string, Set<Pattern>>()
    this.#byLength.set(key.length, group)
    const patterns = group.get(key) ?? new Set<Pattern>()
    group.set(key, patterns)
    patterns.add(pattern)
  }

  remove(key: string, pattern: Pattern): void {
    const group = this.#byLength.get(key.length)
    const patterns = group?.get(key)
    patterns?.delete(pattern)
    if (patterns?.size === 0) group?.delete(key)
    if (group?.size === 0) this.#byLength.delete(key.length)
  }

  each(text: string, visit: (pattern: Pattern) => void): void {
    for (const [length, group] of this.#byLength) {
      if (length > text.length) continue
      const patterns = group.get(this.#cut(text, length))
      if (patterns) for (const pattern of patterns) visit(pattern)
    }
  }
}

function partsOf(text: string): WildcardPart[] {
  const parts = text
    .split(/([*?])/)
    .filter((part) => part !== '')
    .map((part): WildcardPart => (part === '*' ? ANY_TEXT : part === '?' ? ANY_ONE : part))
  return simplify(parts)
}
