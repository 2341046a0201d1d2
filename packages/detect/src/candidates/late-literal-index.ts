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

/** Texts of which a sample is taken before an index is made for good, and units of it. */
const SAMPLE_TEXTS = 32
const SAMPLE_UNITS = 16_384
/** Of one text. */
const MOST_SAMPLED = 2048
/** Stands between texts of a sample. */
const BETWEEN = '\0'

/**
 * A `LiteralIndex` that is made when texts have come to be searched and there is time; until then each literal is asked. It
 * is made once more when it is known what the texts are like: they tell by which of its bytes a literal is found best.
 */
export class LateLiteralIndex {
  readonly #allowance: IndexAllowance
  #literals: readonly Literal[]
  #index: LiteralIndex | undefined
  #asked = 0
  #sample = ''
  #sampled = 0
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
    } else if (this.#index && this.#allowance.take(this.#literals.length)) {
      this.#index = new LiteralIndex(this.#literals, this.#sample)
      this.#isFinal = true
      this.#literals = []
      this.#sample = ''
    }
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
