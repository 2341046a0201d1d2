import type { RuleProblem } from '@vedette/model'
import type { RuleDocument } from './document.ts'

type Data = Readonly<Record<string, unknown>>

/**
 * Resolves a collection of the old kind (Sigma 1, "Rule Collections"): `action: global` is under every document after it,
 * `action: reset` ends that, and `action: repeat` is the rule before it with other parts. Maps are merged, all else is
 * replaced. A file without `action` stays as it is.
 */
export function resolveCollection(
  documents: readonly RuleDocument[],
  problems: RuleProblem[],
): readonly RuleDocument[] {
  if (documents.every(({ data }) => !('action' in data))) return documents
  const resolved: RuleDocument[] = []
  const ids = new Map<string, number>()
  let globe: RuleDocument | undefined
  let last: RuleDocument | undefined
  /** The global document that nothing stands under yet. */
  let alone: RuleDocument | undefined

  const tellAlone = () => {
    if (alone) problems.push(alone.problem(['action'], 'unused-global', 'no rule stands under it'))
    alone = undefined
  }

  const add = (document: RuleDocument, under: RuleDocument | undefined) => {
    const { action: _, ...own } = document.data
    const whole = under ? document.over(merged(under.data, own), under) : document
    // Documents that have their id from a global one are rules of their own all the same.
    const { id } = whole.data
    last = whole
    if (typeof id === 'string') {
      const times = 'id' in own ? 0 : (ids.get(id) ?? 0)
      ids.set(id, times + 1)
      if (under && times > 0) last = whole.over({ ...whole.data, id: `${id}-${times + 1}` }, under)
    }
    resolved.push(last)
    alone = undefined
  }

  for (const document of documents) {
    const { action } = document.data
    switch (action) {
      case undefined:
        add(document, globe)
        break
      case 'global': {
        const { action: _, ...own } = document.data
        globe = globe ? document.over(merged(globe.data, own), globe) : document.over(own, document)
        alone ??= document
        break
      }
      case 'reset':
        tellAlone()
        globe = undefined
        break
      case 'repeat':
        if (last) add(document, last)
        else
          problems.push(
            document.problem(['action'], 'unknown-action', 'there is no rule before it to repeat'),
          )
        break
      default:
        problems.push(
          document.problem(['action'], 'unknown-action', `unknown action ${JSON.stringify(action)}`, {
            hint: 'the actions are global, reset and repeat',
            at: 'value',
          }),
        )
    }
  }
  tellAlone()
  return resolved
}

const DEEPEST = 40

function merged(under: Data, over: Data, depth = 0): Data {
  const result: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const below = result[key]
    result[key] = isMap(below) && isMap(value) && depth < DEEPEST ? merged(below, value, depth + 1) : value
  }
  return result
}

function isMap(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
