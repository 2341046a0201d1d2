import { z } from 'zod'
import { type Severity, severitySchema } from './severity.ts'

/**
 * What an indicator names. `domain` is that host alone, `domain_suffix` the domain and all below it,
 * `registered_domain` every host that somebody registered together (`evil.co.uk`, by the Public Suffix List).
 * `path` and `process_name` may have wildcards.
 */
export const indicatorTypes = [
  'sha256',
  'sha1',
  'md5',
  'ipv4',
  'ipv6',
  'cidr',
  'domain',
  'domain_suffix',
  'registered_domain',
  'url',
  'path',
  'process_name',
] as const
export type IndicatorType = (typeof indicatorTypes)[number]
export const indicatorTypeSchema = z.enum(indicatorTypes)

export const tlps = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const
/** With whom it may be shared: Traffic Light Protocol 2.0 (first.org/tlp). */
export type Tlp = (typeof tlps)[number]
export const tlpSchema = z.enum(tlps)

/** What a source says of an indicator; where it says nothing the import's defaults hold. */
export interface IndicatorFacts {
  readonly type: IndicatorType
  /** Normalised: see `normaliseIndicator` in `@vedette/formats`. */
  readonly value: string
  /** How sure the source is, 0-100. */
  readonly confidence: number
  readonly severity: Severity
  readonly tlp: Tlp
  /** Milliseconds since the epoch; whole seconds count. */
  readonly validFrom: number
  /** From then on it matches no more. */
  readonly validUntil?: number
  readonly description?: string
  /** At most 32 of 100 characters. */
  readonly tags: readonly string[]
  /** Ids of ATT&CK techniques, at most 32. */
  readonly techniques: readonly string[]
}

/** Something that is known to belong to attackers: an address, a domain, a file's hash. */
export interface Indicator extends IndicatorFacts {
  /** Within its tenant; stays the same when the source tells it again. A whole number from 1. */
  readonly number: number
  /** Who says so: a name given at the import, or `feed:<name>`. (source, type, value) is unique. */
  readonly source: string
  readonly addedAt: number
  readonly sightings: Sightings
}

/** How often something was seen here. */
export interface Sightings {
  readonly count: number
  /** Milliseconds since the epoch. */
  readonly first?: number
  readonly last?: number
}

/** What is never to raise an alert, whatever an indicator says: of the same types, matched in the same way. */
export interface AllowEntry {
  readonly number: number
  readonly type: IndicatorType
  readonly value: string
  /** Who answers for it. */
  readonly owner: string
  readonly reason: string
  readonly addedAt: number
  /** From then on it holds no more. */
  readonly expiresAt?: number
  /** Matches that it kept silent. */
  readonly hits: Sightings
}

/** The bounds of what an indicator may say beside its value. */
export const indicatorBounds = {
  /** Bytes of UTF-8: it stands in an index of the store. */
  value: 1800,
  source: 100,
  description: 2000,
  tags: 32,
  tag: 100,
  techniques: 32,
} as const

/** What an import gives to indicators whose source does not say it. */
export const indicatorDefaultsSchema = z.strictObject({
  confidence: z.int().min(0).max(100).default(50),
  severity: severitySchema.default('medium'),
  tlp: tlpSchema.default('amber'),
  /** Days after which an indicator ends that has no end of its own; 0 for never. */
  valid_days: z.int().min(0).max(3650).default(0),
})
export type IndicatorDefaults = z.output<typeof indicatorDefaultsSchema>
