import type { Buffer } from 'node:buffer'
import { Damage } from './damage.ts'
import type { NameUse } from './definition-cache.ts'
import { utf16Text } from './text.ts'

/** What an element or an attribute holds: literal text, or the number of a value that each record brings. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly index: number; readonly type: number }

export interface Attribute {
  readonly name: string
  readonly parts: readonly Part[]
}

export interface Element {
  readonly kind: 'element'
  readonly name: string
  readonly attributes: readonly Attribute[]
  readonly children: readonly (Element | Part)[]
}

/** Elements and text at the top of a template or fragment, and what tells templates apart by their content alone. */
export interface Markup {
  readonly nodes: readonly (Element | Part)[]
  readonly signature: string
}

/** How much one chunk may cost to read, whatever is written in it. */
export interface Budget {
  /** Elements, attributes, texts that may still be parsed. */
  nodes: number
  /** Values that may still be given to records. */
  fields: number
}

const MAX_DEPTH = 64
/** One name may be pointed at from thousands of places. Those of Windows are shorter than 100. */
const MAX_NAME_UNITS = 512
const MORE = 0x40
const END_OF_STREAM = 0x00
const OPEN_ELEMENT = 0x01
const CLOSE_START = 0x02
const CLOSE_EMPTY = 0x03
const END_ELEMENT = 0x04
const VALUE = 0x05
const ATTRIBUTE = 0x06
const CDATA = 0x07
const CHARACTER = 0x08
const ENTITY = 0x09
const INSTRUCTION_TARGET = 0x0a
const INSTRUCTION_DATA = 0x0b
const SUBSTITUTION = 0x0d
const OPTIONAL_SUBSTITUTION = 0x0e
const FRAGMENT_HEADER = 0x0f

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * Reads binary XML ([MS-EVEN6] 2.2.12) without template instances: the content of a template definition, or a fragment
 * of elements. Names are kept once a chunk and pointed at from everywhere in it.
 */
export class MarkupParser {
  readonly #chunk: Buffer
  readonly #budget: Budget
  #at = 0
  #end = 0
  /** Whether elements carry a dependency identifier, which they do in template definitions. */
  #dependencies = true
  #signature = ''
  #start = 0
  #names: NameUse[] = []
  #isUsual = true

  constructor(chunk: Buffer, budget: Budget) {
    this.#chunk = chunk
    this.#budget = budget
  }

  /** Where the last `parse` stopped. */
  get at(): number {
    return this.#at
  }

  /** The names that the last `parse` pointed at, in order; undefined where what it read cannot be told by them and its bytes. */
  get names(): readonly NameUse[] | undefined {
    return this.#isUsual ? this.#names : undefined
  }

