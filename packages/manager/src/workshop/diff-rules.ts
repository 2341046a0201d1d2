import { rulesIn } from '@vedette/detect'
import type { RuleText } from '@vedette/model'

/** A rule that is in one of two sets alone, or in both and not the same. */
export interface RuleDifference {
  readonly id: string
  readonly title: string
  readonly file: string
  /** What of it changed: `level`, `detection.selection.Image|endswith`; empty for added and removed ones. */
  readonly changes: readonly FieldChange[]
}

export interface FieldChange {
  readonly field: string
  /** As JSON, at most 500 characters; absent where it was not there. */
  readonly before?: string
  readonly after?: string
}

/** Two sets of rules, compared rule by rule: by their ids, wherever they stand. */
export interface RuleSetDifference {
  readonly added: readonly RuleDifference[]
  readonly removed: readonly RuleDifference[]
  readonly changed: readonly RuleDifference[]
  readonly unchanged: number
}

interface Found {
  readonly title: string
  readonly file: string
  readonly data: Readonly<Record<string, unknown>>
}

const LONGEST = 500

export function diffRules(before: readonly RuleText[], after: readonly RuleText[]): RuleSetDifference {
  const old = byId(before)
  const fresh = byId(after)
  const added: RuleDifference[] = []
  const removed: RuleDifference[] = []
  const changed: RuleDifference[] = []
  for (const [id, { title, file, data }] of fresh) {
    const known = old.get(id)
    if (!known) {
      added.push({ id, title, file, changes: [] })
      continue
    }
    const changes = changesOf(known.data, data, [])
    if (changes.length > 0) changed.push({ id, title, file, changes })
  }
  for (const [id, { title, file }] of old) {
    if (!fresh.has(id)) removed.push({ id, title, file, changes: [] })
  }
  return { added, removed, changed, unchanged: fresh.size - added.length - changed.length }
}

function byId(texts: readonly RuleText[]): Map<string, Found> {
  const found = new Map<string, Found>()
  for (const text of texts) {
    for (const { id, title, data } of rulesIn(text)) {
      if (!found.has(id)) found.set(id, { title, file: text.file, data })
    }
  }
  return found
}

/** Differences, key by key; lists are compared as a whole. */
function changesOf(before: unknown, after: unknown, path: readonly string[]): FieldChange[] {
  if (isMap(before) && isMap(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...keys].flatMap((key) => changesOf(before[key], after[key], [...path, key]))
  }
  const [from, to] = [JSON.stringify(before), JSON.stringify(after)]
  if (from === to) return []
  return [
    {
      field: path.join('.'),
      ...(from !== undefined && { before: cut(from) }),
      ...(to !== undefined && { after: cut(to) }),
    },
  ]
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}
