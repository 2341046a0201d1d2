import { guessIndicator, normaliseIndicator } from '@vedette/formats'
import {
  indicatorBounds,
  type IndicatorDefaults,
  type IndicatorFacts,
  type IndicatorType,
  indicatorTypes,
  severities,
  type Severity,
  tlps,
  type Tlp,
} from '@vedette/model'

/** What a source says of one indicator, as it says it. */
export interface Draft {
  /** Left out: what the value most likely is. */
  readonly type?: IndicatorType | undefined
  readonly value: string
  readonly confidence?: number | undefined
  readonly severity?: Severity | undefined
  readonly tlp?: Tlp | undefined
  /** Milliseconds since the epoch. */
  readonly validFrom?: number | undefined
  readonly validUntil?: number | undefined
  readonly description?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly techniques?: readonly string[] | undefined
}

/** One thing that stands in a file: an indicator, or why it is none. */
export type ReadItem =
  | { readonly place: number; readonly draft: Draft }
  | { readonly place: number; readonly fault: string; readonly text: string }

/** Where and why something was not taken. */
export interface Malformed {
  /** 1-based: the line of a text, the item of a document. */
  readonly place: number
  /** Stable, kebab-case: `not-sha256`. */
  readonly reason: string
  /** What stands there, cut to 200 characters. */
  readonly text: string
}

const LONGEST_EXCERPT = 200

export function malformed(place: number, reason: string, text: string): Malformed {
  return { place, reason, text: text.slice(0, LONGEST_EXCERPT).toWellFormed() }
}

/** Makes an indicator's facts of a draft: its value in the one form, everything within bounds, defaults where it is silent. */
export function settle(
  { type, value, ...said }: Draft,
  defaults: IndicatorDefaults,
  now: number,
): IndicatorFacts | { readonly reason: string } {
  let settled: { readonly type: IndicatorType; readonly value: string } | undefined
  if (type === undefined) {
    settled = guessIndicator(value)
    if (settled === undefined) return { reason: value.trim() === '' ? 'empty' : 'unknown-type' }
  } else {
    const outcome = normaliseIndicator(type, value)
    if (!outcome.ok) return { reason: outcome.reason }
    settled = outcome.value
  }
  const validFrom = said.validFrom ?? now
  const validUntil =
    said.validUntil ?? (defaults.valid_days > 0 ? validFrom + defaults.valid_days * 86_400_000 : undefined)
  if (validUntil !== undefined && validUntil <= validFrom) return { reason: 'ends-before-it-begins' }
  const description = said.description && plain(said.description, indicatorBounds.description)
  return {
    ...settled,
    confidence: Math.min(100, Math.max(0, Math.round(said.confidence ?? defaults.confidence))),
    severity: said.severity ?? defaults.severity,
    tlp: said.tlp ?? defaults.tlp,
    validFrom,
    ...(validUntil === undefined ? {} : { validUntil }),
    ...(description ? { description } : {}),
    tags: words(said.tags, indicatorBounds.tags, indicatorBounds.tag),
    techniques: (said.techniques ?? [])
      .map((id) => id.toUpperCase())
      .filter((id) => /^T\d{4}(?:\.\d{3})?$/.test(id))
      .slice(0, indicatorBounds.techniques),
  }
}

function words(given: readonly string[] | undefined, most: number, length: number): string[] {
  const kept = new Set((given ?? []).slice(0, most).map((word) => plain(word, length)))
  kept.delete('')
  return [...kept]
}

/** On one line, cut, without what a store could not keep. */
function plain(text: string, length: number): string {
  return (
    text
      .slice(0, length)
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
      .replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')
      .trim()
  )
}

/** Names of types as feeds write them. */
const TYPE_NAMES: Readonly<Record<string, IndicatorType>> = {
  ...Object.fromEntries(indicatorTypes.map((type) => [type, type])),
  'sha-256': 'sha256',
  'sha-1': 'sha1',
  file_hash: 'sha256',
  sha256_hash: 'sha256',
  sha1_hash: 'sha1',
  md5_hash: 'md5',
  'ipv4-addr': 'ipv4',
  'ipv6-addr': 'ipv6',
  netblock: 'cidr',
  range: 'cidr',
  network: 'cidr',
  hostname: 'domain',
  fqdn: 'domain',
  host: 'domain',
  'domain-name': 'domain',
  domain_name: 'domain',
  uri: 'url',
  link: 'url',
  file_path: 'path',
  filepath: 'path',
  path_pattern: 'path',
  process: 'process_name',
  'process-name': 'process_name',
}

/** Names that mean an indicator whose type its value tells: `ip`, `hash`. */
const GUESSED = new Set([
  'ip',
  'ip_address',
  'ip-address',
  'address',
  'ip:port',
  'hash',
  'file',
  'ioc',
  'indicator',
  'value',
  '',
])

/** The type that a name means; null where the value tells it, undefined where the name is not known. */
export function typeNamed(name: string): IndicatorType | null | undefined {
  const plainName = name.trim().toLowerCase().replaceAll(' ', '_')
  if (GUESSED.has(plainName)) return null
  return Object.hasOwn(TYPE_NAMES, plainName) ? TYPE_NAMES[plainName] : undefined
}

/** A time as feeds write it: ISO 8601, `2026-11-20 08:00:00` (UTC), seconds or milliseconds since the epoch. */
export function readTime(value: unknown): number | undefined {
  if (typeof value === 'number' || (typeof value === 'string' && /^\d{9,13}$/.test(value))) {
    const number = Number(value)
    const time = number < 100_000_000_000 ? number * 1000 : number
    return time >= 0 && time < LATEST ? time : undefined
  }
  if (typeof value !== 'string' || value.length > 40) return undefined
  const found =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?: ?UTC|Z)?([+-]\d\d:?\d\d)?)?$/.exec(
      value.trim(),
    )
  if (!found) return undefined
  const time = Date.parse(`${found[1]}T${found[2] ?? '00:00'}${found[3] ?? 'Z'}`)
  return Number.isNaN(time) || time < 0 || time >= LATEST ? undefined : time
}

/** The year 2100: kept times are seconds in 32 bits. */
const LATEST = 4_102_444_800_000

export function readSeverity(value: unknown): Severity | undefined {
  if (typeof value !== 'string') return undefined
  const word = value.trim().toLowerCase()
  if (word === 'info') return 'informational'
  return severities.find((severity) => severity === word)
}

/** `TLP:AMBER+STRICT`, `tlp:white`, `green`. */
export function readTlp(value: unknown): Tlp | undefined {
  if (typeof value !== 'string') return undefined
  const word = value
    .trim()
    .toLowerCase()
    .replace(/^tlp[:=]\s*/, '')
    .replaceAll('"', '')
  if (word === 'white') return 'clear'
  return tlps.find((tlp) => tlp === word)
}

/** 0-100, or a word of the Admiralty-like scales that feeds use. */
export function readConfidence(value: unknown): number | undefined {
  if (typeof value === 'number') return value >= 0 && value <= 100 ? value : undefined
  if (typeof value !== 'string') return undefined
  const word = value.trim().toLowerCase().replace(/%$/, '')
  if (/^\d{1,3}(?:\.\d+)?$/.test(word)) return Number(word) <= 100 ? Number(word) : undefined
  return { low: 15, medium: 50, high: 85 }[word]
}

/** A list, or a text with commas, semicolons or bars between. */
export function readWords(value: unknown): string[] | undefined {
  if (Array.isArray(value)) return value.filter((item) => typeof item === 'string')
  if (typeof value !== 'string' || value.trim() === '') return undefined
  return value.split(/[,;|]/).map((word) => word.trim())
}
