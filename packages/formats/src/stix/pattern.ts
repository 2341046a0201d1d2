import { type Outcome, rejected } from '../outcome.ts'

/** One comparison of a STIX pattern: `ipv4-addr:value = '198.51.100.7'`. */
export interface StixComparison {
  /** Type of the object, such as `ipv4-addr`. */
  readonly object: string
  /** Steps into it: `['hashes', 'SHA-256']`. A list index stands as its text, `*` among them. */
  readonly path: readonly string[]
  readonly operator: '=' | 'IN' | 'LIKE' | 'ISSUBSET'
  /** One value, or several for `IN`. */
  readonly values: readonly string[]
}

const LONGEST_PATTERN = 65_536
const MOST_COMPARISONS = 10_000
const DEEPEST = 64

/**
 * Reads the patterns that name indicators (STIX 2.1, section 9): comparisons of which any one is enough. What means more
 * than that (AND, NOT, FOLLOWEDBY, qualifiers, ordering, MATCHES, ISSUPERSET, EXISTS) is refused, since a part of such a
 * pattern would match what its author did not mean: `unsupported-and`, `unsupported-not`, ...
 */
export function parseStixPattern(text: string): Outcome<readonly StixComparison[]> {
  if (text.length > LONGEST_PATTERN) return rejected('pattern-too-long', LONGEST_PATTERN)
  try {
    return { ok: true, value: new PatternReader(text).pattern() }
  } catch (error) {
    if (error instanceof Refused) return rejected(error.message, error.offset)
    throw error
  }
}

/** Leaves the reader from any depth; never leaves this file. */
class Refused extends Error {
  readonly offset: number

  constructor(reason: string, offset: number) {
    super(reason)
    this.offset = offset
  }
}

interface Token {
  readonly type: 'word' | 'text' | 'mark' | 'end'
  readonly text: string
  readonly at: number
}

// Blanks; a quoted text; a word, a path or a number; a mark.
const TOKEN =
  /\s+|'((?:[^'\\]|\\.)*)'|([A-Za-z_][A-Za-z0-9_-]*)|(-?\d[\d.]*)|(!=|<=|>=|<>|==|[[\]().:,=<>*])/suy

class PatternReader {
  readonly #text: string
  readonly #comparisons: StixComparison[] = []
  #position = 0
  #token: Token = { type: 'end', text: '', at: 0 }

  constructor(text: string) {
    this.#text = text
    this.#next()
  }

