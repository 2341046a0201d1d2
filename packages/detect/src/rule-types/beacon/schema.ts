import { z } from 'zod'

const duration = z.string().regex(/^[1-9]\d{0,5}(s|m|h|d)$/, 'expected a duration such as 60s, 5m, 2h or 1d')

/** The block `beacon` of a beacon rule. */
export const beaconSchema = z.strictObject({
  /** Whose rhythm it is: events are compared that agree in these fields. */
  group_by: z.array(z.string().min(1).max(256)).min(1).max(8),
  /** Events, bursts counted as one, that must keep time. */
  at_least: z.int().min(6).max(64).default(24),
  /**
   * How much intervals may differ: their median absolute deviation, in parts of their median. 0.05 is a clock, 0.3 what
   * programs do that sleep a random half longer or shorter. With the defaults 91 of 100 programs are found that sleep up to a
   * third longer or shorter, and of 10 000 stretches of events that come by chance (a Poisson process) 1 or 2.
   */
  dispersion: z.number().min(0).max(1).default(0.2),
  /** The median interval: shorter ones are a busy program, longer ones need a longer memory. */
  min_interval: duration.default('5s'),
  max_interval: duration.default('12h'),
  /** Events that follow each other as fast are one. */
  burst: duration.default('1s'),
  /** A group is told again after so long. */
  again: duration.default('1d'),
})
