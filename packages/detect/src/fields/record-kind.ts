import type { ForeignRecord } from '@vedette/formats'
import type { LogSource } from '@vedette/model'
import { compileCondition, type Holds } from '../condition/closures.ts'
import { type Condition, fieldsIn } from '../condition/condition.ts'
import { EventView, FieldTable } from './event-view.ts'
import { type Field, keyField } from './field.ts'

/** A log source of Sigma, and which foreign records it means. */
export interface RecordMapping {
  readonly source: LogSource
  /** What has to be known of a record beforehand. */
  readonly from: LogSource
  readonly where: Condition<Field> | undefined
  /** Names in rules for this log source, and what they are called in these records. */
  readonly fields: ReadonlyMap<string, string>
}

/** What is known of where a foreign record comes from. Records of which the same is known share one object. */
export interface RecordKind {
  readonly key: string
  readonly product: string | undefined
  /** Undefined: not known, it may be any; empty: known to be none. */
  readonly categories: readonly string[] | undefined
  readonly services: readonly string[] | undefined
  readonly mappings: readonly RecordMapping[]
}

/** Whether rules for a log source concern records of a kind: unless both name a part and name it differently. */
export function concerns(rule: LogSource, { product, categories, services }: RecordKind): boolean {
  if (rule.product !== undefined && product !== undefined && fold(rule.product) !== product) return false
  if (rule.category !== undefined && categories && !categories.includes(fold(rule.category))) return false
  return rule.service === undefined || !services || services.includes(fold(rule.service))
}

/** The field of a rule in records of a kind that its log source concerns. */
export function fieldIn(kind: RecordKind, rule: LogSource, name: string): Field {
  let renamed: string | undefined
  let closest = 0
  for (const { source, fields } of kind.mappings) {
    const to = fields.get(name)
    const parts = to === undefined ? 0 : partsShared(source, rule)
    if (to !== undefined && parts > closest) {
      renamed = to
      closest = parts
    }
  }
  return keyField(name, renamed)
}

/** How many parts both name alike; none where a part of the first is not named by the second. */
function partsShared(source: LogSource, rule: LogSource): number {
  let parts = 0
  for (const part of ['product', 'category', 'service'] as const) {
    const named = source[part]
    if (named === undefined) continue
    if (fold(rule[part] ?? named) !== fold(named)) return 0
    if (rule[part] === undefined && part !== 'product') return 0
    parts += 1
  }
  return parts
}

const LONGEST_NAME = 64
const MOST_REMEMBERED = 4096
/** Different sources that records declare; of those beyond, only the product counts. */
const MOST_DECLARED = 128
const LONGEST_REMEMBERED = 128
const OTHER = '(other)'

interface Base {
  readonly source: LogSource
  /** Mappings that its source allows, with their conditions. */
  readonly mappings: readonly { readonly mapping: RecordMapping; readonly holds: Holds | undefined }[]
  /** Keys that the conditions read. */
  readonly keys: readonly string[]
  /** What was found for values of those keys. */
  readonly known: Map<string, RecordKind>
  /** Of the record before that had texts and numbers for them, or nothing. */
  readonly lastValues: unknown[]
  lastKind: RecordKind | undefined
}

interface Last {
  readonly product: unknown
  readonly category: unknown
  readonly service: unknown
  readonly kind: RecordKind
}

const UNKNOWN: RecordKind = {
  key: '',
  product: undefined,
  categories: undefined,
  services: undefined,
  mappings: [],
}

/** Tells foreign records apart by where they come from, in the words of the mappings. */
export class RecordKinds {
  readonly #mappings: readonly RecordMapping[]
  /** Folded names that rules use; all others are alike to them. */
  readonly #named: Readonly<Record<keyof LogSource, ReadonlySet<string>>>
  readonly #kinds = new Map<string, RecordKind>()
  readonly #declared = new Map<string, RecordKind>()
  readonly #declaredKinds = new Set<RecordKind>()
  readonly #bases = new Map<string, Base>()
  readonly #basesOfSources = new WeakMap<LogSource, Base>()
  #lastSource: LogSource | undefined
  #lastBase: Base | undefined
  /** Records that follow each other are mostly of one kind. */
  #last: Last = { product: undefined, category: undefined, service: undefined, kind: UNKNOWN }
  readonly #table = new FieldTable()
  readonly #view = new EventView(this.#table)

  /** @param rules the log sources of the rules that will be asked */
  constructor(mappings: readonly RecordMapping[], rules: Iterable<LogSource>) {
    this.#mappings = mappings
    const named = { product: new Set<string>(), category: new Set<string>(), service: new Set<string>() }
    const sources = [...rules, ...mappings.flatMap(({ source, from }) => [source, from])]
    for (const source of sources) {
      for (const part of ['product', 'category', 'service'] as const) {
        const name = source[part]
        if (name !== undefined) named[part].add(fold(name))
      }
    }
    this.#named = named
  }

  /**
   * The kind of a record. Where its reader says nothing of its source, the record's own word is taken, but for a category
   * or a service without a product that no rule names: many a program calls something else its `service`, and would hide
   * from every rule that names one.
   */
  kindOf(record: ForeignRecord, source: LogSource): RecordKind {
    if (source.product === undefined && source.category === undefined && source.service === undefined) {
      const { product, category, service } = record
      if (typeof product === 'string' || typeof category === 'string' || typeof service === 'string') {
        const last = this.#last
        if (last.product !== product || last.category !== category || last.service !== service) {
          const kind = this.#declaredKind(nameOf(product), nameOf(category), nameOf(service))
          this.#last = { product, category, service, kind }
        }
        return this.#last.kind
      }
    }
    return this.#mappedKind(record, this.#baseOf(source))
  }

