import { fold } from '../condition/fold.ts'
import { type Literal, LiteralIndex, stands } from './literal-index.ts'
import { addRules, type RuleBits } from './rule-bits.ts'

/**
 * Literals that indexes may be made of while one event or record is looked at. What is asked beyond that asks its literals
 * one by one and waits for the next record, so that none has to wait until all indexes of a lane are made.
 */
export class IndexAllowance {
  #left = 0

  /** To be called for each event or record but the first of a lane, which had enough to wait for. */
  renew(): void {
    this.#left = LITERALS_A_RECORD
  }

  /** Whether an index of so many literals may be made now. One that is larger than all that is allowed may be, alone. */
  take(literals: number): boolean {
    if (this.#left < literals && this.#left < LITERALS_A_RECORD) return false
    this.#left -= Math.min(literals, this.#left)
    return true
  }
}

const LITERALS_A_RECORD = 1000
/** Asking a literal takes as long as so many units of the text, besides those that it has. */
const UNITS_A_LITERAL = 32
/** Units of text times literals that are asked one by one, about 2 ms; then the index is made, whatever is allowed. */
const MOST_ASKED = 4_000_000

/** Texts of which a sample is taken, and that are searched before it is asked whether the index is good; units of the sample. */
const SAMPLE_TEXTS = 32
const SAMPLE_UNITS = 16_384
/** Of one text. */
const MOST_SAMPLED = 2048
/** Places of a text that are looked at closer, on average: with more it is worth while to make the index again. */
const MOST_VERIFIED = 2
/** Stands between texts of a sample. */
const BETWEEN = '\0'

/**
 * A `LiteralIndex` that is made when texts have come to be searched and there is time; until then each literal is asked. It
 * is made once more where it has to look closer too often: what texts are like tells by which of its bytes a literal is
 * found best.
 */
export class LateLiteralIndex {
  readonly #allowance: IndexAllowance
  #literals: readonly Literal[]
  #index: LiteralIndex | undefined
  #asked = 0
  #sample = ''
  #sampled = 0
  #searched = 0
  #isFinal = false

  /** @param literals none twice */
  constructor(literals: readonly Literal[], allowance: IndexAllowance) {
    this.#literals = literals
    this.#allowance = allowance
  }

  /** Adds the rules of every literal that stands in the text. */
  search(text: string, found: RuleBits): void {
    if (!this.#isFinal) this.#learn(text)
    if (this.#index === undefined) this.#searchLate(text, found)
    else this.#index.search(text, found)
  }

  #learn(text: string): void {
    if (this.#sampled < SAMPLE_TEXTS && this.#sample.length < SAMPLE_UNITS) {
      this.#sampled += 1
      this.#sample += BETWEEN + text.slice(0, MOST_SAMPLED)
    }
    if (this.#index === undefined) return
    this.#searched += 1
    if (this.#searched <= SAMPLE_TEXTS) return
    if (this.#index.verified > this.#searched * MOST_VERIFIED) {
      if (!this.#allowance.take(this.#literals.length)) return
      this.#index = new LiteralIndex(this.#literals, this.#sample)
    }
    this.#isFinal = true
    this.#literals = []
    this.#sample = ''
  }

  #searchLate(text: string, found: RuleBits): void {
    const { length } = this.#literals
    this.#asked += length * (text.length + UNITS_A_LITERAL)
    if (this.#asked > MOST_ASKED || this.#allowance.take(length)) {
      this.#index = new LiteralIndex(this.#literals, this.#sample)
      this.#index.search(text, found)
      return
    }
    const folded = fold(text)
    for (const literal of this.#literals) if (stands(literal, folded)) addRules(found, literal.rules)
  }
}
