import type { Witness } from './witness.ts'

interface Literal {
  readonly text: string
  readonly rules: number[]
  /** Next literal in the same bucket, or -1. */
  readonly next: number
}

const GRAM = 4
const BUCKETS = 1 << 14

/**
 * The witnesses of one field: whole values in a map; parts by one pass over the text that hashes each run of four
 * UTF-16 units (parts of fewer units by a pass of their own, over units that begin one).
 */
export class TextIndex {
  readonly #whole = new Map<string, number[]>()
  readonly #buckets = new Int32Array(BUCKETS).fill(-1)
  readonly #literals: Literal[] = []
  /** Short parts by their first unit. */
  readonly #short = new Map<number, { readonly text: string; readonly rules: number[] }[]>()

  constructor(witnesses: readonly (readonly [witness: Witness, rule: number])[]) {
    const parts = new Map<string, number[]>()
    for (const [{ how, text }, rule] of witnesses) {
      const map = how === 'whole' ? this.#whole : parts
      const rules = map.get(text)
      if (!rules) map.set(text, [rule])
      else if (rules.at(-1) !== rule) rules.push(rule)
    }
    for (const [text, rules] of parts) {
      if (text.length < GRAM) {
        const first = text.charCodeAt(0)
        const list = this.#short.get(first) ?? []
        list.push({ text, rules })
        this.#short.set(first, list)
        continue
      }
      const bucket = hash(text.charCodeAt(0), text.charCodeAt(1), text.charCodeAt(2), text.charCodeAt(3))
      this.#literals.push({ text, rules, next: this.#buckets[bucket] ?? -1 })
      this.#buckets[bucket] = this.#literals.length - 1
    }
  }

  /** Calls `found` for each rule of which a witness stands in the text; maybe more than once for a rule. */
  search(text: string, found: (rule: number) => void): void {
    const whole = this.#whole.get(text)
    if (whole) for (const rule of whole) found(rule)
    if (this.#literals.length > 0 && text.length >= GRAM) this.#searchLong(text, found)
    if (this.#short.size > 0) this.#searchShort(text, found)
  }

  #searchLong(text: string, found: (rule: number) => void): void {
    let a = text.charCodeAt(0)
    let b = text.charCodeAt(1)
    let c = text.charCodeAt(2)
    for (let i = GRAM - 1; i < text.length; i += 1) {
      const d = text.charCodeAt(i)
      let at = this.#buckets[hash(a, b, c, d)] ?? -1
      while (at >= 0) {
        const literal = this.#literals[at] as Literal
        if (text.startsWith(literal.text, i - (GRAM - 1))) for (const rule of literal.rules) found(rule)
        at = literal.next
      }
      a = b
      b = c
      c = d
    }
  }

  #searchShort(text: string, found: (rule: number) => void): void {
    for (let i = 0; i < text.length; i += 1) {
      const list = this.#short.get(text.charCodeAt(i))
      if (!list) continue
      for (const { text: part, rules } of list) {
        if (text.startsWith(part, i)) for (const rule of rules) found(rule)
      }
    }
  }
}

function hash(a: number, b: number, c: number, d: number): number {
  return (Math.imul(Math.imul(a, 31) + b, 0x9e3779b1) + Math.imul(Math.imul(c, 131) + d, 0x85ebca6b)) >>> 18
}
