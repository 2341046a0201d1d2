import { type Document, isAlias, parseAllDocuments, type ScalarTag, type Tags } from 'yaml'
import { DEEPEST, faultOfTokens, measure, MOST_NODES, MOST_TOKENS } from './document-budget.ts'
import { numberOf, PLAIN_NUMBER } from '../condition/scalar.ts'

const MOST_ALIASES = 100

/** Numbers as in `scalarOf`. */
const NUMBER: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: PLAIN_NUMBER,
  resolve: numberOf,
}

function withoutNumbers(tags: Tags): Tags {
  const others = tags.filter((tag) => typeof tag === 'string' || !/:(?:int|float)$/.test(tag.tag))
  return [...others, NUMBER]
}

/** Parses text of which `faultOfTokens` had nothing to say. May throw. */
export function parseYaml(text: string): Document[] {
  return [
    ...parseAllDocuments(text, {
      prettyErrors: false,
      logLevel: 'silent',
      merge: true,
      customTags: withoutNumbers,
      // Its own check compares every two keys of a map; `measure` looks them up.
      uniqueKeys: false,
    }),
  ]
}

/**
 * Reads all of YAML 1.2, with `<<` merges.
 *
 * @param refuse told of each fault; what is refused is undefined in the result
 */
export function readYaml(
  text: string,
  refuse: (code: string, message: string, offset?: number) => void,
): readonly unknown[] {
  const fault = faultOfTokens(text)
  if (fault !== undefined) {
    refuse(fault, `the file has over ${MOST_TOKENS} marks, or nests over ${DEEPEST} levels deep on one line`)
    return []
  }
  let documents: Document[]
  try {
    documents = parseYaml(text)
  } catch (error) {
    refuse('yaml-invalid', messageOf(error))
    return []
  }
  return documents.map((document) => {
    const [error] = document.errors
    const start = startOf(document)
    if (error) {
      refuse('yaml-invalid', error.message.split('\n', 1)[0] ?? error.message, error.pos[0])
      return undefined
    }
    const size = measure(document.contents)
    if (size.depth > DEEPEST || size.nodes > MOST_NODES) {
      refuse(
        'too-deep',
        `the document has ${size.nodes} nodes in ${size.depth} levels, the most is ${MOST_NODES} in ${DEEPEST}`,
        start,
      )
      return undefined
    }
    if (size.twice) {
      refuse('yaml-invalid', `the key "${String(size.twice.value)}" stands twice`, size.twice.range?.[0])
      return undefined
    }
    try {
      return document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown
    } catch (toJsError) {
      refuse('yaml-invalid', messageOf(toJsError), start)
      return undefined
    }
  })
}

function startOf({ contents }: Document): number {
  return (contents && !isAlias(contents) ? contents.range?.[0] : undefined) ?? 0
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
