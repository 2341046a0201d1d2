import type { BacktestReport, NewPack, PackPlan, RuleDifference, RuleHits } from '@vedette/manager/workshop'
import type { RulePackSet, RuleProblem } from '@vedette/model'
import type { z } from 'zod'
import { deskOf, told } from '../../graphql/rule/desk.ts'
import { type Passed, type Route, signedIn } from '../../http/route.ts'
import { iso, isoOrNull } from '../forms.ts'
import { restRoute, type Told } from '../rest-route.ts'
import { backtested, backtestSchema, installedSchema, planned, planSchema } from './forms.ts'

/** A pack's 64 MiB of text, as JSON. */
const BODY_LIMIT = 160 * 2 ** 20
/** A backtest ends after two minutes; loading thousands of rules takes seconds. */
const WITHIN_MS = 300_000
/** Of what is listed of a plan. */
const MOST_TOLD = 1000

/** Tries rules on what is stored. */
const backtest = restRoute({
  method: 'POST',
  url: '/api/rules/backtest',
  id: 'backtestRules',
  tag: 'rules',
  summary: 'Tries rules on the events that are stored; nothing changes.',
  body: backtestSchema,
  answer: backtested,
  bodyLimit: BODY_LIMIT,
  async handle(passed) {
    const { body } = passed
    allowTime(passed)
    const desk = deskOf({ services: passed.services, tenant: signedIn(passed).tenant })
    return wireBacktest(await told(() => desk.backtest(body.files, body.since)))
  },
})

/** Says what installing rules would change. */
const plan = restRoute({
  method: 'POST',
  url: '/api/rules/plan',
  id: 'planRules',
  tag: 'rules',
  summary: 'Says what installing rules would change; with `since` what they would have found, too.',
  body: planSchema,
  answer: planned,
  bodyLimit: BODY_LIMIT,
  async handle(passed) {
    const { since: sinceMs, ...pack } = passed.body
    allowTime(passed)
    const desk = deskOf({ services: passed.services, tenant: signedIn(passed).tenant })
    return wirePlan(await told(() => desk.planPack(pack, sinceMs)))
  },
})

/** Installs rules; they are in force when this answers. */
const install = restRoute({
  method: 'POST',
  url: '/api/rules/install',
  id: 'installRules',
  tag: 'rules',
  summary: 'Installs rules; they are in force when this answers.',
  body: planSchema,
  answer: installedSchema,
  bodyLimit: BODY_LIMIT,
  async handle(passed) {
    const { name, source, files: texts } = passed.body
    allowTime(passed)
    const { services } = passed
    const viewer = signedIn(passed)
    const desk = deskOf({ services, tenant: viewer.tenant })
    const pack: NewPack = { name, source, files: texts }
    const detail = { source, files: texts.length }
    const act = { actor: viewer.name, action: 'rules.install', target: `rules ${name}`, detail }
    return wireSet(await services.audited.act(act, () => told(() => desk.installPack(pack, viewer.name))))
  },
})

function allowTime({ request }: Passed): void {
  request.raw.socket.setTimeout(WITHIN_MS)
}

function wireBacktest(report: BacktestReport): Told<z.output<typeof backtested>> {
  const { tried, problems, events, hits, seconds, rules, cut } = report
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
    first: isoOrNull(first),
    last: isoOrNull(last),
    days,
    hosts,
    programs,
    examples: examples.map((example) => ({ ...example, time: isoOrNull(example.time) })),
  }
}

function wirePlan({ rules, problems, replaces, difference, twice, backtest }: PackPlan) {
  const { added, removed, changed, unchanged } = difference
  return {
    rules,
    problem_count: problems.length,
    problems: problems.slice(0, MOST_TOLD).map(wireProblem),
    replaces: replaces
      ? { name: replaces.name, number: replaces.number, added_at: iso(replaces.addedAt) }
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
    time: iso(time),
    action,
    packs: packs.map((pack) => ({
      name: pack.name,
      number: pack.number,
      files: pack.files,
      rules: pack.rules,
    })),
  }
}

export const ruleRoutes: readonly Route[] = [backtest, plan, install]