  pattern(): readonly StixComparison[] {
    this.#observations(0)
    if (this.#token.type !== 'end') this.#refuse('unexpected-text')
    return this.#comparisons
  }

  /** `[...] OR [...]`, in brackets or not. */
  #observations(depth: number): void {
    if (depth > DEEPEST) this.#refuse('too-deep')
    for (;;) {
      if (this.#is('mark', '(')) {
        this.#next()
        this.#observations(depth + 1)
        this.#expect(')')
      } else {
        this.#expect('[')
        this.#comparisonsOf(depth)
        this.#expect(']')
      }
      if (this.#isWord('OR')) {
        this.#next()
        continue
      }
      for (const word of ['AND', 'FOLLOWEDBY', 'WITHIN', 'REPEATS', 'START', 'STOP']) {
        if (this.#isWord(word)) this.#refuse(`unsupported-${word.toLowerCase()}`)
      }
      return
    }
  }

  #comparisonsOf(depth: number): void {
    if (depth > DEEPEST) this.#refuse('too-deep')
    for (;;) {
      if (this.#is('mark', '(')) {
        this.#next()
        this.#comparisonsOf(depth + 1)
        this.#expect(')')
      } else this.#comparison()
      if (this.#isWord('AND')) this.#refuse('unsupported-and')
      if (!this.#isWord('OR')) return
      this.#next()
    }
  }

  #comparison(): void {
    if (this.#isWord('NOT')) this.#refuse('unsupported-not')
    if (this.#isWord('EXISTS')) this.#refuse('unsupported-exists')
    const object = this.#word()
    this.#expect(':')
    const path: string[] = [this.#step()]
    for (;;) {
      if (this.#is('mark', '.')) {
        this.#next()
        path.push(this.#step())
      } else if (this.#is('mark', '[')) {
        this.#next()
        path.push(this.#token.text)
        this.#next()
        this.#expect(']')
      } else break
    }
    const operator = this.#operator()
    const values = operator === 'IN' ? this.#list() : [this.#value()]
    if (this.#comparisons.length === MOST_COMPARISONS) this.#refuse('too-many-comparisons')
    this.#comparisons.push({ object, path, operator, values })
  }

  #operator(): StixComparison['operator'] {
    const { type, text } = this.#token
    const word = type === 'word' ? text.toUpperCase() : text
    if (word === 'NOT') this.#refuse('unsupported-not')
    if (type === 'mark' && (word === '=' || word === '==')) {
      this.#next()
      return '='
    }
    if (type === 'word' && (word === 'IN' || word === 'LIKE' || word === 'ISSUBSET')) {
      this.#next()
      return word
    }
    const names: Readonly<Record<string, string>> = {
      '!=': 'not',
      '<>': 'not',
      '<': 'order',
      '>': 'order',
      '<=': 'order',
      '>=': 'order',
    }
    if (type === 'mark' && names[word] !== undefined) this.#refuse(`unsupported-${names[word]}`)
    if (word === 'MATCHES' || word === 'ISSUPERSET') this.#refuse(`unsupported-${word.toLowerCase()}`)
    return this.#refuse('expected-operator')
  }

  #list(): string[] {
    this.#expect('(')
    const values = [this.#value()]
    while (this.#is('mark', ',')) {
      if (values.length === MOST_COMPARISONS) this.#refuse('too-many-comparisons')
      this.#next()
      values.push(this.#value())
    }
    this.#expect(')')
    return values
  }

  #value(): string {
    if (this.#token.type !== 'text') this.#refuse('expected-text')
    const { text } = this.#token
    this.#next()
    return text
  }

  /** A step of a path: a name, or a name in quotes where it has a hyphen. */
  #step(): string {
    if (this.#token.type !== 'text' && this.#token.type !== 'word') this.#refuse('expected-name')
    const { text } = this.#token
    this.#next()
    return text
  }

  #word(): string {
    if (this.#token.type !== 'word') this.#refuse('expected-name')
    const { text } = this.#token
    this.#next()
    return text
  }

  #expect(mark: string): void {
    if (!this.#is('mark', mark)) this.#refuse(`expected-${MARK_NAMES[mark] ?? mark}`)
    this.#next()
  }

  #is(type: Token['type'], text: string): boolean {
    return this.#token.type === type && this.#token.text === text
  }

  #isWord(word: string): boolean {
    return this.#token.type === 'word' && this.#token.text.toUpperCase() === word
  }

  #refuse(reason: string): never {
    throw new Refused(reason, this.#token.at)
  }

  #next(): void {
    for (;;) {
      const at = this.#position
      if (at >= this.#text.length) {
        this.#token = { type: 'end', text: '', at }
        return
      }
      TOKEN.lastIndex = at
      const found = TOKEN.exec(this.#text)
      if (found === null) throw new Refused('unexpected-character', at)
      this.#position = TOKEN.lastIndex
      const [, quoted, word, number, mark] = found
      if (quoted !== undefined) this.#token = { type: 'text', text: quoted.replace(/\\(.)/gsu, '$1'), at }
      else if (word !== undefined) this.#token = { type: 'word', text: word, at }
      else if (number !== undefined) this.#token = { type: 'text', text: number, at }
      else if (mark !== undefined) this.#token = { type: 'mark', text: mark, at }
      else continue
      return
    }
  }
}

const MARK_NAMES: Readonly<Record<string, string>> = {
  '[': 'opening-bracket',
  ']': 'closing-bracket',
  '(': 'opening-parenthesis',
  ')': 'closing-parenthesis',
  ':': 'colon',
}

/** A value as it stands in a pattern, in quotes. */
export function writeStixText(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
