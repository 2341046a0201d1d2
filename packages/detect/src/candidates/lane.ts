import { compileCondition } from '../condition/closures.ts'
import { bind, type Condition } from '../condition/condition.ts'
import { type FieldReader, type FieldText, type FieldValue, FieldTable } from '../fields/event-view.ts'
import type { Field } from '../fields/field.ts'
import { FieldColumn } from './field-column.ts'
import type { FieldEntry } from './field-entry.ts'
import { canGenerate, generateFormula, generateTest } from '../condition/generated.ts'
import { IndexAllowance } from './late-literal-index.ts'
import type { Literal } from './literal-index.ts'
import { type Formula, toFormula } from '../condition/predicate.ts'
import { addRule, emptyBits, type RuleBits } from './rule-bits.ts'
import { isToldByWitnesses, Outlines, type Witness } from './witness.ts'

/** Whether a rule's condition holds of what the lane looks at. */
export type RuleTest = () => boolean

/** A rule is asked so often by closures before code is made for it: most rules never are. */
const COLD_ASKS = 64

/**
 * Events of one kind, or foreign records of one, and the conditions of the rules that concern them. Finds the conditions
 * that hold without asking each: first every field's value names the rules of which a witness stands in it, then only those
 * are asked. What a value says is remembered with it (see `FieldColumn`), and nothing is made for an event.
 */
export class Lane {
  /** Positions of the conditions that held, ascending, as many as `collect` said. */
  readonly met: Int32Array
  readonly #conditions: readonly Condition<Field>[]
  readonly #columns: readonly FieldColumn[]
  /** For each column the entry of what is looked at; undefined where it was not read yet. */
  readonly #entries: (FieldEntry | undefined)[] = []
  readonly #values: FieldValue[] = []
  /** Columns that one key of a foreign record fills. */
  readonly #byKey = new Map<string, FieldColumn>()
  /** Columns that are read by themselves: those with witnesses at once, the others when they are asked for. */
  readonly #eager: readonly FieldColumn[]
  readonly #lazy: readonly FieldColumn[]
  readonly #keywords: FieldColumn | undefined
  readonly #joinsNumbers: boolean
  readonly #set: number[] = []
  readonly #always: RuleBits
  /** Rules that are met when they are found. */
  readonly #told: RuleBits
  readonly #found: RuleBits
  readonly #nothing: RuleBits
  readonly #tests: RuleTest[]
  readonly #allowance = new IndexAllowance()
  #isFirst = true
  #root: object = {}