  /**
   * Reads up to the end of the stream, or up to a token that only a record has (a template instance).
   *
   * @throws {Damage}
   */
  parse(start: number, end: number, inTemplate: boolean): Markup {
    this.#at = start
    this.#start = start
    this.#names = []
    this.#isUsual = true
    this.#end = Math.min(end, this.#chunk.length)
    this.#dependencies = inTemplate
    this.#signature = ''
    const nodes: (Element | Part)[] = []
    while (this.#at < this.#end) {
      const token = this.#chunk[this.#at] ?? 0
      if (token === FRAGMENT_HEADER) {
        this.#at += 4
        continue
      }
      if (!this.#node(token, nodes, 0)) break
    }
    return { nodes, signature: this.#signature }
  }

  /** Adds what begins here to `nodes`; false at a token that ends the content, which is not consumed. */
  #node(token: number, nodes: (Element | Part)[], depth: number): boolean {
    switch (token & ~MORE) {
      case OPEN_ELEMENT:
        nodes.push(this.#element(depth))
        return true
      case INSTRUCTION_TARGET:
        this.#at += 1
        this.#name()
        return true
      case INSTRUCTION_DATA:
        this.#at += 1
        this.#counted()
        return true
      default: {
        const part = this.#part(token)
        if (part === undefined) return false
        nodes.push(part)
        return true
      }
    }
  }

  #element(depth: number): Element {
    const start = this.#at
    if (depth >= MAX_DEPTH) throw new Damage('nested-too-deep', start)
    this.#spend()
    const hasAttributes = (this.#u8() & MORE) !== 0
    // Whether a dependency identifier stands here depends on who wrote the fragment; a name tells which it is.
    const usual = this.#dependencies ? 2 : 0
    const isUsual = this.#isName(this.#at + usual + 4)
    if (!isUsual) this.#isUsual = false
    this.#at += isUsual || !this.#isName(this.#at + 2 - usual + 4) ? usual : 2 - usual
    this.#at += 4
    const name = this.#name()
    this.#signature += `<${name.length}:${name}`
    const attributes: Attribute[] = []
    const children: (Element | Part)[] = []
    if (hasAttributes) {
      this.#at += 4
      while ((this.#peek() & ~MORE) === ATTRIBUTE) attributes.push(this.#attribute())
    }
    const close = this.#u8()
    if (close === CLOSE_START) {
      this.#signature += '>'
      while (this.#peek() !== END_ELEMENT) {
        if (!this.#node(this.#peek(), children, depth + 1)) throw new Damage('unexpected-token', this.#at)
      }
      this.#at += 1
    } else if (close !== CLOSE_EMPTY) throw new Damage('unexpected-token', this.#at - 1)
    this.#signature += '/'
    return { kind: 'element', name, attributes, children }
  }

  #attribute(): Attribute {
    this.#spend()
    this.#at += 1
    const name = this.#name()
    this.#signature += `@${name.length}:${name}`
    const parts: Part[] = []
    for (;;) {
      const part = this.#part(this.#peek())
      if (part === undefined) return { name, parts }
      parts.push(part)
    }
  }

  #part(token: number): Part | undefined {
    switch (token & ~MORE) {
      case VALUE: {
        if (this.#chunk[this.#at + 1] !== 1) throw new Damage('unexpected-value-type', this.#at)
        this.#at += 2
        return this.#text(this.#counted())
      }
      case CDATA:
        this.#at += 1
        return this.#text(this.#counted())
      case CHARACTER:
        this.#at += 1
        return this.#text(String.fromCharCode(this.#u16()))
      case ENTITY: {
        this.#at += 1
        const name = this.#name()
        return this.#text(Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] ?? '') : `&${name};`)
      }
      case SUBSTITUTION:
      case OPTIONAL_SUBSTITUTION: {
        this.#spend()
        this.#at += 1
        const index = this.#u16()
        const type = this.#u8()
        this.#signature += `%${index}.${type}`
        return { kind: 'value', index, type }
      }
      default:
        if (token > OPTIONAL_SUBSTITUTION && (token & MORE) === 0 && token !== END_OF_STREAM)
          throw new Damage('unexpected-token', this.#at)
        return undefined
    }
  }

  #text(text: string): Part {
    this.#spend()
    this.#signature += `"${text.length}:${text}`
    return { kind: 'text', text }
  }

  /** Text that its length in UTF-16 units precedes. */
  #counted(): string {
    const units = this.#u16()
    const offset = this.#at
    this.#at += units * 2
    if (this.#at > this.#end) throw new Damage('text-beyond-end', offset)
    return utf16Text(this.#chunk, offset, units)
  }

  /** Whether the pointer here leads to something that looks like a name: a length, and its terminator where it ends. */
  #isName(at: number): boolean {
    if (at + 4 > this.#end) return false
    const offset = this.#chunk.readUInt32LE(at)
    if (offset < 128 || offset + 10 > this.#chunk.length) return false
    const end = offset + 8 + this.#chunk.readUInt16LE(offset + 6) * 2
    return end + 2 <= this.#chunk.length && this.#chunk.readUInt16LE(end) === 0
  }

  /** A name stands where it is first used, and is pointed at from then on. */
  #name(): string {
    const pointer = this.#at
    if (pointer + 4 > this.#end) throw new Damage('ends-early', pointer)
    const offset = this.#chunk.readUInt32LE(pointer)
    this.#at += 4
    if (offset + 10 > this.#chunk.length) throw new Damage('name-beyond-chunk', pointer)
    const units = this.#chunk.readUInt16LE(offset + 6)
    const end = offset + 8 + units * 2
    if (units > MAX_NAME_UNITS) throw new Damage('name-too-long', pointer)
    if (end + 2 > this.#chunk.length) throw new Damage('name-beyond-chunk', pointer)
    const isInline = offset === this.#at
    if (isInline) this.#at = end + 2
    const name = utf16Text(this.#chunk, offset + 8, units)
    this.#names.push({ at: pointer - this.#start, isInline, name })
    return name
  }

  #peek(): number {
    if (this.#at >= this.#end) throw new Damage('ends-early', this.#at)
    return this.#chunk[this.#at] ?? 0
  }

  #u8(): number {
    const byte = this.#peek()
    this.#at += 1
    return byte
  }

  #u16(): number {
    if (this.#at + 2 > this.#end) throw new Damage('ends-early', this.#at)
    const value = this.#chunk.readUInt16LE(this.#at)
    this.#at += 2
    return value
  }

  #spend(): void {
    this.#budget.nodes -= 1
    if (this.#budget.nodes < 0) throw new Damage('chunk-too-costly', this.#at)
  }
}
