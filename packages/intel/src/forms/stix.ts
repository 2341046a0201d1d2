import { CodedError } from '@vedette/base'
import { parseStixPattern, type StixComparison, writeStixText } from '@vedette/formats'
import type { Indicator, IndicatorType, Tlp } from '@vedette/model'
import {
  type Draft,
  type ReadItem,
  readConfidence,
  readSeverity,
  readTime,
  readWords,
  typeNamed,
} from '../draft.ts'
import { BATCH, type IndicatorForm } from '../indicator-form.ts'
import { batched, excerpt, isRecord, parseDocument, textOf } from './json-document.ts'
import { uuidOf } from './uuid.ts'

/** STIX 2.1 bundles, and the envelopes in which TAXII 2.1 sends objects. Only what `indicator` objects say is taken. */
export const stix: IndicatorForm = {
  name: 'stix',
  unit: 'item',
  mediaType: 'application/stix+json;version=2.1',
  accepts: (head) => /^\s*\{/.test(head) && /"(?:spec_version|type)"\s*:\s*"(?:bundle|2\.[01])"/.test(head),
  read(text) {
    const document = parseDocument(text, 'stix')
    const objects = isRecord(document) ? document['objects'] : undefined
    if (!isRecord(document) || (objects !== undefined && !Array.isArray(objects))) {
      throw new CodedError('not-stix', 'Cannot read the stix document: expected a bundle with "objects"')
    }
    return batched(readStixObjects(objects ?? []), BATCH)
  },
  async *write(indicators, now) {
    const created = new Date(now).toISOString()
    yield `{"type":"bundle","id":"bundle--${uuidOf(`bundle ${now}`)}","objects":[\n`
    const used = new Set<Tlp>()
    let first = true
    for await (const batch of indicators) {
      const objects: Record<string, unknown>[] = []
      for (const one of batch) {
        if (!used.has(one.tlp)) objects.push(marking(one.tlp))
        used.add(one.tlp)
        const pattern = patternOf(one)
        if (pattern !== undefined) objects.push(written(one, pattern, created))
      }
      if (objects.length === 0) continue
      yield `${first ? '' : ',\n'}${objects.map((object) => JSON.stringify(object)).join(',\n')}`
      first = false
    }
    yield '\n]}\n'
  },
}

/** Ids that the TLP's marking definitions have everywhere: those of TLP 2.0, and of TLP 1.0 in STIX 2.1, section 7.2.1.4. */
const MARKINGS: Readonly<Record<string, Tlp>> = {
  'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487': 'clear',
  'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb': 'green',
  'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421': 'amber',
  'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003': 'amber+strict',
  'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1': 'red',
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9': 'clear',
  'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da': 'green',
  'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82': 'amber',
  'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'red',
}

/** Items of a list of STIX objects: one for each value that a pattern names. The place is the object's position. */
export function* readStixObjects(objects: readonly unknown[]): Generator<ReadItem> {
  const techniques = techniquesOf(objects)
  for (const [index, object] of objects.entries()) {
    if (!isRecord(object) || object['type'] !== 'indicator') continue
    yield* indicatorItems(index + 1, object, techniques)
  }
}

function* indicatorItems(
  place: number,
  object: Readonly<Record<string, unknown>>,
  techniques: ReadonlyMap<string, readonly string[]>,
): Generator<ReadItem> {
  const fault = (reason: string): ReadItem => ({ place, fault: reason, text: excerpt(object) })
  if (object['revoked'] === true) return
  const kind = object['pattern_type'] ?? 'stix'
  if (kind !== 'stix') {
    yield fault('unsupported-pattern-type')
    return
  }
  const pattern = textOf(object['pattern'])
  if (pattern === undefined) {
    yield fault('no-pattern')
    return
  }
  const outcome = parseStixPattern(pattern)
  if (!outcome.ok) {
    yield fault(outcome.reason)
    return
  }
  const said: Omit<Draft, 'type' | 'value'> = {
    confidence: readConfidence(object['confidence']),
    severity: readSeverity(object['x_vedette_severity']),
    tlp: tlpOf(object['object_marking_refs']),
    validFrom: readTime(object['valid_from']),
    validUntil: readTime(object['valid_until']),
    description: textOf(object['description']) ?? textOf(object['name']),
    tags: [
      ...(readWords(object['labels']) ?? []),
      ...(readWords(object['indicator_types']) ?? []).filter((kind) => kind !== 'malicious-activity'),
    ],
    techniques: [
      ...(techniques.get(textOf(object['id']) ?? '') ?? []),
      ...(readWords(object['x_vedette_techniques']) ?? []),
    ],
  }
  // What we wrote ourselves says which of our types it is, where STIX has one word for three.
  const type = typeNamed(textOf(object['x_vedette_type']) ?? '')
  const own = outcome.value.length === 1 && type ? { type } : {}
  for (const comparison of outcome.value) {
    const drafts = draftsOf(comparison)
    if (typeof drafts === 'string') yield fault(drafts)
    else for (const draft of drafts) yield { place, draft: { ...said, ...draft, ...own } }
  }
}

/** What a comparison names, or why nothing here can. */
function draftsOf(comparison: StixComparison): Pick<Draft, 'type' | 'value'>[] | string {
  const { object, path, operator, values } = comparison
  const name = `${object}:${path.join('.')}`
  const make = (type: IndicatorType | undefined, written = (text: string) => text) => {
    if (operator === 'LIKE' && type !== 'path' && type !== 'process_name') return 'unsupported-like'
    if (operator === 'ISSUBSET' && type !== 'cidr') return 'unsupported-issubset'
    return values.map((value) => ({ type, value: written(operator === 'LIKE' ? wildcards(value) : value) }))
  }
  if (object === 'file' && path[0] === 'hashes') {
    const type = { 'SHA-256': 'sha256', SHA256: 'sha256', 'SHA-1': 'sha1', SHA1: 'sha1', MD5: 'md5' }[
      (path[1] ?? '').toUpperCase()
    ]
    return type === undefined ? 'unsupported-hash' : make(type as IndicatorType)
  }
  switch (name) {
    case 'ipv4-addr:value':
    case 'ipv6-addr:value':
    case 'network-traffic:dst_ref.value':
    case 'network-traffic:src_ref.value':
      if (operator === 'ISSUBSET' || values.some((value) => value.includes('/'))) return make('cidr')
      return make(undefined)
    case 'domain-name:value':
      return make('domain')
    case 'url:value':
      return make('url')
    case 'file:name':
      return make('path', (text) => (text.includes('/') ? text : `*/${text}`))
    case 'process:name':
      return make('process_name')
    default:
      return 'unsupported-object'
  }
}

/** `%` and `_` of LIKE as `*` and `?`. */
function wildcards(text: string): string {
  return text.replaceAll('%', '*').replaceAll('_', '?')
}

function tlpOf(refs: unknown): Tlp | undefined {
  if (!Array.isArray(refs)) return undefined
  return refs.map((ref) => MARKINGS[String(ref)]).find((tlp) => tlp !== undefined)
}

/** By the id of an indicator, the ATT&CK techniques that a relationship says it indicates. */
function techniquesOf(objects: readonly unknown[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string>()
  const found = new Map<string, string[]>()
  const relations: [string, string][] = []
  for (const object of objects) {
    if (!isRecord(object)) continue
    if (object['type'] === 'attack-pattern' && Array.isArray(object['external_references'])) {
      for (const reference of object['external_references']) {
        if (isRecord(reference) && reference['source_name'] === 'mitre-attack') {
          names.set(textOf(object['id']) ?? '', textOf(reference['external_id']) ?? '')
        }
      }
    }
    if (object['type'] === 'relationship' && object['relationship_type'] === 'indicates') {
      relations.push([textOf(object['source_ref']) ?? '', textOf(object['target_ref']) ?? ''])
    }
  }
  for (const [source, target] of relations) {
    const name = names.get(target)
    if (name !== undefined) found.set(source, [...(found.get(source) ?? []).slice(0, 31), name])
  }
  return found
}

/** The pattern of an indicator; undefined for what STIX has no word for. */
function patternOf({ type, value }: Indicator): string | undefined {
  const quoted = writeStixText(value)
  switch (type) {
    case 'sha256':
      return `[file:hashes.'SHA-256' = ${quoted}]`
    case 'sha1':
      return `[file:hashes.'SHA-1' = ${quoted}]`
    case 'md5':
      return `[file:hashes.MD5 = ${quoted}]`
    case 'ipv4':
    case 'ipv6':
      return `[${type}-addr:value = ${quoted}]`
    case 'cidr':
      return `[${value.includes(':') ? 'ipv6' : 'ipv4'}-addr:value ISSUBSET ${quoted}]`
    case 'domain':
    case 'domain_suffix':
    case 'registered_domain':
      return `[domain-name:value = ${quoted}]`
    case 'url':
      return value.startsWith('//') ? undefined : `[url:value = ${quoted}]`
    case 'path':
      return /[*?]/.test(value)
        ? `[file:name LIKE ${writeStixText(value.replaceAll('*', '%').replaceAll('?', '_'))}]`
        : `[file:name = ${quoted}]`
    default:
      return /[*?]/.test(value)
        ? `[process:name LIKE ${writeStixText(value.replaceAll('*', '%').replaceAll('?', '_'))}]`
        : `[process:name = ${quoted}]`
  }
}

function written(one: Indicator, pattern: string, created: string): Record<string, unknown> {
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${uuidOf(`${one.source} ${one.type} ${one.value}`)}`,
    created,
    modified: created,
    name: one.value,
    ...(one.description === undefined ? {} : { description: one.description }),
    indicator_types: ['malicious-activity'],
    pattern,
    pattern_type: 'stix',
    valid_from: new Date(one.validFrom).toISOString(),
    ...(one.validUntil === undefined ? {} : { valid_until: new Date(one.validUntil).toISOString() }),
    confidence: one.confidence,
    ...(one.tags.length > 0 ? { labels: one.tags } : {}),
    object_marking_refs: [markingId(one.tlp)],
    x_vedette_type: one.type,
    x_vedette_severity: one.severity,
    ...(one.techniques.length > 0 ? { x_vedette_techniques: one.techniques } : {}),
  }
}

function markingId(tlp: Tlp): string {
  return Object.entries(MARKINGS).find(([, name]) => name === tlp)?.[0] ?? ''
}

function marking(tlp: Tlp): Record<string, unknown> {
  return {
    type: 'marking-definition',
    spec_version: '2.1',
    id: markingId(tlp),
    created: '2022-10-01T00:00:00.000Z',
    name: `TLP:${tlp.toUpperCase()}`,
    extensions: {
      'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d': {
        extension_type: 'property-extension',
        tlp_2_0: tlp,
      },
    },
  }
}
