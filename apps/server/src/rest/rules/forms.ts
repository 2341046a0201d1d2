import { z } from 'zod'
import { moment, momentGiven, named, severity } from '../forms.ts'

const files = z
  .array(z.strictObject({ file: z.string().min(1).max(1000), text: z.string().max(2 ** 20) }))
  .min(1)
  .max(20_000)
  .meta({ description: 'Rules, one or more to a file.' })

export const backtestSchema = z.strictObject({ files, since: momentGiven })

export const planSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'expected letters, digits, dots, dashes and underscores, at most 64'),
  source: z.string().min(1).max(1000).meta({ description: 'Where they come from, for people.' }),
  files,
  since: momentGiven.optional().meta({ description: 'Left out: without a backtest.' }),
})

const problem = named(
  'RuleProblem',
  z.object({
    file: z.string(),
    line: z.int().meta({ description: '1-based; 0 where the fault has no place.' }),
    column: z.int(),
    code: z.string(),
    message: z.string(),
    hint: z.string().nullable(),
  }),
)

const count = z.object({ name: z.string(), hits: z.int() })

const ruleHits = named(
  'RuleHits',
  z.object({
    id: z.string(),
    title: z.string(),
    severity,
    hits: z.int(),
    first: moment.nullable(),
    last: moment.nullable(),
    days: z.array(z.object({ day: z.string(), hits: z.int() })),
    hosts: z.array(count),
    programs: z.array(count),
    examples: z.array(
      z.object({
        time: moment.nullable(),
        host: z.string(),
        program: z.string(),
        title: z.string(),
        place: z.string(),
      }),
    ),
  }),
)

export const backtested = named(
  'Backtest',
  z.object({
    tried: z.int(),
    problem_count: z.int(),
    problems: z.array(problem).meta({ description: 'The first 1,000.' }),
    events: z.int(),
    hits: z.int(),
    seconds: z.number(),
    cut: z.boolean().meta({ description: 'It was ended before it was through.' }),
    rules: z.array(ruleHits).meta({ description: 'Rules that fired, the most often first.' }),
  }),
)

const difference = named(
  'RuleDifference',
  z.object({
    id: z.string(),
    title: z.string(),
    file: z.string(),
    changes: z.array(
      z.object({ field: z.string(), before: z.string().optional(), after: z.string().optional() }),
    ),
  }),
)

export const planned = named(
  'RulePlan',
  z.object({
    rules: z.int(),
    problem_count: z.int(),
    problems: z.array(problem),
    replaces: z.object({ name: z.string(), number: z.int(), added_at: moment }).nullable(),
    added_count: z.int(),
    added: z.array(difference),
    removed_count: z.int(),
    removed: z.array(difference),
    changed_count: z.int(),
    changed: z.array(difference),
    unchanged: z.int(),
    twice: z.array(z.string()).meta({ description: 'Titles of rules that are in force already.' }),
    backtest: backtested.nullable(),
  }),
)

export const installedSchema = named(
  'InstalledRules',
  z.object({
    number: z.int(),
    time: moment,
    action: z.string(),
    packs: z.array(z.object({ name: z.string(), number: z.int(), files: z.int(), rules: z.int() })),
  }),
)
