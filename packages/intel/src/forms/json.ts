import { CodedError } from '@vedette/base'
import type { Indicator, IndicatorType } from '@vedette/model'
import type { ReadItem } from '../draft.ts'
import { BATCH, type IndicatorForm } from '../indicator-form.ts'
import { batched, excerpt, isRecord, parseDocument } from './json-document.ts'
import { recordDraft } from './record-draft.ts'

/** Lists of one kind at the top of a document, as other programs write them. */
const LISTS: Readonly<Record<string, IndicatorType | null>> = {
  file_hashes: null,
  hashes: null,
  sha256: 'sha256',
  sha1: 'sha1',
  md5: 'md5',
  ip_addresses: null,
  ips: null,
  addresses: null,
  networks: 'cidr',
  domains: null,
  urls: 'url',
  file_paths: 'path',
  file_path_patterns: 'path',
  paths: 'path',
  process_names: 'process_name',
  processes: 'process_name',
}

/**
 * `{"indicators": [{"type": "sha256", "value": "...", ...}]}`, a bare list of these or of texts, one object a line, or
 * lists by kind: `{"file_hashes": [...], "ip_addresses": [...], "domains": [...]}`.
 */
export const json: IndicatorForm = {
  name: 'json',
  unit: 'item',
  mediaType: 'application/json',
  accepts: (head) => /^\s*[[{]/.test(head),
  read: (text) => batched(items(text), BATCH),
  async *write(indicators) {
    yield '{"indicators":[\n'
    let first = true
    for await (const batch of indicators) {
      if (batch.length === 0) continue
      yield `${first ? '' : ',\n'}${batch.map((one) => JSON.stringify(written(one))).join(',\n')}`
      first = false
    }
    yield '\n]}\n'
  },
}

function* items(text: string): Generator<ReadItem> {
  const document = isLines(text) ? undefined : parseDocument(text, 'json')
  if (document === undefined) {
    yield* lineItems(text)
    return
  }
  if (Array.isArray(document)) {
    yield* listItems(document, null, 0)
    return
  }
  if (!isRecord(document))
    throw new CodedError('not-json', 'Cannot read the json document: expected an object or a list')
  const list = document['indicators'] ?? document['iocs'] ?? document['data']
  let place = 0
  let known = false
  if (Array.isArray(list)) {
    known = true
    yield* listItems(list, null, 0)
    place = list.length
  }
  for (const [name, type] of Object.entries(LISTS)) {
    const kind = document[name]
    if (!Array.isArray(kind)) continue
    known = true
    yield* listItems(kind, type, place)
    place += kind.length
  }
  if (!known) {
    throw new CodedError(
      'not-json',
      `Cannot read the json document: expected "indicators", or lists such as "domains"; found ${excerpt(document)}`,
    )
  }
}

/** One object a line: the first line ends with a brace, and another begins. */
function isLines(text: string): boolean {
  return /^\s*\{[^\n]*\}[^\S\n]*\r?\n\s*\{/.test(text.slice(0, 65_536))
}

function* lineItems(text: string): Generator<ReadItem> {
  let place = 0
  for (const line of linesOf(text)) {
    place += 1
    if (line.trim() === '') continue
    let item: unknown
    try {
      item = parseDocument(line, 'json')
    } catch {
      yield { place, fault: 'not-json', text: line }
      continue
    }
    yield itemOf(item, null, place)
  }
}

function* linesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from)
    const to = end < 0 ? text.length : end
    yield text.slice(from, to)
    from = to + 1
  }
}

function* listItems(
  list: readonly unknown[],
  type: IndicatorType | null,
  before: number,
): Generator<ReadItem> {
  for (const [index, item] of list.entries()) yield itemOf(item, type, before + index + 1)
}

function itemOf(item: unknown, type: IndicatorType | null, place: number): ReadItem {
  if (typeof item === 'string') return { place, draft: { type: type ?? undefined, value: item } }
  if (!isRecord(item)) return { place, fault: 'not-an-object', text: excerpt(item) }
  return recordDraft(place, type === null || item['type'] !== undefined ? item : { ...item, type })
}

function written(one: Indicator): Record<string, unknown> {
  return {
    type: one.type,
    value: one.value,
    source: one.source,
    confidence: one.confidence,
    severity: one.severity,
    tlp: one.tlp,
    valid_from: new Date(one.validFrom).toISOString(),
    ...(one.validUntil === undefined ? {} : { valid_until: new Date(one.validUntil).toISOString() }),
    ...(one.description === undefined ? {} : { description: one.description }),
    tags: one.tags,
    techniques: one.techniques,
    sightings: one.sightings.count,
  }
}
