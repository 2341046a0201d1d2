import { DEEPEST, MOST_NODES } from './document-budget.ts'
import { scalarOf } from '../condition/scalar.ts'

/** What stands in a document, as YAML 1.2 reads it. */
type Data = null | string | number | boolean | Data[] | { [key: string]: Data }

/** The text uses more of YAML than is read here. */
class NotPlain extends Error {}

/**
 * Reads the part of YAML in which rules are written: block maps and lists, scalars that are plain, quoted on one line or
 * in a block, and comments. About ten times as fast as reading all of YAML with the place of everything.
 *
 * @returns the documents; undefined where the text has anything else (also where it is faulty): then all of YAML has to
 *   be read
 */
export function parsePlainYaml(text: string): Data[] | undefined {
  if (text.charCodeAt(0) === 0xfeff) return undefined
  const lines = text.includes('\r') ? text.replaceAll('\r\n', '\n') : text
  if (lines.includes('\r')) return undefined
  try {
    return new PlainReader(lines).documents()
  } catch (error) {
    if (error instanceof NotPlain) return undefined
    throw error
  }
}

const SPACE = 32
const TAB = 9
const DASH = 45
const COLON = 58
const HASH = 35
const AND = 38
const SINGLE = 39
const DOUBLE = 34

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB || Number.isNaN(code)
}

class PlainReader {
  readonly #lines: string[]
  #at = 0
  #nodes = 0
  /** Spaces before what stands in the line at `#at`; -1 at the end of a document. */
  #indent = -1
  #anchors = new Anchors()

  constructor(text: string) {
    this.#lines = text.split('\n')
  }

