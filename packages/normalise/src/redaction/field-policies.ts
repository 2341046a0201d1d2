import type { EventKind } from '@vedette/model'
import { type TextField, textFields } from './event-fields.ts'

/**
 * What becomes of a field before an Event leaves: `keep` it as it is, `redact` secrets within it, `hash` all of it with the
 * host's key (equal values stay equal), or `drop` it.
 */
export const fieldPolicies = ['keep', 'redact', 'hash', 'drop'] as const

export type FieldPolicy = (typeof fieldPolicies)[number]

/** Policies by field: `process.cmd_line`, `authentication/user.name` of one kind, `*.user.name` at any depth. */
export type FieldPolicies = Readonly<Record<string, FieldPolicy>>

/** By what an Event is known and joined: without them it is none. */
const IDENTITY =
  /^(?:id|kind|metadata\..*|device\.uid|flow_uid|flow\..*|finding_info\.uid|(?:.*\.)?(?:process|parent_process|target_process|ancestry)\.uid)$/
/** Secrets are taken out of these where they are read, so that they never stand in an Event. */
const AT_THE_SOURCE = /(?:^|\.)cmd_line$|^(?:log|authentication|account)\/(?:message|raw|unmapped)$/
/** Longest text of a hash: its mark and 128 bits as hex digits. */
const HASH_LENGTH = 'hash:'.length + 32
/** A text that is shorter holds a name, a number or a word of a list. */
const LEAST_WITH_SECRET = 1024
/** They name a thing; who asks for it, and what is done about it, needs the name as it is. */
const NAMES =
  /(?:^|\.)(?:path|name|working_directory|cgroup|uid|hostname|user|subject|issuer|sni|ja3_string|ja3s_string|command|service|runtime|server_alpn|client_alpns|sans|rdata|server|content_type|request_content_type|message_uid)$/

let known: readonly TextField[] | undefined

function knownFields(): readonly TextField[] {
  known ??= textFields()
  return known
}

/** Why a policy cannot be; nothing where it can. */
export function policyFault(field: string, policy: FieldPolicy): string | undefined {
  const matching = fieldsOf(field)
  if (matching.length === 0) {
    const near = nearest(field)
    return `there is no field ${field} with text in any event${near === undefined ? '' : `, did you mean ${near}`}`
  }
  for (const { kind, path, optional, maxLength, open } of matching) {
    const of = `${path} of ${kind} events`
    if (policy !== 'keep' && IDENTITY.test(path)) return `${of} says which event it is and stays`
    if (policy === 'keep' && AT_THE_SOURCE.test(sourceKey(kind, path))) {
      return `secrets are taken out of ${of} where it is read; enabled: false leaves them in`
    }
    if (policy === 'drop' && !optional) return `${of} cannot be left out; hash it or redact it`
    if (policy === 'hash' && open) return `${of} is no single value; drop it or redact it`
    if (policy === 'hash' && (maxLength === undefined || maxLength < HASH_LENGTH)) {
      return `${of} has a form of its own, in which a hash cannot stand`
    }
  }
  return undefined
}

/** What to do in the events of a kind, as a tree of keys. */
export interface PolicyTree {
  readonly key: string
  /** What to do with all of it; undefined: look below. */
  readonly policy: FieldPolicy | undefined
  readonly below: readonly PolicyTree[]
}

/** @param policies checked by `policyFault`; the one that stands later in them wins */
export function policyTree(
  policies: FieldPolicies,
  redacts: boolean,
): ReadonlyMap<EventKind, readonly PolicyTree[]> {
  const chosen = new Map<string, FieldPolicy>()
  const byKey = new Map(knownFields().map((field) => [`${field.kind}/${field.path}`, field]))
  if (redacts) {
    for (const [key, field] of byKey) if (mayHoldSecret(field)) chosen.set(key, 'redact')
  }
  for (const [field, policy] of Object.entries(policies)) {
    for (const { kind, path } of fieldsOf(field)) chosen.set(`${kind}/${path}`, policy)
  }
  const trees = new Map<EventKind, Growing[]>()
  for (const [key, policy] of chosen) {
    if (policy === 'keep') continue
    const { kind, path } = byKey.get(key) ?? {}
    if (kind === undefined || path === undefined) continue
    const roots = trees.get(kind) ?? []
    trees.set(kind, roots)
    grow(roots, path.split('.'), policy)
  }
  return trees
}

interface Growing extends PolicyTree {
  policy: FieldPolicy | undefined
  readonly below: Growing[]
}

function grow(siblings: Growing[], [key = '', ...rest]: readonly string[], policy: FieldPolicy): void {
  let node = siblings.find((sibling) => sibling.key === key)
  if (node === undefined) {
    node = { key, policy: undefined, below: [] }
    siblings.push(node)
  }
  if (rest.length === 0) node.policy = policy
  else grow(node.below, rest, policy)
}

function mayHoldSecret({ kind, path, maxLength, open }: TextField): boolean {
  if (IDENTITY.test(path) || path === 'item.key' || AT_THE_SOURCE.test(sourceKey(kind, path))) return false
  return open || (maxLength !== undefined && maxLength >= LEAST_WITH_SECRET && !NAMES.test(path))
}

function sourceKey(kind: EventKind, path: string): string {
  return `${kind}/${path}`
}

function fieldsOf(field: string): readonly TextField[] {
  const slash = field.indexOf('/')
  const kind = slash < 0 ? undefined : field.slice(0, slash)
  const path = field.slice(slash + 1)
  const matches = path.startsWith('*.')
    ? (known: string) => `.${known}`.endsWith(path.slice(1))
    : (known: string) => known === path
  return knownFields().filter((one) => (kind === undefined || one.kind === kind) && matches(one.path))
}

/** The path that is least letters away, within a third of its own. */
function nearest(field: string): string | undefined {
  const path = field.slice(field.indexOf('/') + 1).slice(0, 128)
  let best: { readonly path: string; readonly distance: number } | undefined
  for (const one of new Set(knownFields().map((known) => known.path))) {
    const distance = lettersApart(path, one)
    if (distance <= one.length / 3 && (best === undefined || distance < best.distance))
      best = { path: one, distance }
  }
  return best?.path
}

/** Levenshtein's distance. */
function lettersApart(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const swapped = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swapped))
    }
    row = next
  }
  return row[b.length] ?? 0
}
