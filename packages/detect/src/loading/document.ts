import type { RuleProblem } from '@vedette/model'
import type { z } from 'zod'
import { DocumentPlaces, type PlaceOptions } from './document-places.ts'
import { parsePlainYaml } from './plain-yaml.ts'
import type { RememberedFile } from './rule-cache.ts'
import { readYaml } from './yaml-reader.ts'

/** Steps from the top of a document to a place in it. */
export type DocumentPath = readonly (string | number)[]

const MOST_CHARACTERS = 1 << 20
const MOST_DOCUMENTS = 200

type Data = Readonly<Record<string, unknown>>

/** One YAML document of a file of rules, as plain data; where something stands in it is worked out when it is asked. */
export class RuleDocument {
  readonly file: string
  /** Whether it is a rule for itself, whatever stands beside it in its file; known without its data. */
  readonly isPlain: boolean
  #data: Data | undefined
  readonly #origin: DocumentPlaces | KnownDocuments
  readonly #index: number
  readonly #under: RuleDocument | undefined

  /**
   * @param data what it holds; undefined for a plain one of a file that is known: it is read when it is asked for
   * @param origin where places in it are found, or the file that it is a document of
   * @param index of the document in its file
   * @param under the document (`action: global`) that has what is in `data` and not in this document itself
   */
  constructor(
    file: string,
    data: Data | undefined,
    origin: DocumentPlaces | KnownDocuments,
    index: number,
    under?: RuleDocument,
  ) {
    this.file = file
    this.isPlain = data === undefined
    this.#data = data
    this.#origin = origin
    this.#index = index
    this.#under = under
  }

  get data(): Data {
    this.#data ??= this.#origin instanceof KnownDocuments ? this.#origin.read(this.#index) : {}
    return this.#data
  }

  get #places(): DocumentPlaces {
    return this.#origin instanceof KnownDocuments ? this.#origin.places : this.#origin
  }

  /** The same document with other data, what is not its own being of `under`. */
  over(data: Data, under: RuleDocument): RuleDocument {
    return new RuleDocument(this.file, data, this.#origin, this.#index, under)
  }

  /** Where in its file the document stands: the first is 0. */
  get index(): number {
    return this.#index
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
    { hint, ...options }: PlaceOptions & { readonly hint?: string | undefined } = {},
  ): RuleProblem {
    if (this.#under && this.#places.reach(this.#index, path) < this.#under.#reach(path)) {
      return this.#under.problem(path, code, message, { hint, ...options })
    }
    return {
      file: this.file,
      ...this.#places.at(this.#index, path, options),
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
    }
  }

  /** How many steps of a path stand in this document, or in one that it stands on. */
  #reach(path: DocumentPath): number {
    const own = this.#places.reach(this.#index, path)
    return this.#under ? Math.max(own, this.#under.#reach(path)) : own
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
}

/** What a file of rules holds. */
export interface RuleFile {
  readonly documents: readonly RuleDocument[]
  readonly problems: readonly RuleProblem[]
  /** What each document holds, also empty ones. */
  readonly found: readonly unknown[]
}

/**
 * Reads every document of a file of rules. What is over a budget (1 Mi characters, 200 documents, 100 000 nodes, 40
 * levels, 100 aliases) or is not YAML becomes a problem; never throws.
 */
export function parseRuleFile(file: string, text: string): RuleFile {
  const problems: RuleProblem[] = []
  const places = new DocumentPlaces(() => text)
  const refuse = (code: string, message: string, offset?: number) =>
    problems.push({ file, ...places.ofOffset(offset), code, message })

  if (text.length > MOST_CHARACTERS) {
    refuse('file-too-large', `the file has ${text.length} characters, the most is ${MOST_CHARACTERS}`)
    return { documents: [], problems, found: [] }
  }
  const found = parsePlainYaml(text) ?? readYaml(text, refuse)
  if (found.length > MOST_DOCUMENTS) {
    refuse('too-many-documents', `the file has ${found.length} documents, the most is ${MOST_DOCUMENTS}`)
    return { documents: [], problems, found: [] }
  }
  return { documents: documentsOf(file, found, places, problems), problems, found }
}

/** The plain documents of a file that was read before: all is found out when it is asked for. */
class KnownDocuments {
  readonly #file: string
  readonly #known: RememberedFile
  readonly #text: (file: string) => string
  #places: DocumentPlaces | undefined

  constructor(file: string, known: RememberedFile, text: (file: string) => string) {
    this.#file = file
    this.#known = known
    this.#text = text
  }

  /** Checked when it was kept: each of them is a map. */
  read(index: number): Data {
    return this.#known.read(index) as Data
  }

  get places(): DocumentPlaces {
    this.#places ??= new DocumentPlaces(() => this.#text(this.#file))
    return this.#places
  }
}

/**
 * The documents of a file that was read before.
 *
 * @param text reads the file again, for the places of problems
 */
export function rememberedRuleFile(
  file: string,
  known: RememberedFile,
  text: (file: string) => string,
): RuleFile {
  const problems: RuleProblem[] = []
  const indexes = Array.from({ length: known.count }, (_, index) => index)
  if (!known.plain) {
    const found = indexes.map((index) => known.read(index))
    return {
      documents: documentsOf(file, found, new DocumentPlaces(() => text(file)), problems),
      problems,
      found,
    }
  }
  const origin = new KnownDocuments(file, known, text)
  return {
    documents: indexes.map((index) => new RuleDocument(file, undefined, origin, index)),
    problems,
    found: [],
  }
}

function documentsOf(
  file: string,
  found: readonly unknown[],
  places: DocumentPlaces,
  problems: RuleProblem[],
): RuleDocument[] {
  const documents: RuleDocument[] = []
  for (const [index, data] of found.entries()) {
    if (data === null || data === undefined) continue // an empty document between two `---`, or a refused one
    if (typeof data !== 'object' || Array.isArray(data)) {
      const place = places.at(index, [])
      problems.push({ file, ...place, code: 'not-a-map', message: 'a rule is a map of keys and values' })
      continue
    }
    documents.push(new RuleDocument(file, data as Data, places, index))
  }
  return documents
}
