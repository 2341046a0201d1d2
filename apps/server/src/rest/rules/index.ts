import type { BacktestReport, NewPack, PackPlan, RuleDifference, RuleHits } from '@vedette/manager/workshop'
import type { RulePackSet, RuleProblem } from '@vedette/model'
import { z } from 'zod'
import { PublicError } from '../../access/public-error.ts'
import { deskOf, told } from '../../graphql/rule/desk.ts'
import { type Passed, type Route, signedIn } from '../../http/route.ts'

/** A pack's 64 MiB of text, as JSON. */
const BODY_LIMIT = 160 * 2 ** 20
/** A backtest ends after two minutes; loading thousands of rules takes seconds. */
const WITHIN_MS = 300_000
/** Of what is listed of a plan. */
const MOST_TOLD = 1000

const files = z
  .array(z.strictObject({ file: z.string().min(1).max(1000), text: z.string().max(2 ** 20) }))
  .min(1)
  .max(20_000)
const since = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))

const backtestSchema = z.strictObject({ files, since })
const planSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'expected letters, digits, dots, dashes and underscores, at most 64'),
  source: z.string().min(1).max(1000),
  files,
  /** Left out: without a backtest. */
  since: since.optional(),
})

/** Tries rules on what is stored. */
const backtest: Route = {
  method: 'POST',
  url: '/rules/backtest',
  bodyLimit: BODY_LIMIT,
  async handle(passed) {
    const body = parse(backtestSchema, passed)
    const desk = deskOf({ services: passed.services, tenant: signedIn(passed).tenant })
    return wireBacktest(await told(() => desk.backtest(body.files, body.since)))
  },
}

/** Says what installing rules would change. */
const plan: Route = {
  method: 'POST',
  url: '/rules/plan',
  bodyLimit: BODY_LIMIT,
  async handle(passed) {
    const { since: sinceMs, ...pack } = parse(planSchema, passed)
    const desk = deskOf({ services: passed.services, tenant: signedIn(passed).tenant })
    return wirePlan(await told(() => desk.planPack(pack, sinceMs)))
  },
}

/** Installs rules; they are in force when this answers. */
const install: Route = {
  method: 'POST',
  url: '/rules/install',
  bodyLimit: BODY_LIMIT,
  async handle(passed) {
    const { name, source, files: texts } = parse(planSchema, passed)
    const { services } = passed
    const viewer = signedIn(passed)
    const desk = deskOf({ services, tenant: viewer.tenant })
    const pack: NewPack = { name, source, files: texts }
    const detail = { source, files: texts.length }
    const act = { actor: viewer.name, action: 'rules.install', target: `rules ${name}`, detail }
    return wireSet(await services.audited.act(act, () => told(() => desk.installPack(pack, viewer.name))))
  },
}

function parse<S extends z.ZodType>(schema: S, { request }: Passed): z.output<S> {
  request.raw.socket.setTimeout(WITHIN_MS)
  const parsed = schema.safeParse(request.body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new PublicError('bad-input', `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'wrong'}`)
}

function wireBacktest({ tried, problems, events, hits, seconds, rules, cut }: BacktestReport) {
  return {
    tried,
    problem_count: problems.length,
    problems: problems.slice(0, MOST_TOLD).map(wireProblem),
    events,
    hits,
    seconds,
    cut,
    rules: rules.slice(0, MOST_TOLD).map(wireHits),
  }
}

function wireHits({ rule, hits, first, last, days, hosts, programs, examples }: RuleHits) {
  return {
    id: rule.id,
    title: rule.title,
    severity: rule.severity,
    hits,
    first: timeOf(first),
    last: timeOf(last),
    days,
    hosts,
    programs,
    examples: examples.map((example) => ({ ...example, time: timeOf(example.time) })),
  }
}

function wirePlan({ rules, problems, replaces, difference, twice, backtest }: PackPlan) {
  const { added, removed, changed, unchanged } = difference
  return {
    rules,
    problem_count: problems.length,
    problems: problems.slice(0, MOST_TOLD).map(wireProblem),
    replaces: replaces
      ? { name: replaces.name, number: replaces.number, added_at: timeOf(replaces.addedAt) }
      : null,
    added_count: added.length,
    added: added.slice(0, MOST_TOLD).map(wireDifference),
    removed_count: removed.length,
    removed: removed.slice(0, MOST_TOLD).map(wireDifference),
    changed_count: changed.length,
    changed: changed.slice(0, MOST_TOLD).map(wireDifference),
    unchanged,
    twice,
    backtest: backtest ? wireBacktest(backtest) : null,
  }
}

function wireDifference({ id, title, file, changes }: RuleDifference) {
  return { id, title, file, changes: changes.slice(0, 50) }
}

function wireProblem({ file, line, column, code, message, hint }: RuleProblem) {
  return { file, line, column, code, message, hint: hint ?? null }
}

function wireSet({ number, time, action, packs }: RulePackSet) {
  return {
    number,
    time: timeOf(time),
    action,
    packs: packs.map((pack) => ({
      name: pack.name,
      number: pack.number,
      files: pack.files,
      rules: pack.rules,
    })),
  }
}

function timeOf(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : new Date(timeMs).toISOString()
}

export const ruleRoutes: readonly Route[] = [backtest, plan, install]
