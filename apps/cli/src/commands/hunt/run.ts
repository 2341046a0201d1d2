import {
  hunt as huntFiles,
  huntEvents,
  type HuntRules,
  type HuntSink,
  type HuntStart,
  type HuntSummary,
  type Unreadable,
} from '@vedette/manager/hunt'
import type { Severity } from '@vedette/model'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { count } from '../../format/quantity.ts'
import { parseSince } from '../../format/time.ts'
import { mustExist } from '../../must-exist.ts'
import { safe } from '../../print.ts'
import { version } from '../../version.ts'
import { builtInRules } from './built-in-rules.ts'
import { cacheFor } from './rules-cache.ts'
import { conclusion } from './conclusion.ts'
import { createWriter, type Format } from './create-writer.ts'
import { openOutput } from './output.ts'
import { ProgressLine } from './progress-line.ts'
import { sortPaths } from './sort-paths.ts'
import { readInOrder } from '../replay/read-in-order.ts'
import { storedEvents } from './stored-events.ts'

export interface HuntFlags {
  readonly rules?: readonly string[]
  readonly indicators?: readonly string[]
  readonly since?: string
  readonly format: Format
  readonly group: 'rule' | 'technique' | 'host'
  readonly output?: string
  readonly level?: Severity
  readonly set?: Readonly<Record<string, string | readonly string[]>>
  readonly workers?: number
}

/** Unreadable places that are told one by one. */
const MOST_TOLD = 20
/** Those that a report may hold. */
const MOST_KEPT = 500

export async function hunt(
  invocation: Invocation,
  flags: HuntFlags,
  named: readonly string[],
): Promise<ExitCode> {
  const { clock, signal } = invocation
  const sorted = sortPaths(flags.rules, named)
  const paths = sorted.logs
  const since = sinceOf(flags, paths, clock.now())
  const rules = rulesOf(invocation, flags, flags.rules === undefined ? [builtInRules] : sorted.rules)
  mustExist([...rules.paths, ...(flags.indicators ?? []), ...paths])
  // Before the output is opened: a file that is there is not emptied for nothing.
  using client = since === undefined ? undefined : connect(invocation.paths)
  return report(invocation, flags, paths, (sink) => {
    if (client && since !== undefined) {
      const untilMs = clock.now()
      const events = storedEvents(client, since, untilMs, signal)
      return huntEvents({ rules, events, fromMs: since, untilMs, clock }, sink, signal)
    }
    const workers = flags.workers === undefined ? {} : { workers: flags.workers }
    return huntFiles({ rules, paths, clock, ...workers }, sink, signal)
  })
}

/** Which alerts captures would have raised: their events are judged in order of time, all together. */
export async function replay(
  invocation: Invocation,
  flags: HuntFlags,
  paths: readonly string[],
): Promise<ExitCode> {
  const { clock, signal } = invocation
  const rules = rulesOf(invocation, flags, flags.rules ?? [builtInRules])
  mustExist([...rules.paths, ...(flags.indicators ?? []), ...paths])
  return report(invocation, flags, paths, async (sink) => {
    const captured = await readInOrder(paths, sink, signal)
    const { events, fromMs, untilMs, origin } = captured
    const summary = await huntEvents({ rules, events, fromMs, untilMs, origin, clock }, sink, signal)
    return { ...summary, files: captured.files, passedOver: 0, unreadable: captured.unreadable }
  })
}

function rulesOf({ terminal, clock }: Invocation, flags: HuntFlags, paths: readonly string[]): HuntRules {
  return {
    paths,
    ...cacheFor(terminal, paths),
    ...(flags.level === undefined ? {} : { leastSeverity: flags.level }),
    ...(flags.set === undefined ? {} : { parameters: flags.set }),
    ...(flags.indicators === undefined
      ? {}
      : { indicators: { paths: flags.indicators, nowMs: clock.now() } }),
  }
}