  documents(): Data[] {
    const found: Data[] = []
    this.#skip()
    if (this.#at >= this.#lines.length) throw new NotPlain() // nothing but comments
    if (!this.#isMark()) found.push(this.#root())
    while (this.#at < this.#lines.length) {
      if (!this.#isMark()) throw new NotPlain()
      this.#at += 1
      this.#skip()
      found.push(this.#indent < 0 ? null : this.#root())
    }
    return found
  }

  #root(): Data {
    this.#anchors = new Anchors()
    const data = this.#node(this.#indent, 1)
    if (this.#indent >= 0) throw new NotPlain()
    return data
  }

  /** Goes to the next line with something in it. */
  #skip(): void {
    const lines = this.#lines
    for (; this.#at < lines.length; this.#at += 1) {
      const line = lines[this.#at] as string
      let indent = 0
      while (line.charCodeAt(indent) === SPACE) indent += 1
      const code = line.charCodeAt(indent)
      if (Number.isNaN(code) || code === HASH) continue
      if (code === TAB) {
        if (line.trim() === '') continue
        throw new NotPlain()
      }
      if (indent === 0) {
        if (line.startsWith('...') || code === 37) throw new NotPlain()
        if (line.startsWith('---')) {
          this.#indent = -1
          return
        }
      }
      this.#indent = indent
      return
    }
    this.#indent = -1
  }

  #isMark(): boolean {
    const line = this.#lines[this.#at] as string
    if (!line.startsWith('---')) return false
    if (line.length > 3 && !/^---\s*(?:\s#.*)?$/.test(line)) throw new NotPlain()
    return true
  }

  #node(indent: number, depth: number): Data {
    if (depth > DEEPEST - 2) throw new NotPlain()
    const line = this.#lines[this.#at] as string
    return line.charCodeAt(indent) === DASH && isBlank(line.charCodeAt(indent + 1))
      ? this.#list(indent, depth)
      : this.#map(indent, depth)
  }

  #count(): void {
    this.#nodes += 1
    if (this.#nodes > MOST_NODES) throw new NotPlain()
  }

  #list(indent: number, depth: number): Data[] {
    const list: Data[] = []
    while (this.#indent === indent) {
      const line = this.#lines[this.#at] as string
      if (line.charCodeAt(indent) !== DASH || !isBlank(line.charCodeAt(indent + 1))) break
      this.#count()
      let column = indent + 1
      while (line.charCodeAt(column) === SPACE) column += 1
      const code = line.charCodeAt(column)
      if (code === TAB) throw new NotPlain()
      if (Number.isNaN(code) || code === HASH || code === AND) {
        list.push(this.#value(column, indent, depth, false))
      } else if ((code === DASH && isBlank(line.charCodeAt(column + 1))) || keyEnd(line, column) >= 0) {
        // What begins on the dash's line stands where it would without the dash.
        this.#lines[this.#at] = ' '.repeat(column) + line.slice(column)
        this.#indent = column
        list.push(this.#node(column, depth + 1))
      } else {
        list.push(this.#scalar(column, indent))
      }
      if (this.#indent > indent) throw new NotPlain()
    }
    return list
  }

  #map(indent: number, depth: number): { [key: string]: Data } {
    const map: { [key: string]: Data } = {}
    /** Keys that came by `<<` and that own ones may replace. */
    let merged: Set<string> | undefined
    while (this.#indent === indent) {
      const line = this.#lines[this.#at] as string
      const end = keyEnd(line, indent)
      if (end < 0) throw new NotPlain()
      this.#count()
      const key = keyOf(line, indent, end)
      const isMerge = line.startsWith('<<:', indent)
      if (key === '__proto__' || (key === '<<' && (!isMerge || merged))) throw new NotPlain()
      if (Object.hasOwn(map, key) && !merged?.has(key)) throw new NotPlain()
      merged?.delete(key)
      let column = end + 1
      while (line.charCodeAt(column) === SPACE) column += 1
      const value = this.#value(column, indent, depth, true)
      if (isMerge) merged = merge(map, value)
      else map[key] = value
      if (this.#indent > indent) throw new NotPlain()
      if (this.#indent === indent && this.#isDash(indent)) throw new NotPlain()
    }
    return map
  }

  /** What a key, or a dash, is followed by at a column: on this line, or below. */
  #value(column: number, indent: number, depth: number, isKey: boolean): Data {
    const line = this.#lines[this.#at] as string
    const code = line.charCodeAt(column)
    if (code === TAB) throw new NotPlain()
    if (code === AND) {
      const [anchor, end] = anchorAt(line, column)
      if (line.charCodeAt(end) === AND || (!isKey && end < line.length)) throw new NotPlain()
      const before = this.#anchors.used
      const data = this.#value(end, indent, depth, isKey)
      this.#anchors.set(anchor, data, before)
      return data
    }
    if (!Number.isNaN(code) && code !== HASH) return this.#scalar(column, indent)
    this.#at += 1
    this.#skip()
    // A list may stand below its key without being further in.
    const below = this.#indent > indent || (isKey && this.#indent === indent && this.#isDash(indent))
    return below ? this.#node(this.#indent, depth + 1) : null
  }

  #isDash(indent: number): boolean {
    const line = this.#lines[this.#at] as string
    return line.charCodeAt(indent) === DASH && isBlank(line.charCodeAt(indent + 1))
  }

  /** A scalar that begins at a column; what belongs to it on later lines is further in than `indent`. */
  #scalar(column: number, indent: number): Data {
    const line = this.#lines[this.#at] as string
    switch (line.charAt(column)) {
      case "'":
      case '"': {
        const end = quoteEnd(line, column)
        if (end < 0 || !isTail(line, end + 1)) throw new NotPlain()
        this.#at += 1
        this.#skip()
        return quoted(line, column, end)
      }
      case '|':
      case '>':
        return this.#block(column, indent)
      case '[':
      case '{': {
        const flow = new FlowReader(line, column, this.#anchors)
        const data = flow.node(1)
        if (!isTail(line, flow.at)) throw new NotPlain()
        this.#nodes += flow.nodes
        this.#at += 1
        this.#skip()
        return data
      }
      case '*': {
        const [name, end] = aliasAt(line, column)
        if (!isTail(line, end)) throw new NotPlain()
        this.#at += 1
        this.#skip()
        return this.#anchors.get(name)
      }
      default:
        return this.#plain(column, indent)
    }
  }

  #plain(column: number, indent: number): Data {
    const line = this.#lines[this.#at] as string
    if (!beginsPlain(line, column)) throw new NotPlain()
    const comment = commentStart(line, column)
    let text = (comment < 0 ? line.slice(column) : line.slice(column, comment)).trim()
    if (hasKey(text)) throw new NotPlain()
    this.#at += 1
    const from = this.#at
    this.#skip()
    if (this.#indent <= indent) return scalarOf(text)
    if (comment >= 0) throw new NotPlain()
    // Lines that go on: joined by a space, or by line feeds for the empty ones between.
    let empty = 0
    for (this.#at = from; this.#at < this.#lines.length; this.#at += 1) {
      const next = this.#lines[this.#at] as string
      const more = next.trim()
      if (more === '') {
        empty += 1
        continue
      }
      let inner = 0
      while (next.charCodeAt(inner) === SPACE) inner += 1
      if (inner <= indent) break
      if (/^[\t#?:-]/.test(next.slice(inner)) || hasKey(more) || commentStart(next, inner) >= 0)
        throw new NotPlain()
      text += empty === 0 ? ` ${more}` : '\n'.repeat(empty) + more
      empty = 0
    }
    this.#skip()
    return text
  }

  #block(column: number, indent: number): string {
    const header = /^([|>])([+-]?)(?:\s+#.*)?\s*$/.exec((this.#lines[this.#at] as string).slice(column))
    if (!header) throw new NotPlain()
    const [, style, chomp] = header
    this.#at += 1
    const lines: string[] = []
    let inner = -1
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at] as string
      let spaces = 0
      while (line.charCodeAt(spaces) === SPACE) spaces += 1
      if (spaces === line.length) {
        // Spaces beyond what the block begins at are text; before it begins they are not clear.
        if (inner < 0 ? spaces > indent + 1 : spaces > inner) throw new NotPlain()
        lines.push('')
        continue
      }
      if (inner < 0) {
        if (spaces <= indent || line.charCodeAt(spaces) === TAB) throw new NotPlain()
        inner = spaces
      }
      if (spaces < inner) break
      lines.push(line.slice(inner))
    }
    if (inner < 0) throw new NotPlain()
    if (this.#at === this.#lines.length && lines.at(-1) !== '') throw new NotPlain() // no line feed at the end
    if (this.#at === this.#lines.length) lines.pop()
    this.#skip()
    if (this.#indent > indent) throw new NotPlain()
    let last = lines.length
    while (last > 0 && lines[last - 1] === '') last -= 1
    const text = style === '|' ? lines.slice(0, last).join('\n') : folded(lines.slice(0, last))
    if (chomp === '-') return text
    return chomp === '+' ? `${text}${'\n'.repeat(lines.length - last + 1)}` : `${text}\n`
  }
}

/** Adds what a map has under `<<` and lacks itself; returns the keys. */
function merge(map: { [key: string]: Data }, other: Data): Set<string> {
  if (typeof other !== 'object' || other === null || Array.isArray(other)) throw new NotPlain()
  const merged = new Set(Object.keys(other).filter((key) => !Object.hasOwn(map, key)))
  for (const key of merged) map[key] = other[key] as Data
  return merged
}

/** Values with a name, and how often one was asked for: few, and none within another, so that little stays little. */
class Anchors {
  readonly #values = new Map<string, Data>()
  used = 0

  set(name: string, data: Data, usedBefore: number): void {
    if (this.used > usedBefore) throw new NotPlain()
    this.#values.set(name, data)
  }

  get(name: string): Data {
    const data = this.#values.get(name)
    this.used += 1
    if (data === undefined || this.used > 50) throw new NotPlain()
    return data
  }
}

/** The name after `&`, and the column of what it names. */
function anchorAt(line: string, column: number): readonly [string, number] {
  const found = /^&([\w-]+)(?: +|$)/.exec(line.slice(column))
  if (!found) throw new NotPlain()
  return [found[1] ?? '', column + found[0].length]
}

/** The name after `*`, and the column after it. */
function aliasAt(line: string, column: number): readonly [string, number] {
  const found = /^\*([\w-]+)/.exec(line.slice(column))
  if (!found) throw new NotPlain()
  return [found[1] ?? '', column + found[0].length]
}

/** Reads `[a, b]` and `{ a: b }` on one line. */
class FlowReader {
  readonly #line: string
  readonly #anchors: Anchors
  at: number
  nodes = 0

  constructor(line: string, at: number, anchors: Anchors) {
    this.#line = line
    this.at = at
    this.#anchors = anchors
  }

  node(depth: number): Data {
    if (depth > DEEPEST - 10) throw new NotPlain()
    this.nodes += 1
    switch (this.#line.charAt(this.at)) {
      case '[':
        return this.#list(depth)
      case '{':
        return this.#map(depth)
      case '&': {
        const [name, end] = anchorAt(this.#line, this.at)
        if (end === this.#line.length || this.#line.charCodeAt(end) === AND) throw new NotPlain()
        this.at = end
        const before = this.#anchors.used
        const data = this.node(depth)
        this.#anchors.set(name, data, before)
        return data
      }
      case '*': {
        const [name, end] = aliasAt(this.#line, this.at)
        this.at = end
        return this.#anchors.get(name)
      }
      default:
        return this.#scalar()
    }
  }

  #list(depth: number): Data[] {
    const list: Data[] = []
    this.at += 1
    this.#blanks()
    if (this.#takes(']')) return list
    for (;;) {
      list.push(this.node(depth + 1))
      this.#blanks()
      if (this.#takes(']')) return list
      if (!this.#takes(',')) throw new NotPlain()
      this.#blanks()
    }
  }

  #map(depth: number): { [key: string]: Data } {
    const map: { [key: string]: Data } = {}
    this.at += 1
    this.#blanks()
    if (this.#takes('}')) return map
    let merged: Set<string> | undefined
    for (;;) {
      if (!merged && this.#line.startsWith('<<: *', this.at)) {
        this.at += 4
        merged = merge(map, this.node(depth + 1))
        this.#blanks()
        if (this.#takes('}')) return map
        if (!this.#takes(',')) throw new NotPlain()
        this.#blanks()
      }
      const key = this.#scalar()
      if (typeof key !== 'string' || key === '__proto__' || key === '<<') throw new NotPlain()
      if (Object.hasOwn(map, key) && !merged?.has(key)) throw new NotPlain()
      merged?.delete(key)
      this.#blanks()
      if (!this.#takes(':') || this.#line.charCodeAt(this.at) !== SPACE) throw new NotPlain()
      this.#blanks()
      map[key] = this.node(depth + 1)
      this.#blanks()
      if (this.#takes('}')) return map
      if (!this.#takes(',')) throw new NotPlain()
      this.#blanks()
    }
  }

  #scalar(): string | number | boolean | null {
    const line = this.#line
    const first = line.charCodeAt(this.at)
    if (first === SINGLE || first === DOUBLE) {
      const end = quoteEnd(line, this.at)
      if (end < 0) throw new NotPlain()
      const text = quoted(line, this.at, end)
      this.at = end + 1
      return text
    }
    // What begins with a mark, or has one in it that means something here, is left to the whole reader.
    const found =
      /^(?:[^\s,[\]{}#&*!|>'"%@`?:-]|-(?=[^\s,[\]{}#:]))(?:[^,[\]{}#:]|:(?=[^\s,[\]{}#:]))*(?=[,\]}]|: )/.exec(
        line.slice(this.at),
      )
    if (!found) throw new NotPlain()
    this.at += found[0].length
    return scalarOf(found[0].trimEnd())
  }

  #blanks(): void {
    while (this.#line.charCodeAt(this.at) === SPACE) this.at += 1
  }

  #takes(mark: string): boolean {
    if (this.#line.charAt(this.at) !== mark) return false
    this.at += 1
    return true
  }
}

/** The column of the colon that ends a key, or -1 where no key begins at the column. */
function keyEnd(line: string, column: number): number {
  const first = line.charCodeAt(column)
  if (first === SINGLE || first === DOUBLE) {
    const end = quoteEnd(line, column)
    if (end < 0) throw new NotPlain()
    let at = end + 1
    while (line.charCodeAt(at) === SPACE) at += 1
    return line.charCodeAt(at) === COLON && isBlank(line.charCodeAt(at + 1)) ? at : -1
  }
  if (!beginsPlain(line, column)) return -1
  for (let at = line.indexOf(':', column); at >= 0; at = line.indexOf(':', at + 1)) {
    if (!isBlank(line.charCodeAt(at + 1))) continue
    const comment = commentStart(line, column)
    return comment >= 0 && comment < at ? -1 : at
  }
  return -1
}

function keyOf(line: string, column: number, end: number): string {
  const first = line.charCodeAt(column)
  if (first === SINGLE || first === DOUBLE) {
    const text = quoted(line, column, quoteEnd(line, column))
    return text
  }
  const text = line.slice(column, end).trimEnd()
  if (typeof scalarOf(text) !== 'string') throw new NotPlain()
  return text
}

/** Whether a plain scalar may begin here. */
function beginsPlain(line: string, column: number): boolean {
  switch (line.charAt(column)) {
    case '-':
    case '?':
    case ':':
      return !isBlank(line.charCodeAt(column + 1))
    case ',':
    case '[':
    case ']':
    case '{':
    case '}':
    case '#':
    case '&':
    case '*':
    case '!':
    case '|':
    case '>':
    case "'":
    case '"':
    case '%':
    case '@':
    case '`':
    case '':
      return false
    default:
      return true
  }
}

/** Whether a plain text would be a key and its value, which may not stand where a value does. */
function hasKey(text: string): boolean {
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    if (isBlank(text.charCodeAt(at + 1))) return true
  }
  return false
}

/** The column of a `#` with a blank before it, or -1. */
function commentStart(line: string, column: number): number {
  for (let at = line.indexOf('#', column); at >= 0; at = line.indexOf('#', at + 1)) {
    const before = line.charCodeAt(at - 1)
    if (before === SPACE || before === TAB) return at
  }
  return -1
}

/** Whether only a comment, or nothing, stands from a column on. */
function isTail(line: string, column: number): boolean {
  let at = column
  while (line.charCodeAt(at) === SPACE) at += 1
  return at === line.length || (at > column && line.charCodeAt(at) === HASH)
}

/** The column of the quote that closes the one at a column, or -1 where it is not on this line. */
function quoteEnd(line: string, column: number): number {
  const quote = line.charCodeAt(column)
  for (let at = column + 1; at < line.length; at += 1) {
    const code = line.charCodeAt(at)
    if (quote === DOUBLE && code === 92) at += 1
    else if (code === quote) {
      if (quote === DOUBLE || line.charCodeAt(at + 1) !== SINGLE) return at
      at += 1
    }
  }
  return -1
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  '"': '"',
  '/': '/',
  n: '\n',
  r: '\r',
  t: '\t',
}

function quoted(line: string, column: number, end: number): string {
  const text = line.slice(column + 1, end)
  if (line.charCodeAt(column) === SINGLE) return text.includes("''") ? text.replaceAll("''", "'") : text
  if (!text.includes('\\')) return text
  return text.replaceAll(/\\(.)/gs, (_, character: string) => {
    const escaped = ESCAPES[character]
    if (escaped === undefined) throw new NotPlain()
    return escaped
  })
}

/** Lines of a block `>`: joined by spaces, empty ones stand for line feeds. */
function folded(lines: readonly string[]): string {
  let text = ''
  let empty = 0
  for (const [index, line] of lines.entries()) {
    if (line === '') {
      empty += 1
      continue
    }
    if (line.startsWith(' ') || line.startsWith('\t')) throw new NotPlain()
    if (index === 0) text = line
    else text += empty === 0 ? ` ${line}` : '\n'.repeat(empty) + line
    empty = 0
  }
  return text
}
