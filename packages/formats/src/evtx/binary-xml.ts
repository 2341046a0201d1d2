import type { Buffer } from 'node:buffer'
import { Damage } from './damage.ts'
import { type Definition, DefinitionCache } from './definition-cache.ts'
import { Layout, type RecordValues } from './layout.ts'
import { type Budget, type Markup, MarkupParser } from './markup.ts'
import { type Context, type Plan, planFragment } from './plan.ts'
import { BINXML_TYPE, type FieldValue } from './values.ts'

const MAX_NESTING = 8
const MAX_FRAGMENTS = 64
/** Each value of a record is announced in 4 bytes of a chunk of 64 KiB, at most once for each level of nesting. */
const MAX_VALUES = 16_384 * MAX_NESTING

const END_OF_STREAM = 0x00
const TEMPLATE_INSTANCE = 0x0c
const FRAGMENT_HEADER = 0x0f
/** What precedes the content of a template definition: the next one's offset, its GUID, the content's size. */
const DEFINITION_HEADER = 24

/** Limits of a chunk. Honest ones stay below: a value takes four bytes at least, a constant field 64 KiB hold less often. */
const NODES_PER_CHUNK = 16_000
const FIELDS_PER_CHUNK = 60_000

/** Plans by what they were made of, so that the records of a template have one shape in all chunks of all files. */
const MAX_PLANS = 4096
const MAX_SIGNATURES = 8_000_000
let plans = new Map<string, Plan>()
let signatureUnits = 0
let layouts: LayoutNode = { layout: undefined, next: new Map() }
let layoutCount = 0
/** Those of all files. */
const sharedDefinitions = new DefinitionCache()

/** Layouts by the plans of a record's fragments, in order. */
interface LayoutNode {
  layout: Layout | undefined
  readonly next: Map<Plan, LayoutNode>
}

function sharedPlan(markup: Markup, context: Context): Plan {
  const key = `${context.length}:${context}${markup.signature}`
  const known = plans.get(key)
  if (known !== undefined) return known
  if (plans.size >= MAX_PLANS || signatureUnits + key.length > MAX_SIGNATURES) {
    plans = new Map()
    signatureUnits = 0
    forgetLayouts()
  }
  const plan = planFragment(markup.nodes, context)
  plans.set(key, plan)
  signatureUnits += key.length
  return plan
}

function planOf(definition: Definition, context: Context): Plan {
  let plan = definition.plans.get(context)
  if (plan === undefined) {
    plan = sharedPlan(definition.markup, context)
    definition.plans.set(context, plan)
  }
  return plan
}

function forgetLayouts(): void {
  layouts = { layout: undefined, next: new Map() }
  layoutCount = 0
}

interface Template {
  readonly markup: Markup
  /** Bytes of its definition. */
  readonly sizeBytes: number
  context: Context
  plan: Plan
}

/** Of one record at a time, whoever reads it: too large to be made for every small file. */
let scratch: Pick<RecordValues, 'types' | 'offsets' | 'sizes'> | undefined

/** Turns the binary XML of a chunk's records into flat records. */
export class BinaryXml {
  readonly #types: Uint8Array
  readonly #offsets: Uint32Array
  readonly #sizes: Uint16Array
  /** By where their definitions stand; those that cannot be read are not tried again. */
  readonly #templates = new Map<number, Template | Damage>()
  readonly #definitions: DefinitionCache
  readonly #budget: Budget = { nodes: 0, fields: 0 }
  #chunk: Buffer
  #markup: MarkupParser
  /** The fragments of the record at hand. */
  #plans: Plan[] = []
  #starts: number[] = []
  #counts: number[] = []
  #values = 0
  /** Whether one of them is no template, and so of this record alone. */
  #transient = false

  /** @param definitions those that came before; default: in all files */
  constructor(chunk: Buffer, definitions: DefinitionCache = sharedDefinitions) {
    this.#definitions = definitions
    scratch ??= {
      types: new Uint8Array(MAX_VALUES),
      offsets: new Uint32Array(MAX_VALUES),
      sizes: new Uint16Array(MAX_VALUES),
    }
    this.#types = scratch.types
    this.#offsets = scratch.offsets
    this.#sizes = scratch.sizes
    this.#chunk = chunk
    this.#markup = new MarkupParser(chunk, this.#budget)
    this.useChunk(chunk)
  }

  /** Templates and names are those of this chunk from now on. */
  useChunk(chunk: Buffer): void {
    this.#chunk = chunk
    this.#templates.clear()
    this.#definitions.nextChunk()
    this.#budget.nodes = NODES_PER_CHUNK
    this.#budget.fields = FIELDS_PER_CHUNK
    this.#markup = new MarkupParser(chunk, this.#budget)
  }

