import { z } from 'zod'
import { indicatorDefaultsSchema } from './indicator.ts'

export const feedKinds = ['http', 'taxii', 'misp', 'file'] as const
/** `http` one document, `taxii` a collection of TAXII 2.1, `misp` a folder with `manifest.json`, `file` a file of the server. */
export type FeedKind = (typeof feedKinds)[number]

/** A source of indicators that is asked on a schedule. */
export const feedSettingsSchema = z
  .strictObject({
    /** Letters, digits, `.`, `_`, `-`; its indicators have the source `feed:<name>`. */
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'expected letters, digits, dots and hyphens'),
    kind: z.enum(feedKinds).default('http'),
    /** `https:`; `http:` with `allow_http`. For `file` an absolute path. */
    url: z.string().min(1).max(2048),
    /** As at an import; by default what the document looks like. */
    format: z.enum(['json', 'txt', 'csv', 'stix', 'misp']).optional(),
    /** Id or title of the collection, for a TAXII server's root. */
    collection: z.string().max(200).optional(),
    /** From one question to the next, minutes. */
    interval_minutes: z.int().min(1).max(44_640).default(60),
    enabled: z.boolean().default(true),
    /** It may lie on an address that is private, loopback or link-local. */
    allow_private: z.boolean().default(false),
    /** It may be asked without encryption. */
    allow_http: z.boolean().default(false),
    /** Value of the `Authorization` header; never shown. */
    authorization: z.string().max(4096).optional(),
    /** The document has to have this SHA-256. */
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/i)
      .optional(),
    /** Ed25519: 32 bytes in base64, or PEM. Then the document has to be signed. */
    public_key: z.string().max(1000).optional(),
    /** Where the detached signature lies; by default the document's URL with `.sig`. */
    signature_url: z.string().max(2048).optional(),
    /** What it told once stays, also when it tells it no more. */
    append: z.boolean().default(false),
    defaults: indicatorDefaultsSchema.prefault({}),
  })
  .refine(
    ({ kind, sha256, public_key }) =>
      kind === 'http' || kind === 'file' || (sha256 ?? public_key) === undefined,
    {
      message: 'a feed of many documents has no one hash or signature',
      path: ['sha256'],
    },
  )
  .refine(({ kind, public_key }) => kind !== 'file' || public_key === undefined, {
    message: 'a file is not asked for a signature',
    path: ['public_key'],
  })
  .refine(({ kind, append }) => !append || kind === 'taxii' || kind === 'http', {
    message: 'only http and taxii append',
    path: ['append'],
  })

export type FeedSettings = z.output<typeof feedSettingsSchema>

/** How a feed is. Times in milliseconds since the epoch. */
export interface FeedState {
  readonly checkedAt?: number
  /** When its indicators changed last. */
  readonly changedAt?: number
  readonly etag?: string
  readonly lastModified?: string
  /** Where a TAXII collection was left. */
  readonly addedAfter?: string
  /** Of its last good document. */
  readonly indicators: number
  readonly malformed: number
  /** Left out since they name honest things. */
  readonly leftOut: number
  /** Why the last question had no result; what was good before stays. */
  readonly error?: { readonly code: string; readonly message: string }
  readonly failures: number
  /** Version that is in force. */
  readonly version?: number
  /** SHA-256 of a document that a person has put aside; it is not taken again. */
  readonly refused?: string
}

export interface Feed {
  readonly settings: FeedSettings
  readonly state: FeedState
  /** Written in the configuration, so that it is changed there. */
  readonly configured: boolean
  readonly addedAt: number
}

/** A document that a feed once gave and that was good. */
export interface FeedVersion {
  readonly number: number
  readonly fetchedAt: number
  readonly sha256: string
  readonly sizeBytes: number
  readonly indicators: number
}
