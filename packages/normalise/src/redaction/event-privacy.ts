import { createHmac } from 'node:crypto'
import type { Event } from '@vedette/model'
import type { RedactionConfig } from './config.ts'
import { type FieldPolicy, type PolicyTree, policyTree } from './field-policies.ts'
import { redactor } from './redact.ts'

/** How deep and how many values of a record of unknown keys are looked at. */
const MAX_DEPTH = 8
/** Hashes that are remembered, of values of at most so many characters: 16 MiB with their values. */
const MAX_HASHES = 4096
const MAX_REMEMBERED = 2048

/**
 * What of an Event may leave the host, by field. Where nothing has to be taken out it is the same object, and nothing was
 * allocated.
 */
export interface EventPrivacy {
  of<T extends Event>(event: T): T
}

/**
 * @param key of this host, for what is hashed: nobody without it can try values until one fits
 */
export function eventPrivacy({ enabled, fields }: RedactionConfig, key: Uint8Array): EventPrivacy {
  const trees = policyTree(fields, enabled)
  /** In an inventory a name such as `password` says in which state one is. */
  let trustsNames = true
  // Command lines of ancestors and names of users come again and again, and a hash costs as much as the rest of the event.
  const hashes = new Map<string, string>()
  const hash = (value: string) => {
    const known = hashes.get(value)
    if (known !== undefined) return known
    const digest = createHmac('sha256', key).update(value).digest('hex')
    const made = `hash:${digest.slice(0, 32)}`
    if (hashes.size >= MAX_HASHES) hashes.clear()
    if (value.length <= MAX_REMEMBERED) hashes.set(value, made)
    return made
  }

  function text(policy: FieldPolicy, value: string): string {
    if (policy === 'redact') return redactor.text(value)
    return value.startsWith('hash:') && value.length === 37 ? value : hash(value)
  }

  /** `undefined` for what is dropped. */
  function all(policy: FieldPolicy, value: unknown, depth: number): unknown {
    if (policy === 'drop') return undefined
    if (typeof value === 'string') return text(policy, value)
    if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value
    if (Array.isArray(value)) {
      let changed: unknown[] | undefined
      for (let index = 0; index < value.length; index += 1) {
        const before: unknown = value[index]
        const after = all(policy, before, depth + 1)
        if (after !== before) (changed ??= [...(value as unknown[])])[index] = after
      }
      return changed ?? value
    }
    return record(value as Readonly<Record<string, unknown>>, policy, depth)
  }

  /** Of unknown keys: what a key says is a secret is one. */
  function record(
    value: Readonly<Record<string, unknown>>,
    policy: FieldPolicy,
    depth: number,
  ): Readonly<Record<string, unknown>> {
    let changed: Record<string, unknown> | undefined
    for (const key in value) {
      const before = value[key]
      const after =
        policy === 'redact' && trustsNames && typeof before === 'string' && redactor.isSecretName(key)
          ? redactor.value(before)
          : all(policy, before, depth + 1)
      if (after !== before) (changed ??= { ...value })[key] = after
    }
    return changed ?? value
  }

  function below(value: unknown, trees: readonly PolicyTree[]): unknown {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) {
      let changed: unknown[] | undefined
      for (let index = 0; index < value.length; index += 1) {
        const before: unknown = value[index]
        const after = below(before, trees)
        if (after !== before) (changed ??= [...(value as unknown[])])[index] = after
      }
      return changed ?? value
    }
    const object = value as Readonly<Record<string, unknown>>
    let changed: Record<string, unknown> | undefined
    for (let index = 0; index < trees.length; index += 1) {
      const tree = trees[index]
      if (tree === undefined) continue
      const before = object[tree.key]
      if (before === undefined) continue
      let after: unknown
      if (tree.policy === undefined) after = below(before, tree.below)
      // A header, a variable: the name beside it says what it is.
      else if (tree.policy === 'redact' && tree.key === 'value' && redactor.isSecretName(object['name']))
        after = redactor.value(before)
      else after = all(tree.policy, before, 0)
      if (after === before) continue
      changed ??= { ...object }
      if (after === undefined) delete changed[tree.key]
      else changed[tree.key] = after
    }
    return changed ?? value
  }

  return {
    of<T extends Event>(event: T): T {
      const tree = trees.get(event.kind)
      if (tree === undefined) return event
      trustsNames = event.kind !== 'inventory'
      return below(event, tree) as T
    },
  }
}
