import type { ScanFinding, ScanPathsOptions, ScanSummary } from '@vedette/manager/scan'
import { scanPaths } from '@vedette/manager/scan'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { bytes, count } from '../../format/quantity.ts'
import { mustExist } from '../../must-exist.ts'
import { printJsonLine, printLine, safe } from '../../print.ts'
import type { Variables } from './index.ts'
import { type MachineFlags, scanMachine, showThreatLog } from './machine.ts'
import { StatusLine } from './status-line.ts'

export interface ScanFlags extends MachineFlags {
  readonly rules?: readonly string[]
  readonly set?: Variables
  readonly maxSize?: number
  readonly timeout?: number
  readonly workers?: number
  readonly engine?: NonNullable<ScanPathsOptions['engine']>
}

/** Matches of a finding, faults of rules and unscanned files that are told one by one. */
const MOST_MATCHES = 5
const MOST_TOLD = 20

export async function scan(
  invocation: Invocation,
  flags: ScanFlags,
  paths: readonly string[],
): Promise<ExitCode> {
  if (flags.showLog === true) return showThreatLog(invocation, flags)
  refuseOthers(flags, paths)
  if (paths.length === 0) return scanMachine(invocation, flags)
  const { terminal, style, clock, signal } = invocation
  mustExist([...(flags.rules ?? []), ...paths])
  const startMs = clock.monotonic()
  const status = new StatusLine(terminal, style, clock)
  const unscanned: string[] = []
  let told = 0
  const summary = await scanPaths(
    {
      paths,
      ...(flags.engine !== undefined && { engine: flags.engine }),
      ...(flags.maxSize !== undefined && { maxFileBytes: flags.maxSize << 20 }),
      ...(flags.timeout !== undefined && { timeoutMs: flags.timeout * 1000 }),
      ...(flags.rules !== undefined && { rules: flags.rules }),
      ...(flags.set !== undefined && { externals: flags.set }),
      ...(flags.workers !== undefined && { workers: flags.workers }),
    },
    {
      loaded: ({ rules, problems }) => {
        for (const { file, line, column, message, hint } of problems.slice(0, MOST_TOLD)) {
          const place = line > 0 ? `${safe(file)}:${line}:${column}` : safe(file)
          const advice = hint === undefined ? '' : `, ${safe(hint)}`
          terminal.err(`${style.warn(`${place}: ${safe(message)}${advice}`)}\n`)
        }
        const more = problems.length - MOST_TOLD
        if (more > 0) terminal.err(style.warn(`and ${count(more)} more faults in rules\n`))
        if (rules > 0) return
        throw new CliError(
          'no-rules',
          exitCodes.usage,
          `There is no YARA rule to scan by in ${(flags.rules ?? []).join(', ')}`,
          'Rules stand in files that end with .yar or .yara',
        )
      },
      found: (finding) => {
        status.clear()
        if (invocation.json) printFindingLine(invocation, finding)
        else printFinding(invocation, finding, told === 0)
        told += 1
      },
      unscanned: (path, outcome, reason) => {
        if (unscanned.length < MOST_TOLD && outcome !== 'too-large') {
          unscanned.push(`${safe(path)}: ${outcome === 'timed-out' ? 'took too long' : safe(reason)}`)
        }
      },
      progress: (progress) => status.show(progress),
    },
    signal,
  ).finally(() => status.clear())
  const seconds = (clock.monotonic() - startMs) / 1000
  if (invocation.json) printSummaryLine(invocation, summary, seconds)
  else printSummary(invocation, summary, seconds, unscanned)
  if (summary.aborted) {
    terminal.err(`${style.warn('Ended before everything was scanned')}\n`)
    return exitCodes.failure
  }
  if (summary.findings > 0) return exitCodes.found
  // Nothing was found in what was scanned, and that is not all that was named.
  return summary.unreadable + summary.timedOut > 0 ? exitCodes.incomplete : exitCodes.ok
}

const OF_FILES = ['rules', 'set', 'maxSize', 'timeout', 'workers', 'engine'] as const
const OF_MACHINE = ['config', 'indicators', 'logDir', 'logKey', 'every'] as const