  /**
   * The record whose binary XML stands there.
   *
   * @throws {Damage}
   */
  record(start: number, end: number): Record<string, FieldValue> {
    this.#plans.length = 0
    this.#starts.length = 0
    this.#counts.length = 0
    this.#values = 0
    this.#transient = false
    this.#fragment(start, end, '', 0)
    if (this.#plans.length === 0) throw new Damage('empty-record', start)
    return this.#layout().record({
      chunk: this.#chunk,
      types: this.#types,
      offsets: this.#offsets,
      sizes: this.#sizes,
      starts: this.#starts,
      counts: this.#counts,
    })
  }

  #layout(): Layout {
    if (this.#transient) return new Layout(this.#plans)
    let node = layouts
    for (const plan of this.#plans) {
      let next = node.next.get(plan)
      if (next === undefined) {
        next = { layout: undefined, next: new Map() }
        node.next.set(plan, next)
      }
      node = next
    }
    if (node.layout !== undefined) return node.layout
    const layout = new Layout(this.#plans)
    layoutCount += 1
    if (layoutCount > MAX_PLANS) forgetLayouts()
    else node.layout = layout
    return layout
  }

  #fragment(start: number, end: number, context: Context, depth: number): void {
    if (depth >= MAX_NESTING) throw new Damage('nested-too-deep', start)
    let at = start
    while (at < end) {
      const token = this.#chunk[at] ?? 0
      if (token === END_OF_STREAM) return
      if (token === FRAGMENT_HEADER) at += 4
      else if (token === TEMPLATE_INSTANCE) at = this.#instance(at, end, context, depth)
      else {
        const markup = this.#markup.parse(at, end, false)
        if (this.#markup.at === at) throw new Damage('unexpected-token', at)
        at = this.#markup.at
        this.#transient = true
        this.#add(planFragment(markup.nodes, context), this.#values, 0, at)
      }
    }
  }

  #add(plan: Plan, start: number, count: number, offset: number): void {
    if (this.#plans.length >= MAX_FRAGMENTS) throw new Damage('too-many-fragments', offset)
    this.#spend(1 + plan.cost, offset)
    this.#plans.push(plan)
    this.#starts.push(start)
    this.#counts.push(count)
  }

  /** Returns where it ends. */
  #instance(at: number, end: number, context: Context, depth: number): number {
    const chunk = this.#chunk
    if (at + 14 > end) throw new Damage('ends-early', at)
    const definition = chunk.readUInt32LE(at + 6)
    const template = this.#template(definition, context)
    // A definition stands in the first record that uses it.
    let next = at + 10
    if (definition === next) next += DEFINITION_HEADER + template.sizeBytes
    if (next + 4 > end) throw new Damage('ends-early', next)
    const count = chunk.readUInt32LE(next)
    next += 4
    if (count > (end - next) / 4) throw new Damage('values-beyond-record', next)
    const start = this.#values
    if (start + count > MAX_VALUES) throw new Damage('too-many-values', next)
    this.#values += count
    let offset = next + count * 4
    for (let value = start; value < start + count; value += 1, next += 4) {
      const size = (chunk[next] ?? 0) | ((chunk[next + 1] ?? 0) << 8)
      const type = chunk[next + 2] ?? 0
      this.#sizes[value] = size
      this.#types[value] = type
      this.#offsets[value] = offset
      offset += size
    }
    if (offset > end) throw new Damage('values-beyond-record', next)
    const { plan } = template
    // A value that stands in many places of its template is written as often.
    if (plan.repeats > 4) this.#spend(plan.repeats * (1 + ((offset - next) >> 6)), at)
    this.#add(plan, start, count, at)
    this.#nests(plan, start, count, depth)
    return offset
  }

  #nests(plan: Plan, start: number, count: number, depth: number): void {
    for (const { index, context, otherwise } of plan.nests) {
      if (index >= count) continue
      const value = start + index
      const type = this.#types[value] ?? 0
      const offset = this.#offsets[value] ?? 0
      if (type === BINXML_TYPE) this.#fragment(offset, offset + (this.#sizes[value] ?? 0), context, depth + 1)
      else if (type !== 0) this.#add(otherwise, start, count, offset)
    }
  }

  #template(offset: number, context: Context): Template {
    const known = this.#templates.get(offset)
    if (known instanceof Damage) throw known
    if (known === undefined) return this.#define(offset, context)
    if (known.context !== context) {
      this.#spend(1 + (known.markup.signature.length >> 8), offset)
      known.plan = sharedPlan(known.markup, context)
      known.context = context
    }
    return known
  }

  #define(offset: number, context: Context): Template {
    try {
      const template = this.#parseDefinition(offset, context)
      this.#templates.set(offset, template)
      return template
    } catch (error) {
      if (error instanceof Damage) this.#templates.set(offset, error)
      throw error
    }
  }

  #parseDefinition(offset: number, context: Context): Template {
    const chunk = this.#chunk
    const content = offset + DEFINITION_HEADER
    if (content > chunk.length) throw new Damage('template-beyond-chunk', offset)
    const sizeBytes = chunk.readUInt32LE(offset + 20)
    if (content + sizeBytes > chunk.length) throw new Damage('template-beyond-chunk', offset)
    // The beginning of its GUID.
    const key = chunk.readUInt32LE(offset + 4)
    let definition = this.#definitions.find(chunk, content, sizeBytes, key)
    if (definition) {
      this.#budget.nodes -= definition.nodes
      if (this.#budget.nodes < 0) throw new Damage('chunk-too-costly', offset)
    } else {
      const before = this.#budget.nodes
      const markup = this.#markup.parse(content, content + sizeBytes, true)
      const { names } = this.#markup
      const nodes = before - this.#budget.nodes
      // With the byte at which it stopped.
      const readBytes = Math.min(this.#markup.at + 1 - content, sizeBytes)
      if (names)
        definition = this.#definitions.add(chunk, content, readBytes, key, {
          markup,
          sizeBytes,
          names,
          nodes,
        })
      if (!definition) return { markup, sizeBytes, context, plan: sharedPlan(markup, context) }
    }
    return { markup: definition.markup, sizeBytes, context, plan: planOf(definition, context) }
  }

  #spend(fields: number, offset: number): void {
    this.#budget.fields -= fields
    if (this.#budget.fields < 0) throw new Damage('chunk-too-costly', offset)
  }
}
