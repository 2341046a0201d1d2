import { z } from 'zod'
import { durationMs } from '../../window/duration.ts'

/** Kinds of correlation (Sigma specification 2.1, "Correlation Types"), and what else is read for one of them. */
export const correlationTypes = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
  'value_min',
  'value_max',
  'temporal_extended',
  'temporal_ordered_extended',
] as const

const reference = z.string().min(1).max(1000)
const fieldName = z.string().min(1).max(1000)
/** A number, also one whose text says more than the number (`1.50`). */
const bound = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(?:\.\d+)?$/, 'expected a number')
    .transform(Number),
])

export const conditionSchema = z.strictObject({
  gt: bound.optional(),
  gte: bound.optional(),
  lt: bound.optional(),
  lte: bound.optional(),
  eq: bound.optional(),
  neq: bound.optional(),
  /** The field whose values are counted or measured; several make one value together. */
  field: z.union([fieldName, z.array(fieldName).min(1).max(8)]).optional(),
  /** For `value_percentile`, 0 to 100. */
  percentile: bound.refine((value) => value >= 0 && value <= 100, 'expected 0 to 100').optional(),
})

/** The block `correlation` of a correlation (Sigma specification 2.1, "Correlation section"). */
export const correlationSchema = z.strictObject({
  type: z.enum(correlationTypes),
  /** Ids or names of rules and correlations. */
  rules: z.union([reference.transform((one) => [one]), z.array(reference).min(1).max(1000)]).optional(),
  'group-by': z.union([fieldName.transform((one) => [one]), z.array(fieldName).max(8)]).nullish(),
  timespan: z
    .string()
    .refine((text) => durationMs(text) !== undefined, 'expected a duration such as 60s, 5m, 2h, 1d or 1w')
    .transform((text) => durationMs(text) ?? 0),
  condition: z.union([z.string().max(10_000), conditionSchema]).optional(),
  aliases: z.record(fieldName, z.record(reference, fieldName)).nullish(),
  generate: z.boolean().nullish(),
})

export const correlationKeys: readonly string[] = Object.keys(correlationSchema.shape)
export const conditionKeys: readonly string[] = Object.keys(conditionSchema.shape)

export type CorrelationBlock = z.output<typeof correlationSchema>
export type RangeCondition = z.output<typeof conditionSchema>