  /**
   * @param conditions one a rule; `met` gives their positions
   * @param failed told of a condition that throws, which counts as not met
   */
  constructor(
    conditions: readonly Condition<Field>[],
    options: { readonly generate: boolean; readonly failed: (position: number, error: unknown) => void },
  ) {
    const rules = conditions.length
    this.#failed = options.failed
    this.met = new Int32Array(rules)
    this.#always = emptyBits(rules)
    this.#told = emptyBits(rules)
    this.#found = emptyBits(rules)
    this.#nothing = emptyBits(rules)
    this.#conditions = conditions
    const fields = new FieldTable()
    const seeField = (field: Field): void => void fields.slotOf(field)
    const outlines = new Outlines()
    const outlined = conditions.map((condition) => outlines.outline(condition, seeField))
    const literals: Map<string, Literal & { readonly rules: number[] }>[] = []
    const present: number[][] = []
    for (const [rule, outline] of outlined.entries()) {
      const witnesses = outlines.witnessesOf(outline)
      if (!witnesses) addRule(this.#always, rule)
      if (isToldByWitnesses(conditions[rule] as Condition<Field>)) addRule(this.#told, rule)
      for (const witness of witnesses ?? []) this.#addWitness(witness, rule, fields, literals, present)
    }
    this.#columns = fields.fields.map(
      (field, slot) =>
        new FieldColumn(
          field,
          slot,
          [...(literals[slot]?.values() ?? [])],
          present[slot] ?? [],
          rules,
          this.#allowance,
        ),
    )
    const byItself: FieldColumn[] = []
    for (const column of this.#columns) {
      const { source } = column.field
      const [key = '', ...others] = source.type === 'key' ? source.keys : []
      if (source.type === 'key' && others.length === 0 && source.segments.length === 1) {
        this.#byKey.set(key, column)
        this.#entries[column.slot] = column.missing
      } else {
        byItself.push(column)
        this.#entries[column.slot] = undefined
      }
      this.#values[column.slot] = undefined
    }
    // Keywords of foreign records are gathered on the way through the keys.
    this.#keywords = byItself.find(
      ({ hasWitnesses, field: { source } }) => hasWitnesses && source.type === 'everywhere' && source.foreign,
    )
    this.#joinsNumbers = this.#keywords?.asksForNumbers ?? false
    if (this.#keywords) for (const column of this.#byKey.values()) column.keepKeywords(this.#keywords)
    this.#eager = byItself.filter((column) => column.hasWitnesses && column !== this.#keywords)
    this.#lazy = byItself.filter(({ hasWitnesses }) => !hasWitnesses)
    const compiler = new FormulaCompiler(this.#columns, this.#entries, fields, (slot) => this.#entry(slot))
    const generate = options.generate && canGenerate()
    // Most rules are never asked: a condition is made ready when it is.
    this.#tests = conditions.map((condition, rule) => () => {
      const own = bind(condition, (field) => fields.fields[fields.slotOf(field)])
      const test = this.#testOf(rule, compiler.prepare(toFormula(own)), compiler, generate)
      this.#tests[rule] = test
      return test()
    })
  }

