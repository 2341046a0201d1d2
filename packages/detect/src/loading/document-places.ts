import type { RuleProblem } from '@vedette/model'
import { type Document, isAlias, isCollection, isMap, isNode, isScalar } from 'yaml'
import { faultOfTokens } from './document-budget.ts'
import { parseYaml } from './yaml-reader.ts'

type Place = Pick<RuleProblem, 'line' | 'column' | 'excerpt'>

/** Where about a step of a path something stands. */
export interface PlaceOptions {
  readonly at?: 'key' | 'value'
  /** Characters into a scalar that stands on one line. */
  readonly offset?: number
}

const NOWHERE: Place = { line: 0, column: 0 }
const LONGEST_EXCERPT = 400
/** Places that are worked out exactly; more are not read. */
const MOST_PLACES = 200

/** Where things stand in a file of YAML. It is read with places only when the first is asked for: most files have no fault. */
export class DocumentPlaces {
  readonly #read: () => string
  #text: string | undefined
  /** Null until they are read. */
  #documents: readonly Document[] | undefined | null = null
  #lineStarts: readonly number[] | undefined
  #asked = 0

  /** @param read gives the text; where it throws, nothing has a place */
  constructor(read: () => string) {
    this.#read = read
  }

  /** The place of characters from the start of the file; nowhere without a number. */
  ofOffset(offset: number | undefined): Place {
    if (offset === undefined) return NOWHERE
    const text = this.#textOf()
    const starts = (this.#lineStarts ??= lineStartsOf(text))
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    const from = starts[low] ?? 0
    return { line: low + 1, column: offset - from + 1, excerpt: lineAt(text, from) }
  }

  /** How many steps of a path a document has. */
  reach(index: number, path: readonly (string | number)[]): number {
    let node: unknown = this.#parse()?.[index]?.contents
    let steps = 0
    for (const step of path) {
      if (!isCollection(node) || !node.has(step)) break
      node = node.get(step, true)
      steps += 1
    }
    return steps
  }

  /** The place of a path in a document; where it leads nowhere, the nearest place above. */
  at(
    index: number,
    path: readonly (string | number)[],
    { at = 'key', offset = 0 }: PlaceOptions = {},
  ): Place {
    this.#asked += 1
    const documents = this.#parse()
    if (!documents) return this.ofOffset(roughOffset(this.#textOf(), index, path))
    const contents = documents[index]?.contents
    if (!contents) return this.ofOffset(0)
    if (this.#asked > MOST_PLACES) return this.ofOffset(startOf(contents))
    return this.ofOffset(offsetOf(contents, path, at) + offset)
  }

  #textOf(): string {
    if (this.#text === undefined) {
      try {
        this.#text = this.#read()
      } catch {
        this.#text = ''
      }
    }
    return this.#text
  }

  /** Undefined for text that is too long to be read for places. */
  #parse(): readonly Document[] | undefined {
    if (this.#documents === null) {
      try {
        const text = this.#textOf()
        this.#documents = faultOfTokens(text) === undefined ? parseYaml(text) : undefined
      } catch {
        this.#documents = undefined
      }
    }
    return this.#documents
  }
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** About where a path stands: below the marks of its document, the first lines that begin with its keys. */
function roughOffset(text: string, index: number, path: readonly (string | number)[]): number {
  let from = 0
  for (let marks = 0; marks < index; marks += 1) {
    const mark = text.indexOf('\n---', from)
    if (mark < 0) break
    from = mark + 1
  }
  for (const step of path) {
    if (typeof step === 'number') continue
    for (const found of [`${step}:`, `'${step}':`, `"${step}":`]) {
      const at = text.indexOf(found, from)
      if (at < 0) continue
      from = at
      break
    }
  }
  return from
}

function lineAt(text: string, from: number): string {
  const end = text.indexOf('\n', from)
  return text
    .slice(from, end < 0 ? undefined : end)
    .replace(/\r$/, '')
    .slice(0, LONGEST_EXCERPT)
}

function offsetOf(contents: unknown, path: readonly (string | number)[], at: 'key' | 'value'): number {
  let node = contents
  let offset = startOf(node) ?? 0
  for (const [index, step] of path.entries()) {
    if (!isCollection(node)) return offset
    const last = index === path.length - 1
    let next: unknown
    let key: unknown
    if (isMap(node)) {
      const pair = node.items.find((item) => nameOf(item.key) === String(step))
      if (!pair) return offset
      key = pair.key
      next = pair.value
    } else {
      next = node.items[Number(step)]
    }
    if (isAlias(next)) return startOf(next) ?? offset
    const own = last && at === 'key' && key !== undefined ? startOf(key) : startOf(next)
    offset = own ?? startOf(key) ?? offset
    node = next
  }
  const quoted = isScalar(node) && (node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE')
  return at === 'value' && quoted ? offset + 1 : offset
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : ''
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}
