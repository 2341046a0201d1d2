import { z } from 'zod'

const placeholder = z
  .string()
  .regex(/^%[A-Za-z][\w-]*%$/, 'expected a number or a placeholder such as %name%')

/** The block `threshold` of a threshold rule. */
export const thresholdSchema = z.strictObject({
  /** Fires at this many, not at one fewer. A number from 1 to 10 000, or a placeholder. */
  count: z.union([z.int().min(1).max(10_000), placeholder]),
  /** Counts different values of this field; without it, events. */
  distinct: z.string().optional(),
  /** Counted apart for each combination of these fields. An event without one of them is not counted. */
  group_by: z.array(z.string()).min(1).max(8),
  /** Time from the first counted event to the last: `90s`, `5m`, `2h`, `1d`. */
  window: z.string().regex(/^[1-9]\d{0,5}(s|m|h|d)$/, 'expected a duration such as 60s, 5m, 2h or 1d'),
  /**
   * A condition over the same selections. With it, reaching the count is silent, and the rule fires at the next event
   * of the group that meets this condition while the count still stands within the window.
   */
  followed_by: z.string().optional(),
  /** `any`: what `followed_by` describes may also come first, and the rule fires at whichever event completes both. */
  order: z.enum(['then', 'any']).default('then'),
})
