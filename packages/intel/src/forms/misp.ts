import { CodedError } from '@vedette/base'
import type { Indicator, IndicatorType, Severity } from '@vedette/model'
import { type Draft, type ReadItem, readTime, readTlp } from '../draft.ts'
import { BATCH, type IndicatorForm } from '../indicator-form.ts'
import { batched, excerpt, isRecord, parseDocument, textOf } from './json-document.ts'
import { uuidOf } from './uuid.ts'

/**
 * MISP events (github.com/MISP/misp-rfc, core format): one, or several under `response`. Taken are attributes that are
 * meant for detection (`to_ids`), also those of objects.
 */
export const misp: IndicatorForm = {
  name: 'misp',
  unit: 'item',
  mediaType: 'application/json',
  accepts: (head) => /^\s*[[{]/.test(head) && /"(?:Event|Attribute)"\s*:/.test(head),
  read: (text) => batched(items(parseDocument(text, 'misp')), BATCH),
  async *write(indicators, now) {
    const time = String(Math.floor(now / 1000))
    const event = {
      uuid: uuidOf(`event ${now}`),
      info: 'Indicators of Vedette',
      date: new Date(now).toISOString().slice(0, 10),
      timestamp: time,
      threat_level_id: '2',
      analysis: '2',
      distribution: '0',
      published: false,
    }
    yield `{"Event":${JSON.stringify(event).slice(0, -1)},"Attribute":[\n`
    let first = true
    for await (const batch of indicators) {
      if (batch.length === 0) continue
      yield `${first ? '' : ',\n'}${batch.map((one) => JSON.stringify(written(one))).join(',\n')}`
      first = false
    }
    yield '\n]}}\n'
  },
}

/** Types of attributes; of those with a bar the first part, or the second where it stands for `1`. */
const TYPES: Readonly<Record<string, readonly [type: IndicatorType | null, part: 0 | 1]>> = {
  md5: ['md5', 0],
  sha1: ['sha1', 0],
  sha256: ['sha256', 0],
  'filename|md5': ['md5', 1],
  'filename|sha1': ['sha1', 1],
  'filename|sha256': ['sha256', 1],
  'ip-src': [null, 0],
  'ip-dst': [null, 0],
  'ip-src|port': [null, 0],
  'ip-dst|port': [null, 0],
  domain: ['domain', 0],
  hostname: ['domain', 0],
  'hostname|port': ['domain', 0],
  'domain|ip': ['domain', 0],
  url: ['url', 0],
  uri: ['url', 0],
  link: ['url', 0],
  filename: ['path', 0],
  'process-name': ['process_name', 0],
}

const LEVELS: Readonly<Record<string, Severity>> = { '1': 'high', '2': 'medium', '3': 'low' }

function* items(document: unknown): Generator<ReadItem> {
  let place = 0
  for (const event of eventsOf(document)) {
    const tags = tagsOf(event['Tag'])
    const severity = LEVELS[String(event['threat_level_id'])]
    const info = textOf(event['info'])
    for (const attribute of attributesOf(event)) {
      place += 1
      const item = itemOf(place, attribute, { tags, severity, description: info })
      if (item) yield item
    }
  }
}

function eventsOf(document: unknown): Readonly<Record<string, unknown>>[] {
  const list = isRecord(document) && Array.isArray(document['response']) ? document['response'] : document
  const events = (Array.isArray(list) ? list : [list])
    .map((one) => (isRecord(one) && isRecord(one['Event']) ? one['Event'] : one))
    .filter((one) => isRecord(one) && (Array.isArray(one['Attribute']) || Array.isArray(one['Object'])))
  if (events.length === 0 && !(Array.isArray(list) && list.length === 0)) {
    throw new CodedError(
      'not-misp',
      'Cannot read the misp document: expected an "Event" with "Attribute" or "Object"',
    )
  }
  return events as Readonly<Record<string, unknown>>[]
}

function* attributesOf(event: Readonly<Record<string, unknown>>): Generator {
  if (Array.isArray(event['Attribute'])) yield* event['Attribute']
  if (!Array.isArray(event['Object'])) return
  for (const object of event['Object']) {
    if (isRecord(object) && Array.isArray(object['Attribute'])) yield* object['Attribute']
  }
}

function itemOf(
  place: number,
  attribute: unknown,
  event: Omit<Draft, 'type' | 'value'>,
): ReadItem | undefined {
  const fault = (reason: string): ReadItem => ({ place, fault: reason, text: excerpt(attribute) })
  if (!isRecord(attribute)) return fault('not-an-object')
  // Not meant for detection, or taken back: nothing is wrong with it.
  if (attribute['to_ids'] === false || attribute['to_ids'] === '0' || attribute['deleted'] === true)
    return undefined
  const known = TYPES[textOf(attribute['type']) ?? '']
  if (!known) return fault('unsupported-attribute')
  const written = textOf(attribute['value'])
  if (written === undefined) return fault('no-value')
  const [type, part] = known
  const value = written.split('|')[part] ?? ''
  const tags = [...(event.tags ?? []), ...tagsOf(attribute['Tag'])]
  const draft: Draft = {
    type: type ?? (value.includes('/') ? 'cidr' : undefined),
    value: type === 'path' && !/^[/*%~$]|^[a-z]:\\/i.test(value) ? `*/${value}` : value,
    severity: event.severity,
    tlp: tags
      .map((tag) => (/^tlp:/i.test(tag) ? readTlp(tag) : undefined))
      .findLast((tlp) => tlp !== undefined),
    validFrom: readTime(attribute['first_seen']) ?? readTime(attribute['timestamp']),
    description: textOf(attribute['comment']) || event.description,
    tags: tags.filter((tag) => !/^tlp:|^misp-galaxy:mitre-attack-pattern/i.test(tag)),
    techniques: tags.flatMap(
      (tag) => /mitre-attack-pattern="[^"]* - (T\d{4}(?:\.\d{3})?)"/.exec(tag)?.[1] ?? [],
    ),
  }
  return { place, draft }
}

function tagsOf(tags: unknown): string[] {
  if (!Array.isArray(tags)) return []
  return tags.slice(0, 64).flatMap((tag) => (isRecord(tag) ? (textOf(tag['name']) ?? []) : []))
}

const ATTRIBUTES: Readonly<Record<IndicatorType, readonly [type: string, category: string]>> = {
  sha256: ['sha256', 'Payload delivery'],
  sha1: ['sha1', 'Payload delivery'],
  md5: ['md5', 'Payload delivery'],
  ipv4: ['ip-dst', 'Network activity'],
  ipv6: ['ip-dst', 'Network activity'],
  cidr: ['ip-dst', 'Network activity'],
  domain: ['domain', 'Network activity'],
  domain_suffix: ['domain', 'Network activity'],
  registered_domain: ['domain', 'Network activity'],
  url: ['url', 'Network activity'],
  path: ['filename', 'Artifacts dropped'],
  process_name: ['process-name', 'Artifacts dropped'],
}

function written(one: Indicator): Record<string, unknown> {
  const [type, category] = ATTRIBUTES[one.type]
  return {
    uuid: uuidOf(`${one.source} ${one.type} ${one.value}`),
    type,
    category,
    value: one.value,
    to_ids: true,
    comment: one.description ?? '',
    timestamp: String(Math.floor(one.validFrom / 1000)),
    Tag: [`tlp:${one.tlp}`, ...one.tags].map((name) => ({ name })),
  }
}