  #testOf(rule: number, formula: Prepared, compiler: FormulaCompiler, generate: boolean): RuleTest {
    const closure = compiler.closure(formula)
    if (!generate) return closure
    let asks = 0
    return () => {
      asks += 1
      if (asks === COLD_ASKS) this.#tests[rule] = compiler.generated(formula)
      return closure()
    }
  }

  readonly #failed: (position: number, error: unknown) => void

  #addWitness(
    { field, how, text }: Witness,
    rule: number,
    fields: FieldTable,
    literals: Map<string, Literal & { readonly rules: number[] }>[],
    present: number[][],
  ): void {
    const slot = fields.slotOf(field)
    if (how === 'present') {
      const list = (present[slot] ??= [])
      if (list.at(-1) !== rule) list.push(rule)
      return
    }
    const map = (literals[slot] ??= new Map())
    const key = `${how}\n${text}`
    const literal = map.get(key)
    if (!literal) map.set(key, { text, how, rules: [rule] })
    else if (literal.rules.at(-1) !== rule) literal.rules.push(rule)
  }

  /** How many rules are asked of whatever comes. */
  get unconditional(): number {
    let count = 0
    for (let rule = 0; rule < this.#conditions.length; rule += 1) {
      if (((this.#always[rule >>> 5] ?? 0) >>> (rule & 31)) & 1) count += 1
    }
    return count
  }

  /** Asks the conditions of an event or record; returns how many hold. */
  collect(root: object): number {
    this.#read(root)
    const found = this.#found
    const told = this.#told
    const tests = this.#tests
    let count = 0
    for (let word = 0; word < found.length; word += 1) {
      let bits = found[word] as number
      if (bits === 0) continue
      const surely = told[word] as number
      while (bits !== 0) {
        const lowest = bits & -bits
        const rule = (word << 5) + 31 - Math.clz32(lowest)
        bits ^= lowest
        try {
          if ((surely & lowest) !== 0 || (tests[rule] as RuleTest)()) {
            this.met[count] = rule
            count += 1
          }
        } catch (error) {
          this.#failed(rule, error)
        }
      }
    }
    return count
  }

  /** As `collect`, and tells for each condition that was asked how long it took, in milliseconds. */
  collectTimed(root: object, now: () => number, took: (position: number, ms: number) => void): number {
    this.#read(root)
    const found = this.#found
    let count = 0
    for (let rule = 0; rule < this.#tests.length; rule += 1) {
      if ((((found[rule >>> 5] as number) >>> (rule & 31)) & 1) === 0) continue
      const start = now()
      const isTold = (((this.#told[rule >>> 5] as number) >>> (rule & 31)) & 1) === 1
      try {
        if (isTold || (this.#tests[rule] as RuleTest)()) {
          this.met[count] = rule
          count += 1
        }
      } catch (error) {
        this.#failed(rule, error)
      }
      took(rule, now() - start)
    }
    return count
  }

  #read(root: object): void {
    this.#root = root
    if (this.#isFirst) this.#isFirst = false
    else this.#allowance.renew()
    const entries = this.#entries
    const found = this.#found
    const always = this.#always
    for (let word = 0; word < found.length; word += 1) found[word] = always[word] as number
    const set = this.#set
    for (let i = 0; i < set.length; i += 1) {
      const slot = set[i] as number
      entries[slot] = (this.#columns[slot] as FieldColumn).missing
    }
    set.length = 0
    for (let i = 0; i < this.#lazy.length; i += 1) entries[(this.#lazy[i] as FieldColumn).slot] = undefined
    const keywords = this.#keywords
    const joinsNumbers = this.#joinsNumbers
    keywords?.joiner.reset()
    if (keywords !== undefined || this.#byKey.size > 0) {
      for (const key in root) {
        const value = (root as Record<string, FieldValue>)[key]
        const column = this.#byKey.get(key)
        if (column === undefined) {
          if (keywords !== undefined && (joinsNumbers || typeof value !== 'number')) {
            keywords.join(value, found)
          }
          continue
        }
        const { slot } = column
        set.push(slot)
        if (column.hasWitnesses) {
          const entry = column.see(value, found)
          entries[slot] = entry
          // The keywords in a value that is kept are among its words.
          if (keywords !== undefined && entry.words === undefined) keywords.join(value, found)
        } else {
          if (keywords !== undefined && (joinsNumbers || typeof value !== 'number')) {
            keywords.join(value, found)
          }
          this.#values[slot] = value
          entries[slot] = undefined
        }
      }
    }
    if (keywords !== undefined) entries[keywords.slot] = keywords.seeJoined(root, found)
    for (let i = 0; i < this.#eager.length; i += 1) {
      const column = this.#eager[i] as FieldColumn
      entries[column.slot] = column.read(root, found)
    }
  }

  /** The entry of a column that was not read yet. */
  #entry(slot: number): FieldEntry {
    let entry = this.#entries[slot]
    if (entry === undefined) {
      const column = this.#columns[slot] as FieldColumn
      const { source } = column.field
      const isSimple = source.type === 'key' && source.keys.length === 1 && source.segments.length === 1
      entry = isSimple
        ? column.see(this.#values[slot], this.#nothing)
        : column.read(this.#root, this.#nothing)
      this.#entries[slot] = entry
    }
    return entry
  }
}

/** A formula of which every part knows its column and the number of its predicate. */
export type Prepared =
  | { readonly op: 'and' | 'or'; readonly of: readonly Prepared[] }
  | { readonly op: 'not'; readonly of: Prepared }
  | { readonly op: 'value'; readonly column: FieldColumn; readonly number: number }
  | { readonly op: 'pair'; readonly test: RuleTest }

/** What generated code is given besides its text. */
export interface FormulaParts {
  readonly entries: readonly (FieldEntry | undefined)[]
  readonly entry: (slot: number) => FieldEntry
  readonly columns: readonly FieldColumn[]
}

class FormulaCompiler {
  readonly #columns: readonly FieldColumn[]
  readonly #entries: readonly (FieldEntry | undefined)[]
  readonly #fields: FieldTable
  readonly #entry: (slot: number) => FieldEntry
  /** Equal predicates of different rules are one. */
  readonly #numbers = new Map<string, number>()
  readonly #conditions = new Map<FieldColumn, Condition<Field>[]>()
  readonly #generated = new Set<string>()

  constructor(
    columns: readonly FieldColumn[],
    entries: readonly (FieldEntry | undefined)[],
    fields: FieldTable,
    entry: (slot: number) => FieldEntry,
  ) {
    this.#columns = columns
    this.#entries = entries
    this.#fields = fields
    this.#entry = entry
  }

  prepare(formula: Formula): Prepared {
    switch (formula.op) {
      case 'and':
      case 'or':
        return { op: formula.op, of: formula.of.map((part) => this.prepare(part)) }
      case 'not':
        return { op: 'not', of: this.prepare(formula.of) }
      case 'value': {
        const slot = this.#fields.slotOf(formula.field)
        const column = this.#columns[slot] as FieldColumn
        const key = `${slot}${keyOf(formula.condition)}`
        let number = this.#numbers.get(key)
        if (number === undefined) {
          number = column.addTest(compileCondition(formula.condition, this.#fields))
          this.#numbers.set(key, number)
          const list = this.#conditions.get(column) ?? []
          list[number] = formula.condition
          this.#conditions.set(column, list)
        }
        return { op: 'value', column, number }
      }
      default: {
        const { condition } = formula
        const holds = compileCondition(condition, this.#fields)
        const view = new EntriesView(this.#entry)
        return { op: 'pair', test: () => holds(view) }
      }
    }
  }

  closure(formula: Prepared): RuleTest {
    switch (formula.op) {
      case 'and': {
        const parts = formula.of.map((part) => this.closure(part))
        return () => {
          for (const part of parts) if (!part()) return false
          return true
        }
      }
      case 'or': {
        const parts = formula.of.map((part) => this.closure(part))
        return () => {
          for (const part of parts) if (part()) return true
          return false
        }
      }
      case 'not': {
        const part = this.closure(formula.of)
        return () => !part()
      }
      case 'value': {
        const { column, number } = formula
        const { slot } = column
        const entry = this.#entry
        return () => column.holds(entry(slot), number)
      }
      default:
        return formula.test
    }
  }

  /** The same as code; its predicates become code with it. */
  generated(formula: Prepared): RuleTest {
    this.#generatePredicates(formula)
    return generateFormula(formula, { entries: this.#entries, entry: this.#entry, columns: this.#columns })
  }

  #generatePredicates(formula: Prepared): void {
    if (formula.op === 'and' || formula.op === 'or') {
      for (const part of formula.of) this.#generatePredicates(part)
    } else if (formula.op === 'not') {
      this.#generatePredicates(formula.of)
    } else if (formula.op === 'value') {
      const { column, number } = formula
      const key = `${column.slot} ${number}`
      const condition = this.#conditions.get(column)?.[number]
      if (!condition || this.#generated.has(key)) return
      this.#generated.add(key)
      column.replaceTest(number, generateTest(condition, compileCondition(condition, this.#fields)))
    }
  }
}

/** The entries of all columns, for what compares two of them. */
class EntriesView implements FieldReader {
  readonly #entry: (slot: number) => FieldEntry

  constructor(entry: (slot: number) => FieldEntry) {
    this.#entry = entry
  }

  value(slot: number): FieldValue {
    return this.#entry(slot).value()
  }

  text(slot: number): FieldText {
    return this.#entry(slot).text()
  }

  folded(slot: number): FieldText {
    return this.#entry(slot).folded()
  }
}

const numbersOfObjects = new WeakMap<object, number>()
let objects = 0

/** Equal for conditions that mean the same, apart from the field. */
function keyOf(condition: Condition<Field>): string {
  switch (condition.op) {
    case 'and':
    case 'or':
      return `${condition.op}(${condition.of.map(keyOf).join()})`
    case 'not':
      return `not(${keyOf(condition.of)})`
    default: {
      const { test } = condition
      switch (test.type) {
        case 'equals':
        case 'contains':
        case 'starts':
        case 'ends':
          return `${test.type}${test.cased ? '!' : ''}${JSON.stringify(test.text)}`
        default: {
          let number = numbersOfObjects.get(test)
          if (number === undefined) {
            objects += 1
            number = objects
            numbersOfObjects.set(test, number)
          }
          return `#${number}`
        }
      }
    }
  }
}