/** An option that would have no effect is a mistake. */
function refuseOthers(flags: ScanFlags, paths: readonly string[]): void {
  const names: readonly (keyof ScanFlags)[] = paths.length === 0 ? OF_FILES : OF_MACHINE
  const wrong = names.find((name) => flags[name] !== undefined)
  if (wrong === undefined) return
  const option = `--${wrong.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  throw new CliError(
    'wrong-option',
    exitCodes.usage,
    paths.length === 0
      ? `${option} is about files, and none are named`
      : `${option} is about the whole machine, and files are named`,
    'vedette scan --help',
  )
}

function printFindingLine(invocation: Invocation, { path, rule, ruleName, ...found }: ScanFinding): void {
  printJsonLine(invocation, {
    path,
    sha256: found.sha256,
    size: found.sizeBytes,
    rule: ruleName,
    rule_id: rule.id,
    title: rule.title,
    level: rule.severity,
    techniques: rule.techniques.map(({ id }) => id),
    matches: found.matches,
    match_count: found.matchCount,
    rule_file: rule.file,
  })
}

function printFinding(invocation: Invocation, finding: ScanFinding, isFirst: boolean): void {
  const { style } = invocation
  const { rule, path, ruleName, matches, matchCount } = finding
  if (!isFirst) printLine(invocation)
  printLine(invocation, `${style.severity(rule.severity)}  ${style.bold(safe(path))}`)
  const techniques = rule.techniques.map(({ id }) => safe(id)).join(' ')
  const aside = [ruleName, ...(techniques === '' ? [] : [techniques])].map((text) => safe(text)).join(', ')
  printLine(invocation, `  ${safe(rule.title)}  ${style.dim(aside)}`)
  for (const { name, offset, data } of matches.slice(0, MOST_MATCHES)) {
    printLine(
      invocation,
      `  ${style.dim(`${String(offset).padStart(10)}  ${safe(name)}`)}  ${safe(data, 64)}`,
    )
  }
  const more = matchCount - MOST_MATCHES
  if (more > 0) printLine(invocation, style.dim(`              and ${count(more)} more`))
}

function printSummary(
  invocation: Invocation,
  summary: ScanSummary,
  seconds: number,
  unscanned: readonly string[],
): void {
  const { style, terminal } = invocation
  const { files, findings, infected, rules, unreadable, tooLarge, timedOut } = summary
  for (const line of unscanned) terminal.err(`${style.warn(line)}\n`)
  const left = unreadable + timedOut - unscanned.length
  if (left > 0) terminal.err(style.warn(`and ${count(left)} more\n`))
  if (findings > 0) printLine(invocation)
  const result =
    findings === 0
      ? style.good('Nothing found')
      : style.bad(`${many(findings, 'finding')} in ${many(infected, 'file')}`)
  const rate = seconds > 0 ? `, ${bytes(Math.round(summary.bytes / seconds))}/s` : ''
  const aside = [
    ...(unreadable > 0 ? [style.warn(`${count(unreadable)} could not be read.`)] : []),
    ...(timedOut > 0 ? [style.warn(`${count(timedOut)} took too long.`)] : []),
    ...(tooLarge > 0
      ? [`${many(tooLarge, 'file')} larger than --max-size ${tooLarge === 1 ? 'was' : 'were'} passed over.`]
      : []),
  ]
  const what = `${many(files, 'file')}, ${bytes(summary.bytes)}, by ${many(rules, 'rule')} in ${seconds.toFixed(1)} s${rate}`
  printLine(invocation, [`${result}: ${what}.`, ...aside].join(' '))
}

function printSummaryLine(invocation: Invocation, summary: ScanSummary, seconds: number): void {
  printJsonLine(invocation, {
    summary: {
      files: summary.files,
      bytes: summary.bytes,
      findings: summary.findings,
      files_found: summary.infected,
      rules: summary.rules,
      unreadable: summary.unreadable,
      too_large: summary.tooLarge,
      timed_out: summary.timedOut,
      skipped: summary.skipped,
      seconds: Number(seconds.toFixed(3)),
      engine: summary.engine,
      aborted: summary.aborted,
    },
  })
}

function many(number: number, one: string): string {
  return `${count(number)} ${number === 1 ? one : `${one}s`}`
}
