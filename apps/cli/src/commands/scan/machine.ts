import { existsSync } from 'node:fs'
import {
  defaultThreatLogKey,
  readThreatLog,
  type Threat,
  ThreatDetector,
  type ThreatDetectorOptions,
  type ThreatScanProgress,
  type ThreatScanStep,
  type ThreatScanSummary,
} from '@vedette/manager/threats'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { count } from '../../format/quantity.ts'
import { exact } from '../../format/time.ts'
import { wrap } from '../../format/wrap.ts'
import { printJsonLine, printLine, safe } from '../../print.ts'
import { StepLine } from './step-line.ts'

export interface MachineFlags {
  readonly config?: string
  readonly indicators?: readonly string[]
  readonly logDir?: string
  readonly logKey?: string
  readonly every?: number
  readonly showLog?: boolean
}

const STEPS: Readonly<Record<ThreatScanStep, string>> = {
  rules: 'Reading rules',
  processes: 'Looking at programs, ports and connections',
  logins: 'Looking for failed logins',
  resources: 'Measuring for two seconds what programs use',
  files: 'Searching files',
}
const TEXT_WIDTH = 96
/** Things that could not be looked at, that are told one by one. */
const MOST_UNSEEN = 10

/** The whole machine, once or every so often. */
export async function scanMachine(invocation: Invocation, flags: MachineFlags): Promise<ExitCode> {
  const { terminal, signal } = invocation
  const detector = new ThreatDetector(optionsOf(flags))
  if (flags.every !== undefined) return watchMachine(invocation, detector, flags.every)
  const line = new StepLine(terminal)
  const progress = (now: ThreatScanProgress) => line.show(textOf(now), now.step)
  let threats: readonly Threat[]
  try {
    threats = await detector.runComprehensiveThreatScan({ progress, signal })
  } catch (error) {
    if (!signal.aborted) throw error
    line.clear()
    terminal.err(`${invocation.style.warn('Ended before everything was looked at')}\n`)
    return exitCodes.failure
  }
  line.clear()
  for (const threat of threats) printThreat(invocation, threat)
  const summary = detector.lastScan
  if (summary !== undefined) printSummary(invocation, summary)
  return threats.length > 0 ? exitCodes.found : exitCodes.ok
}

async function watchMachine(
  invocation: Invocation,
  detector: ThreatDetector,
  intervalS: number,
): Promise<ExitCode> {
  const { terminal, style, signal } = invocation
  await using monitoring = detector.startContinuousMonitoring({ intervalS })
  signal.addEventListener('abort', () => void monitoring.stop(), { once: true })
  if (signal.aborted) return exitCodes.ok
  terminal.err(style.dim(`Looking over this machine every ${intervalS} s, until Ctrl-C\n`))
  let found = false
  for await (const threat of monitoring) {
    found = true
    printThreat(invocation, threat)
  }
  return found ? exitCodes.found : exitCodes.ok
}

/** What a log holds, oldest first. */
export function showThreatLog(invocation: Invocation, { logDir, logKey }: MachineFlags): Promise<ExitCode> {
  if (logDir === undefined) {
    throw new CliError('wrong-option', exitCodes.usage, '--show-log needs --log-dir', 'vedette scan --help')
  }
  if (!existsSync(logDir)) {
    throw new CliError('not-found', exitCodes.notFound, `There is no folder ${logDir}`)
  }
  const entries = readThreatLog(logDir, logKey ?? defaultThreatLogKey())
  const { style } = invocation
  for (const entry of entries) {
    if (invocation.json) printJsonLine(invocation, entry)
    else if (entry.type === 'threat') printThreat(invocation, entry)
    else {
      const looked = `${count(entry.processes)} programs, ${count(entry.sockets)} ports and connections, ${count(entry.files)} files`
      printLine(
        invocation,
        style.dim(`${exact(entry.time)}  looked at ${looked}: ${count(entry.threats)} found`),
      )
    }
  }
  if (entries.length === 0 && !invocation.json) printLine(invocation, 'The log is empty')
  return Promise.resolve(exitCodes.ok)
}

function optionsOf({ config, indicators, logDir, logKey }: MachineFlags): ThreatDetectorOptions {
  return {
    ...(config !== undefined && { configPath: config }),
    ...(indicators !== undefined && { indicatorFiles: indicators }),
    ...(logDir !== undefined && { logDir }),
    ...(logKey !== undefined && { keyPath: logKey }),
  }
}

function textOf({ step, files, path, threats }: ThreatScanProgress): string {
  const found = threats === 0 ? '' : `  ${count(threats)} found`
  const at = files === undefined ? '' : `  ${count(files)}  ${safe(path, 200)}`
  return `${STEPS[step]}${found}${at}`
}

function printThreat(invocation: Invocation, threat: Threat): void {
  if (invocation.json) {
    printJsonLine(invocation, threat)
    return
  }
  const { style } = invocation
  const { severity, title, explanation, process, techniques, rule } = threat
  printLine(invocation, `${style.severity(severity)}  ${style.bold(safe(title, 300))}`)
  if (process !== undefined) {
    const who = process.user === undefined ? '' : `  as ${safe(process.user, 64)}`
    printLine(
      invocation,
      `  ${process.pid}  ${safe(process.cmd_line ?? process.path ?? process.name, 300)}${who}`,
    )
  }
  for (const text of wrap(safe(explanation), TEXT_WIDTH)) printLine(invocation, `  ${style.dim(text)}`)
  const aside = [...techniques, rule].map((text) => safe(text, 100)).join('  ')
  printLine(invocation, `  ${style.dim(aside)}`)
  printLine(invocation)
}

function printSummary(invocation: Invocation, summary: ThreatScanSummary): void {
  if (invocation.json) {
    printJsonLine(invocation, { summary })
    return
  }
  const { style } = invocation
  const { threats, processes, sockets, logLines, files, rules, seconds, unseen } = summary
  const result =
    threats === 0
      ? style.good('Nothing found')
      : style.bad(`${count(threats)} ${threats === 1 ? 'threat' : 'threats'}`)
  printLine(
    invocation,
    `${result} in ${count(processes)} programs, ${count(sockets)} ports and connections, ${count(logLines)} lines of logs and ${count(files)} files, by ${count(rules)} rules in ${seconds.toFixed(1)} s.`,
  )
  for (const text of unseen.slice(0, MOST_UNSEEN))
    printLine(invocation, style.warn(`Not seen: ${safe(text, 300)}`))
  const more = unseen.length - MOST_UNSEEN
  if (more > 0) printLine(invocation, style.warn(`and ${count(more)} more that could not be seen`))
  printLine(invocation, style.dim('What comes and goes between two looks, vedette up sees.'))
}
