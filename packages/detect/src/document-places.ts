import type { RuleProblem } from '@vedette/model'
import { type Document, isAlias, isCollection, isMap, isNode, isScalar } from 'yaml'
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

/** Where things stand in a file of YAML. It is read with places only when the first is asked for: most files have no fault. */
export class DocumentPlaces {
  readonly #read: () => string
  #text: string | undefined
  #documents: readonly Document[] | undefined

  /** @param read gives the text; where it throws, nothing has a place */
  constructor(read: () => string) {
    this.#read = read
  }

  /** The place of characters from the start of the file; nowhere without a number. */
  ofOffset(offset: number | undefined): Place {
    if (offset === undefined) return NOWHERE
    const text = this.#textOf()
    const before = text.slice(0, offset)
    const from = before.lastIndexOf('\n') + 1
    return {
      line: before.split('\n').length,
      column: offset - from + 1,
      excerpt: lineAt(text, from),
    }
  }

  /** Whether a document has this key, or element, at its top. */
  has(index: number, key: string | number): boolean {
    const contents = this.#parse()[index]?.contents
    return isMap(contents) && contents.items.some((item) => nameOf(item.key) === String(key))
  }

  /** The place of a path in a document; where it leads nowhere, the nearest place above. */
  at(
    index: number,
    path: readonly (string | number)[],
    { at = 'key', offset = 0 }: PlaceOptions = {},
  ): Place {
    const document = this.#parse()[index]
    return document ? this.ofOffset(offsetOf(document.contents, path, at) + offset) : NOWHERE
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

  #parse(): readonly Document[] {
    if (!this.#documents) {
      try {
        this.#documents = parseYaml(this.#textOf())
      } catch {
        this.#documents = []
      }
    }
    return this.#documents
  }
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
