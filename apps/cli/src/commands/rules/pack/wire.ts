import { z } from 'zod'

/** What the server answers about rules that are tried or installed; more keys may be there. */
const severity = z.enum(['informational', 'low', 'medium', 'high', 'critical'])
const time = z.string().nullable()
const counted = z.array(z.object({ name: z.string(), hits: z.number() }))

const problem = z.object({
  file: z.string(),
  line: z.number(),
  column: z.number(),
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
})

export const backtestAnswer = z.object({
  tried: z.number(),
  problem_count: z.number(),
  problems: z.array(problem),
  events: z.number(),
  hits: z.number(),
  seconds: z.number(),
  cut: z.boolean(),
  rules: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      severity,
      hits: z.number(),
      first: time,
      last: time,
      days: z.array(z.object({ day: z.string(), hits: z.number() })),
      hosts: counted,
      programs: counted,
      examples: z.array(
        z.object({ time, host: z.string(), program: z.string(), title: z.string(), place: z.string() }),
      ),
    }),
  ),
})

const difference = z.array(
  z.object({
    id: z.string(),
    title: z.string(),
    file: z.string(),
    changes: z.array(
      z.object({ field: z.string(), before: z.string().optional(), after: z.string().optional() }),
    ),
  }),
)

export const planAnswer = z.object({
  rules: z.number(),
  problem_count: z.number(),
  problems: z.array(problem),
  replaces: z.object({ name: z.string(), number: z.number(), added_at: z.string() }).nullable(),
  added_count: z.number(),
  added: difference,
  removed_count: z.number(),
  removed: difference,
  changed_count: z.number(),
  changed: difference,
  unchanged: z.number(),
  twice: z.array(z.string()),
  backtest: backtestAnswer.nullable(),
})

export const setAnswer = z.object({
  number: z.number(),
  packs: z.array(z.object({ name: z.string(), number: z.number(), files: z.number(), rules: z.number() })),
})

export type Backtest = z.output<typeof backtestAnswer>
export type Plan = z.output<typeof planAnswer>
export type Difference = z.output<typeof difference>[number]
