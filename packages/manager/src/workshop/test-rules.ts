import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@vedette/base'
import { type LoadedRules, loadRules, type Parameters, rulesIn } from '@vedette/detect'
import type { RuleInfo, RuleProblem } from '@vedette/model'
import { parse } from 'yaml'
import { z } from 'zod'
import { FileJudge } from './judge-records.ts'
import { numberedRecords } from './numbered-records.ts'
import { rulePathsOf } from './read-pack.ts'

/** A case of a rule: a file of events, and whether the rule is to fire on it. */
export interface RuleCase {
  readonly rule: RuleInfo
  readonly file: string
  readonly expects: 'hit' | 'miss'
  /** How often it is to fire, where the case says so. */
  readonly expectedHits?: number
  readonly hits: number
  readonly records: number
  readonly passed: boolean
  /** Why it did not pass, in words. */
  readonly reason?: string
}

export interface RuleTestReport {
  readonly rules: number
  readonly cases: readonly RuleCase[]
  /** Rules that no case judges, by title. */
  readonly untested: readonly RuleInfo[]
  readonly problems: readonly RuleProblem[]
}

/** What SigmaHQ's regression_data says beside its events. */
const regressionSchema = z.object({
  rule_metadata: z.array(z.object({ id: z.string() })).min(1),
  regression_tests_info: z.array(
    z.object({
      path: z.string().optional(),
      type: z.string().optional(),
      match_count: z.int().min(0).optional(),
    }),
  ),
})

const CASE_FILE = /^(hit|miss)-.+\.(?:json|jsonl|ndjson|evtx|log|txt|csv|gz|zst|bz2|xz)$/i

interface Pending {
  readonly info: RuleInfo
  readonly file: string
  readonly expects: 'hit' | 'miss'
  readonly expectedHits?: number
}

/**
 * Runs the cases that lie beside rules: `cases/hit-*` has to make a rule of the file fire, `cases/miss-*` must not; and
 * those of SigmaHQ's `regression_data`, which say how often. Each case has an engine of its own.
 */
export async function testRules(
  paths: readonly string[],
  clock: Clock,
  options: {
    readonly parameters?: Parameters
    readonly content?: string
    readonly signal?: AbortSignal
  } = {},
): Promise<RuleTestReport> {
  const folders = (await Promise.all(paths.map((path) => rulePathsOf(path)))).flat()
  const { parameters, content, signal } = options
  const loaded = await loadRules(folders, {
    ...(parameters && { parameters }),
    ...(content !== undefined && { content }),
  })
  const all = [...loaded.rules, ...loaded.correlations].map(({ info }) => info)
  const cases: RuleCase[] = []
  for (const pending of await findCases(all)) {
    if (signal?.aborted) break
    cases.push(await run(pending, loaded, clock))
    await setImmediate()
  }
  const tested = new Set(cases.map(({ rule }) => rule.file))
  return {
    rules: all.length,
    cases,
    untested: all.filter(({ file }) => !tested.has(file)),
    problems: loaded.problems,
  }
}

async function findCases(all: readonly RuleInfo[]): Promise<Pending[]> {
  const pending: Pending[] = []
  const seen = new Set<string>()
  for (const info of all) {
    // Cases are of a file: one with a correlation has the rules that it counts as well.
    if (!seen.has(info.file)) {
      seen.add(info.file)
      pending.push(...(await besideOf(info)))
    }
    pending.push(...(await regressionsOf(info)))
  }
  return pending
}

async function besideOf(info: RuleInfo): Promise<Pending[]> {
  const folder = join(dirname(info.file), 'cases')
  const names = await readdir(folder).catch(() => [])
  return names
    .toSorted((a, b) => (a < b ? -1 : 1))
    .flatMap((name) => {
      const expects = CASE_FILE.exec(name)?.[1]?.toLowerCase()
      return expects === 'hit' || expects === 'miss' ? [{ info, file: join(folder, name), expects }] : []
    })
}

async function regressionsOf(info: RuleInfo): Promise<Pending[]> {
  const text = await readFile(info.file, 'utf8').catch(() => '')
  if (!text.includes('regression_tests_path')) return []
  const found = rulesIn({ file: info.file, text }).find(({ id }) => id === info.id)
  const path = found?.data['regression_tests_path']
  const root = typeof path === 'string' ? rootWith(dirname(info.file), path) : undefined
  if (root === undefined || typeof path !== 'string') return []
  const parsed = regressionSchema.safeParse(parse(await readFile(join(root, path), 'utf8')))
  if (!parsed.success || !parsed.data.rule_metadata.some(({ id }) => id === info.id)) return []
  return parsed.data.regression_tests_info.flatMap((one): Pending[] => {
    const file = one.path === undefined ? undefined : join(root, dirname(path), basename(one.path))
    if (file === undefined || !existsSync(file)) return []
    const { match_count: expectedHits } = one
    const expects = expectedHits === 0 ? 'miss' : 'hit'
    return [{ info, file, expects, ...(expectedHits !== undefined && { expectedHits }) }]
  })
}

/** The folder at or above one, below which a path leads somewhere. */
function rootWith(folder: string, path: string): string | undefined {
  for (let at = folder, depth = 0; depth < 32; at = dirname(at), depth += 1) {
    if (existsSync(join(at, path))) return at
    if (dirname(at) === at) return undefined
  }
  return undefined
}

async function run(pending: Pending, loaded: LoadedRules, clock: Clock): Promise<RuleCase> {
  const { info, file, expects, expectedHits } = pending
  const judge = new FileJudge(partOf(loaded, info.file), clock)
  const isOne = expectedHits !== undefined
  let hits = 0
  let records = 0
  const unreadable: string[] = []
  for await (const batch of numberedRecords([file], ({ reason }) => unreadable.push(reason))) {
    records += batch.length
    judge.judge(batch, (rule) => {
      if (isOne ? rule.id === info.id : rule.file === info.file) hits += 1
    })
  }
  const reason = faultOf({ expects, expectedHits, hits, records, unreadable })
  return {
    rule: info,
    file,
    expects,
    ...(isOne && { expectedHits }),
    hits,
    records,
    passed: reason === undefined,
    ...(reason !== undefined && { reason }),
  }
}

function faultOf(outcome: {
  readonly expects: 'hit' | 'miss'
  readonly expectedHits: number | undefined
  readonly hits: number
  readonly records: number
  readonly unreadable: readonly string[]
}): string | undefined {
  const { expects, expectedHits, hits, records, unreadable } = outcome
  const [first] = unreadable
  if (first !== undefined) return `the file cannot be read: ${first.replaceAll('-', ' ')}`
  if (records === 0) return 'the file holds no records'
  if (expectedHits !== undefined)
    return hits === expectedHits ? undefined : `it fired ${hits} times, expected ${expectedHits}`
  if (expects === 'hit' && hits === 0) return 'it did not fire'
  return expects === 'miss' && hits > 0 ? `it fired ${hits === 1 ? 'once' : `${hits} times`}` : undefined
}

/** The rules of a file, and those that its correlations refer to. */
function partOf(
  { rules, correlations }: LoadedRules,
  file: string,
): Pick<LoadedRules, 'rules' | 'correlations'> {
  const wanted = new Set<string>()
  for (const { info, references } of correlations.toReversed()) {
    if (info.file === file || wanted.has(info.id)) for (const id of [info.id, ...references]) wanted.add(id)
  }
  const isWanted = ({ info }: { readonly info: RuleInfo }) => info.file === file || wanted.has(info.id)
  return { rules: rules.filter(isWanted), correlations: correlations.filter(isWanted) }
}
