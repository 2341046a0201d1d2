import { z } from 'zod'

const duration = z.string().regex(/^[1-9]\d{0,5}(s|m|h|d)$/, 'expected a duration such as 60s, 5m, 2h or 1d')

/** The block `first_seen` of a first-seen rule. */
export const firstSeenSchema = z.strictObject({
  /**
   * What is new, together, when it was never seen. `|network` takes of an address its network (24 bits of IPv4, 64 of IPv6),
   * `|hour` of a time its hour in UTC.
   */
  fields: z.array(z.string().min(1).max(256)).min(1).max(4),
  /** Whose habit it is: learnt apart for each combination of these fields. None: one habit for all events. */
  group_by: z.array(z.string().min(1).max(256)).max(8).default([]),
  /** How long a group is only learnt, from its first event on. */
  learn: duration.default('7d'),
  /** Events of a group before anything about it can be new. */
  at_least: z.int().min(1).max(10_000).default(1),
  /** A value that was not seen for so long is new again. */
  forget: duration.default('90d'),
  /** A group with so many values has no habit: nothing is new there. */
  most_values: z.int().min(1).max(256).default(50),
  /** With one field `|hour`: an hour at most so many away from a known one is not new. */
  near: z.int().min(0).max(11).default(0),
})