  #declaredKind(product = '', category = '', service = ''): RecordKind {
    const said = `${product}\n${category}\n${service}`
    const remembered = this.#declared.get(said)
    if (remembered) return remembered
    const named = product === '' ? undefined : this.#known('product', product)
    const counts = (part: 'category' | 'service', name: string): readonly string[] | undefined => {
      const known = this.#known(part, name)
      return name === '' || (known === OTHER && named === undefined) ? undefined : [known]
    }
    const kind =
      this.#declaredKinds.size < MOST_DECLARED
        ? this.#kind(named, counts('category', category), counts('service', service), [])
        : this.#kind(named, undefined, undefined, [])
    this.#declaredKinds.add(kind)
    if (this.#declared.size < MOST_REMEMBERED) this.#declared.set(said, kind)
    return kind
  }

  #known(part: keyof LogSource, name: string): string {
    const folded = fold(name)
    return this.#named[part].has(folded) ? folded : OTHER
  }

  #baseOf(source: LogSource): Base {
    if (source === this.#lastSource && this.#lastBase) return this.#lastBase
    const base = this.#basesOfSources.get(source) ?? this.#newBase(source)
    this.#lastSource = source
    this.#lastBase = base
    return base
  }

  #newBase(source: LogSource): Base {
    const [product, category, service] = [source.product, source.category, source.service].map((name, i) =>
      name === undefined || name === ''
        ? undefined
        : this.#known((['product', 'category', 'service'] as const)[i] ?? 'product', name),
    )
    const key = JSON.stringify([product, category, service])
    let base = this.#bases.get(key)
    if (!base) {
      const known = { product, category, service }
      const mappings = this.#mappings
        .filter((mapping) => allows(known, mapping))
        .map((mapping) => ({
          mapping,
          holds: mapping.where && compileCondition(mapping.where, this.#table),
        }))
      const keys = new Set<string>()
      for (const { mapping } of mappings) {
        for (const field of mapping.where ? fieldsIn(mapping.where) : []) keys.add(field.path)
      }
      base = {
        source: known,
        mappings,
        keys: [...keys],
        known: new Map(),
        lastValues: [],
        lastKind: undefined,
      }
      this.#bases.set(key, base)
    }
    this.#basesOfSources.set(source, base)
    return base
  }

  #mappedKind(record: ForeignRecord, base: Base): RecordKind {
    const { keys, lastValues } = base
    if (base.lastKind) {
      let i = 0
      while (i < keys.length && record[keys[i] as string] === lastValues[i]) i += 1
      if (i === keys.length) return base.lastKind
    }
    let values = ''
    for (const key of base.keys) {
      const value = record[key]
      if (typeof value === 'string' && value.length <= LONGEST_REMEMBERED)
        values += `s${value.length}:${value}`
      else if (typeof value === 'number') values += `n${value}`
      // A path into the record may be there although no key is called so.
      else if (value === undefined && !key.includes('.')) values += 'u'
      else return this.#resolve(record, base)
    }
    const known = base.known.get(values)
    const kind = known ?? this.#resolve(record, base)
    if (!known && base.known.size < MOST_REMEMBERED) base.known.set(values, kind)
    for (let i = 0; i < keys.length; i += 1) lastValues[i] = record[keys[i] as string]
    base.lastKind = kind
    return kind
  }

  #resolve(record: ForeignRecord, { source, mappings }: Base): RecordKind {
    this.#view.look(record)
    const holding = mappings
      .filter(({ holds }) => holds === undefined || holds(this.#view))
      .map(({ mapping }) => mapping)
    const of = (part: 'category' | 'service') =>
      source[part] === undefined
        ? holding.length === 0
          ? undefined
          : [...new Set(holding.flatMap((one) => one.source[part] ?? []).map(fold))]
        : [source[part]]
    const product = source.product ?? holding.find((one) => one.source.product)?.source.product
    return this.#kind(product && fold(product), of('category'), of('service'), holding)
  }

  #kind(
    product: string | undefined,
    categories: readonly string[] | undefined,
    services: readonly string[] | undefined,
    mappings: readonly RecordMapping[],
  ): RecordKind {
    const key = JSON.stringify([
      product,
      categories ?? null,
      services ?? null,
      mappings.map((mapping) => this.#mappings.indexOf(mapping)),
    ])
    let kind = this.#kinds.get(key)
    if (!kind) {
      kind = { key, product, categories, services, mappings }
      this.#kinds.set(key, kind)
    }
    return kind
  }
}

/** Whether a mapping can be about records of which this much is known. */
function allows(known: LogSource, { from, source }: RecordMapping): boolean {
  for (const part of ['product', 'category', 'service'] as const) {
    const wanted = from[part]
    if (wanted !== undefined && known[part] !== fold(wanted)) return false
    const named = source[part]
    if (from[part] === undefined && named !== undefined && known[part] !== undefined) {
      if (known[part] !== fold(named)) return false
    }
  }
  return true
}

function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, LONGEST_NAME) : undefined
}

function fold(name: string): string {
  return name.toLowerCase()
}
