import type { IndicatorType } from '@vedette/model'
import {
  type Draft,
  type ReadItem,
  readConfidence,
  readSeverity,
  readTime,
  readTlp,
  readWords,
  typeNamed,
} from '../draft.ts'
import { excerpt, textOf } from './json-document.ts'

/** Names under which a record of JSON or CSV has an indicator's value; with each the type that the name itself tells. */
export const VALUE_NAMES: Readonly<Record<string, IndicatorType | null>> = {
  value: null,
  indicator: null,
  ioc: null,
  ioc_value: null,
  observable: null,
  sha256: 'sha256',
  sha256_hash: 'sha256',
  sha1: 'sha1',
  sha1_hash: 'sha1',
  md5: 'md5',
  md5_hash: 'md5',
  hash: null,
  file_hash: null,
  ip: null,
  ip_address: null,
  dst_ip: null,
  src_ip: null,
  address: null,
  cidr: 'cidr',
  domain: 'domain',
  hostname: 'domain',
  host: null,
  url: 'url',
  file_path: 'path',
  path: 'path',
  process_name: 'process_name',
}

/** An indicator of a record with named fields: an item of JSON, a line of CSV. */
export function recordDraft(place: number, record: Readonly<Record<string, unknown>>): ReadItem {
  const fault = (reason: string): ReadItem => ({ place, fault: reason, text: excerpt(record) })
  const typeName = textOf(record['type'] ?? record['indicator_type'] ?? record['ioc_type'])
  const type = typeName === undefined ? null : typeNamed(typeName)
  if (type === undefined) return fault('unknown-type')
  const name = Object.keys(VALUE_NAMES).find((key) => {
    const value = record[key]
    return typeof value === 'string' && value.trim() !== ''
  })
  if (name === undefined) return fault('no-value')
  const value = textOf(record[name]) ?? ''
  const from = record['valid_from'] ?? record['first_seen'] ?? record['first_seen_utc'] ?? record['dateadded']
  const until = record['valid_until'] ?? record['expires'] ?? record['expiration']
  const validUntil = readTime(until)
  if (validUntil === undefined && until !== undefined && until !== null && until !== '')
    return fault('unreadable-time')
  const draft: Draft = {
    type: type ?? VALUE_NAMES[name] ?? undefined,
    value,
    confidence: readConfidence(record['confidence'] ?? record['confidence_level']),
    severity: readSeverity(record['severity']),
    tlp: readTlp(record['tlp']),
    validFrom: readTime(from),
    validUntil,
    description: textOf(record['description'] ?? record['comment'] ?? record['malware'] ?? record['threat']),
    tags: readWords(record['tags'] ?? record['labels']),
    techniques: readWords(record['techniques'] ?? record['mitre_techniques']),
  }
  return { place, draft }
}
