import type { RuleProblem } from '@vedette/model'
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseAllDocuments,
} from 'yaml'
import type { z } from 'zod'
import { DEEPEST, faultOfTokens, measure, MOST_NODES, MOST_TOKENS } from './document-budget.ts'

/** Steps from the top of a document to a place in it. */
export type DocumentPath = readonly (string | number)[]

const MOST_CHARACTERS = 1 << 20
const MOST_DOCUMENTS = 200
const MOST_ALIASES = 100

/** One YAML document of a file of rules, as plain data, with the place of everything in it. */
export class RuleDocument {
  readonly file: string
  readonly data: Readonly<Record<string, unknown>>
  readonly #document: Document
  readonly #lines: LineCounter

  constructor(file: string, data: Readonly<Record<string, unknown>>, document: Document, lines: LineCounter) {
    this.file = file
    this.data = data
    this.#document = document
    this.#lines = lines
  }

  /**
   * A problem at a place of this document: at the key, where the last step is a key, or at its value. Where a path leads
   * nowhere (a key that is missing), at the nearest place above.
   *
   * @param offset characters into a scalar that stands on one line
   */
  problem(
    path: DocumentPath,
    code: string,
    message: string,
    {
      hint,
      at = 'key',
      offset = 0,
    }: { hint?: string | undefined; at?: 'key' | 'value'; offset?: number } = {},
  ): RuleProblem {
    const { line, col } = this.#lines.linePos(this.#offsetOf(path, at) + offset)
    return { file: this.file, line, column: col, code, message, ...(hint === undefined ? {} : { hint }) }
  }

  /** Problems for the faults that a schema found, those of an object within the document under `path`. */
  problemsOf(error: z.ZodError, path: DocumentPath, known: readonly string[] = []): RuleProblem[] {
    return error.issues.flatMap((issue) => {
      const at = [...path, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))]
      if (issue.code === 'unrecognized_keys') {
        return issue.keys.map((key) =>
          this.problem([...at, key], 'unknown-key', `unknown key "${key}"`, {
            hint: known.length > 0 ? `known keys are ${known.join(', ')}` : undefined,
          }),
        )
      }
      const name = at.join('.')
      return [this.problem(at, 'invalid-value', `"${name}" is refused: ${issue.message}`, { at: 'value' })]
    })
  }

  #offsetOf(path: DocumentPath, at: 'key' | 'value'): number {
    let node: unknown = this.#document.contents
    let offset = startOf(node) ?? 0
    for (const [index, step] of path.entries()) {
      if (!isCollection(node)) return offset
      const last = index === path.length - 1
      let next: unknown
      let key: unknown
      if (isMap(node)) {
        const pair = node.items.find(
          (item) => (isScalar(item.key) ? String(item.key.value) : '') === String(step),
        )
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
    if (at === 'value' && isScalar(node) && (node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE')) {
      return offset + 1
    }
    return offset
  }
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}

/**
 * Reads every document of a file of rules. What is over a budget (1 Mi characters, 200 documents, 100 000 nodes, 40
 * levels, 100 aliases) or is not YAML becomes a problem; never throws.
 */
export function parseRuleFile(
  file: string,
  text: string,
): { documents: readonly RuleDocument[]; problems: readonly RuleProblem[] } {
  const problems: RuleProblem[] = []
  const documents: RuleDocument[] = []
  const refuse = (code: string, message: string, line = 0, column = 0) =>
    problems.push({ file, line, column, code, message })

  if (text.length > MOST_CHARACTERS) {
    refuse('file-too-large', `the file has ${text.length} characters, the most is ${MOST_CHARACTERS}`)
    return { documents, problems }
  }
  const fault = faultOfTokens(text)
  if (fault !== undefined) {
    refuse(fault, `the file has over ${MOST_TOKENS} marks, or nests over ${DEEPEST} levels deep on one line`)
    return { documents, problems }
  }
  const lines = new LineCounter()
  let parsed: Document[]
  try {
    parsed = [
      ...parseAllDocuments(text, {
        lineCounter: lines,
        prettyErrors: false,
        logLevel: 'silent',
        merge: true,
        // Its own check compares every two keys of a map; `measure` looks them up.
        uniqueKeys: false,
      }),
    ]
  } catch (error) {
    refuse('yaml-invalid', error instanceof Error ? error.message : String(error))
    return { documents, problems }
  }
  if (parsed.length > MOST_DOCUMENTS) {
    refuse('too-many-documents', `the file has ${parsed.length} documents, the most is ${MOST_DOCUMENTS}`)
    return { documents, problems }
  }
  for (const document of parsed) {
    const [error] = document.errors
    const place = lines.linePos(error?.pos[0] ?? startOf(document.contents) ?? 0)
    if (error) {
      refuse('yaml-invalid', error.message.split('\n', 1)[0] ?? error.message, place.line, place.col)
      continue
    }
    const size = measure(document.contents)
    if (size.depth > DEEPEST || size.nodes > MOST_NODES) {
      refuse(
        'too-deep',
        `the document has ${size.nodes} nodes in ${size.depth} levels, the most is ${MOST_NODES} in ${DEEPEST}`,
        place.line,
        place.col,
      )
      continue
    }
    if (size.twice) {
      const { line, col } = lines.linePos(startOf(size.twice) ?? 0)
      refuse('yaml-invalid', `the key "${String(size.twice.value)}" stands twice`, line, col)
      continue
    }
    try {
      const data: unknown = document.toJS({ maxAliasCount: MOST_ALIASES })
      if (data === null) continue // an empty document between two `---`
      if (typeof data !== 'object' || Array.isArray(data)) {
        refuse('not-a-map', 'a rule is a map of keys and values', place.line, place.col)
        continue
      }
      documents.push(new RuleDocument(file, data as Record<string, unknown>, document, lines))
    } catch (error) {
      refuse('yaml-invalid', error instanceof Error ? error.message : String(error), place.line, place.col)
    }
  }
  return { documents, problems }
}