/** Searches, and writes what is found as it was asked for. */
async function report(
  invocation: Invocation,
  flags: HuntFlags,
  paths: readonly string[],
  search: (sink: HuntSink) => Promise<HuntSummary>,
): Promise<ExitCode> {
  const { terminal, style, clock, signal } = invocation
  using output = openOutput(invocation, flags.output)
  using writer = createWriter(
    invocation.json ? 'ndjson' : flags.format,
    flags.group,
    invocation,
    output.columns,
  )
  const progress = new ProgressLine(terminal, style, clock)
  const unreadable: Unreadable[] = []
  let start: HuntStart = { rules: [], problems: [], files: 0 }
  const sink: HuntSink = {
    begun(begun) {
      start = begun
      tellProblems(invocation, start)
      tellIndicators(invocation, start)
    },
    matches(found) {
      const text = writer.matches(found)
      if (text.length === 0) return
      progress.clear()
      output.write(text)
    },
    unreadable(one) {
      if (unreadable.length < MOST_KEPT) unreadable.push(one)
    },
    progress: (now) => progress.show(now),
  }
  let summary: HuntSummary
  try {
    summary = await search(sink)
  } finally {
    progress.clear()
  }
  const outcome = { start, summary, unreadable, paths, nowMs: clock.now(), version: version() }
  for (const text of writer.end(outcome)) output.write(text)
  tellUnreadable(invocation, unreadable, summary)
  if (flags.output !== undefined && !invocation.json) {
    terminal.out(`${conclusion(summary, style)}Written to ${safe(flags.output)}\n`)
  }
  if (summary.aborted && signal.reason !== 'SIGPIPE') {
    terminal.err(`${style.warn('Ended before everything was searched')}\n`)
  }
  const nothingRead = summary.events === 0 && summary.unreadable > 0
  return summary.aborted || nothingRead ? exitCodes.failure : exitCodes.ok
}

/** From when on stored events are searched; undefined where it is files that are. */
function sinceOf({ since }: HuntFlags, paths: readonly string[], nowMs: number): number | undefined {
  if (since === undefined && paths.length === 0) {
    throw new CliError(
      'no-paths',
      exitCodes.usage,
      'Name the files or folders to search',
      "Such as 'vedette hunt /var/log', or 'vedette hunt --since 30d' for what is stored",
    )
  }
  if (since === undefined) return undefined
  if (paths.length > 0) {
    throw new CliError(
      'since-and-paths',
      exitCodes.usage,
      'Either --since, which searches what is stored, or files and folders, not both',
    )
  }
  try {
    return parseSince(since, nowMs)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError('bad-time', exitCodes.usage, `--since: ${reason}`)
  }
}

/** Rules that do not load are told in a line: `vedette rules check` has the rest. */
function tellProblems({ terminal, style, json }: Invocation, { problems }: HuntStart): void {
  if (problems.length === 0) return
  const files = new Set(problems.map(({ file }) => file)).size
  const message = `rules of ${files === 1 ? 'a file' : `${count(files)} files`} did not load: 'vedette rules check' says where and why`
  if (json) terminal.err(`${JSON.stringify({ warning: { code: 'rules-rejected', message } })}\n`)
  else terminal.err(`${style.warn('note')}: ${message}\n`)
}

/** What a list holds beside good indicators is told in a line. */
function tellIndicators({ terminal, style, json }: Invocation, { indicators }: HuntStart): void {
  if (indicators === undefined) return
  const { malformed, suspects } = indicators
  const told = [
    ...(malformed > 0 ? [`${count(malformed)} items of the lists are no indicators`] : []),
    ...(suspects > 0 ? [`${count(suspects)} indicators name what honest machines have`] : []),
  ]
  if (told.length === 0) return
  const message = `${told.join('; ')}: 'vedette indicators import --dry-run' says which`
  if (json) terminal.err(`${JSON.stringify({ warning: { code: 'indicators-doubtful', message } })}\n`)
  else terminal.err(`${style.warn('note')}: ${message}\n`)
}

function tellUnreadable(
  { terminal, style, json }: Invocation,
  unreadable: readonly Unreadable[],
  summary: HuntSummary,
): void {
  for (const { file, offset, reason } of unreadable.slice(0, MOST_TOLD)) {
    if (json) terminal.err(`${JSON.stringify({ unreadable: { file, offset: offset ?? null, reason } })}\n`)
    else {
      const place = offset === undefined ? safe(file) : `${safe(file)}, byte ${offset}`
      terminal.err(`${style.warn('unreadable')}: ${place}: ${words(reason)}\n`)
    }
  }
  const more = summary.unreadable - Math.min(MOST_TOLD, unreadable.length)
  if (more > 0 && !json) terminal.err(`${style.warn('unreadable')}: and ${count(more)} more\n`)
}

/** A stable reason in words: `permission-denied` -> `permission denied`. */
function words(reason: string): string {
  return safe(reason).replaceAll('-', ' ')
}
