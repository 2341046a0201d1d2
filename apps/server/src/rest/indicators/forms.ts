import {
  type Indicator,
  indicatorBounds,
  indicatorDefaultsSchema,
  indicatorTypes,
  indicatorTypeSchema,
  tlpSchema,
} from '@vedette/model'
import { z } from 'zod'
import type { Told } from '../rest-route.ts'
import {
  flag,
  iso,
  isoOrNull,
  moment,
  momentGiven,
  named,
  nextCursor,
  pageQuery,
  severity,
} from '../forms.ts'

const MOST_ADDED = 1000

export const indicatorNumber = z.coerce
  .number()
  .int()
  .min(1)
  .max(Number.MAX_SAFE_INTEGER)
  .meta({ description: 'A whole number, as `id` tells it.', examples: [1] })

export const indicatorSchema = named(
  'Indicator',
  z.object({
    id: z.string(),
    type: indicatorTypeSchema,
    value: z.string(),
    source: z.string().meta({ description: 'Who says so: a name given at the import, or `feed:<name>`.' }),
    confidence: z.int().meta({ description: '0 to 100.' }),
    severity,
    tlp: tlpSchema.meta({ description: 'With whom it may be shared: Traffic Light Protocol 2.0.' }),
    valid_from: moment,
    valid_until: moment.nullable(),
    description: z.string().nullable(),
    tags: z.array(z.string()),
    techniques: z.array(z.string()),
    added_at: moment,
    sightings: z.int().meta({ description: 'How often it was seen here.' }),
    first_sighted: moment.nullable(),
    last_sighted: moment.nullable(),
  }),
)

export const indicatorPage = z.object({ indicators: z.array(indicatorSchema), next_cursor: nextCursor })

export const listQuery = z.strictObject({
  ...pageQuery,
  type: indicatorTypeSchema.optional(),
  source: z.string().max(indicatorBounds.source).optional(),
  severity: severity.optional(),
  tlp: tlpSchema.optional(),
  search: z
    .string()
    .max(1000)
    .optional()
    .meta({ description: 'Text in value, description or tags, upper and lower case alike.' }),
  sighted: flag
    .optional()
    .meta({ type: 'boolean', description: 'Only those that were seen here, or were not.' }),
})

export const addSchema = z.strictObject({
  indicators: z
    .array(
      z.strictObject({
        type: z
          .enum(indicatorTypes)
          .optional()
          .meta({ description: 'Left out: what the value most likely is.' }),
        value: z
          .string()
          .min(1)
          .max(indicatorBounds.value)
          .meta({ examples: ['c2.evil.test'] }),
        confidence: z.int().min(0).max(100).optional().meta({ description: '50 by default.' }),
        severity: severity.optional().meta({ description: 'medium by default.' }),
        tlp: tlpSchema.optional().meta({ description: 'amber by default.' }),
        valid_until: momentGiven.optional(),
        description: z.string().max(indicatorBounds.description).optional(),
        tags: z.array(z.string().max(indicatorBounds.tag)).max(indicatorBounds.tags).optional(),
        techniques: z
          .array(z.string().regex(/^[Tt]\d{4}(?:\.\d{3})?$/))
          .max(indicatorBounds.techniques)
          .optional()
          .meta({ description: 'Of ATT&CK, such as T1071.001.' }),
      }),
    )
    .min(1)
    .max(MOST_ADDED),
  source: z.string().min(1).max(indicatorBounds.source).default('manual'),
})

export const changeSchema = z.object({
  added: z.int(),
  changed: z.int().meta({ description: 'Known with other facts.' }),
  unchanged: z.int(),
  removed: z.int(),
})

export const importSchema = z.strictObject({
  content: z.string().meta({ description: 'The text of the file.' }),
  format: z
    .enum(['json', 'txt', 'csv', 'stix', 'misp'])
    .optional()
    .meta({ description: 'Left out: what the text looks like.' }),
  source: z.string().max(400).default('import'),
  mode: z.enum(['add', 'replace']).default('add').meta({
    description: '`replace`: what the source said before and this file does not say is taken away.',
  }),
  dry_run: z.boolean().default(false),
  leave_out_suspects: z.boolean().default(false).meta({ description: 'Leave out what names honest things.' }),
  defaults: indicatorDefaultsSchema.prefault({}),
})

const indicatorKey = z.object({ type: indicatorTypeSchema, value: z.string() })

export const importedSchema = named(
  'ImportedIndicators',
  z.object({
    dry_run: z.boolean(),
    source: z.string(),
    format: z.string(),
    unit: z.enum(['line', 'item']).meta({ description: 'What a `place` counts.' }),
    read: z.int(),
    valid: z.int(),
    added: z.int(),
    changed: z.int(),
    unchanged: z.int(),
    removed: z.int(),
    malformed_count: z.int(),
    malformed: z
      .array(z.object({ place: z.int(), reason: z.string(), text: z.string() }))
      .meta({ description: 'The first 1,000, like every list here.' }),
    duplicate_count: z.int(),
    duplicates: z.array(z.object({ place: z.int(), value: z.string() })),
    suspect_count: z.int(),
    suspects: z.array(
      z.object({
        place: z.int(),
        type: indicatorTypeSchema,
        value: z.string(),
        kind: z.enum(['special', 'benign']),
        reason: z.string(),
      }),
    ),
    examples: z.object({ added: z.array(indicatorKey), removed: z.array(indicatorKey) }),
  }),
)

export const exportQuery = z.strictObject({
  format: z.enum(['json', 'txt', 'csv', 'stix', 'misp']).default('json'),
  source: z.string().max(indicatorBounds.source).optional(),
})

/** An indicator as answers have it. */
export function told(indicator: Indicator): Told<z.output<typeof indicatorSchema>> {
  const { number, validFrom, validUntil, description, addedAt, sightings, tags, techniques, ...rest } =
    indicator
  return {
    ...rest,
    id: String(number),
    valid_from: iso(validFrom),
    valid_until: isoOrNull(validUntil),
    description: description ?? null,
    tags,
    techniques,
    added_at: iso(addedAt),
    sightings: sightings.count,
    first_sighted: isoOrNull(sightings.first),
    last_sighted: isoOrNull(sightings.last),
  }
}
