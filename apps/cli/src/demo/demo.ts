import { mkdtempSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, type ResultOf } from '@vedette/client'
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../command.ts'
import type { AlertDetail } from '../commands/alerts/show.ts'
import { connect } from '../connection.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { processTree } from '../format/process-tree.ts'
import { printJsonLine, printLine, safe } from '../print.ts'
import { AlertFeed } from './alert-feed.ts'
import { hosts, previewResponse, watchPath } from './documents.ts'
import { Processes } from './processes.ts'
import type { Technique } from './technique.ts'
import { techniques } from './techniques/index.ts'

const PATIENCE_MS = 10_000
/** What nobody is expected to see is not waited for as long. */
const FAINT_HOPE_MS = 2000
/** The start of a process read from /proc is in ticks of 10 ms from a boot that is known about as exactly. */
const CLOCK_SLACK_MS = 500

type Host = ResultOf<typeof hosts>['hosts'][number]

interface Outcome {
  readonly technique: Technique
  readonly expected: boolean
  readonly alert: AlertDetail | undefined
}

/** `vedette demo`: each technique in turn, its alert awaited and shown; nothing of it is left behind. */
export async function demo(invocation: Invocation): Promise<ExitCode> {
  const { paths, signal, terminal } = invocation
  using client = connect(paths)
  const host = await findHost(client)
  const scratch = mkdtempSync(join(tmpdir(), 'vedette-demo-'))
  const over = new AbortController()
  const feed = new AlertFeed(client, host.id)
  const outcomes: Outcome[] = []
  try {
    let feedEnded: Promise<void> = Promise.resolve()
    await new Promise<void>((resolve, reject) => {
      feedEnded = feed.run(resolve, AbortSignal.any([signal, over.signal]))
      feedEnded.catch(reject)
    })
    for (const technique of techniques) {
      if (signal.aborted) break
      const expected = canSee(host, technique)
      begin(invocation, technique, expected, technique.caveat?.(terminal.uid))
      outcomes.push(await perform(invocation, client, host, feed, scratch, technique, expected))
    }
    over.abort()
    await feedEnded
  } finally {
    over.abort()
    rmSync(scratch, { recursive: true, force: true })
  }
  return finish(invocation, outcomes)
}

async function perform(
  invocation: Invocation,
  client: Client,
  host: Host,
  feed: AlertFeed,
  scratch: string,
  technique: Technique,
  expected: boolean,
): Promise<Outcome> {
  const startMs = invocation.clock.monotonic()
  const since = invocation.clock.now() - CLOCK_SLACK_MS
  const over = new AbortController()
  const processes = new Processes()
  const patience = AbortSignal.any([
    invocation.signal,
    over.signal,
    AbortSignal.timeout(expected ? PATIENCE_MS : FAINT_HOPE_MS),
  ])
  try {
    const found = feed.first((alert) => isOurs(alert, technique, processes, scratch, since), patience)
    const acted = technique.act({
      scratch,
      signal: patience,
      track: (child) => processes.add(child),
      watch: (path) => watch(client, host, path),
    })
    // The alert may be there before the act is over, and an act that cannot end must not hold up the demo.
    const alert = await Promise.race([found, acted.then(() => found)])
    const afterMs = Math.round(invocation.clock.monotonic() - startMs)
    if (alert) await show(invocation, client, host, technique, alert, afterMs)
    else miss(invocation, technique, expected)
    return { technique, expected, alert }
  } finally {
    over.abort()
    await processes.end()
  }
}

/**
 * Whether an alert is about what this demo did: it names the technique, and one of our processes or files. One that was
 * raised before and is seen again names the process of the first time.
 */
function isOurs(
  alert: AlertDetail,
  technique: Technique,
  processes: Processes,
  scratch: string,
  since: number,
): boolean {
  const named = alert.techniques.some(({ id }) => technique.ids.includes(id))
  if (!named) return false
  // A sensor may see a file change and not who changed it.
  if (alert.matches.some(({ value }) => value.includes(scratch))) return true
  if (Date.parse(alert.time) < since && Date.parse(alert.last_seen) >= since) return true
  const pids = [alert.process?.pid, ...alert.ancestry.map(({ pid }) => pid)]
  return pids.some((pid) => pid !== undefined && (pid === process.pid || processes.has(pid)))
}

/** The host that is this machine; the only one where names do not tell. */
async function findHost(client: Client): Promise<Host> {
  const { hosts: all } = await client.query(hosts)
  const reporting = all.filter(({ state }) => state === 'reporting')
  const here =
    reporting.find((host) => host.hostname === hostname()) ??
    (reporting.length === 1 ? reporting[0] : undefined)
  if (here) return here
  throw new CliError(
    'no-host',
    exitCodes.notRunning,
    'No agent of this machine reports to the server',
    "See 'vedette status'",
  )
}

function canSee(host: Host, technique: Technique): boolean {
  return host.parts.some(({ name, state }) => state === 'running' && technique.seenBy.includes(name))
}

async function watch(client: Client, host: Host, path: string): Promise<boolean> {
  try {
    const { watchPath: told } = await client.mutate(watchPath, { host: host.id, path })
    return told
  } catch {
    return false
  }
}

function begin(
  invocation: Invocation,
  technique: Technique,
  expected: boolean,
  caveat: string | undefined,
): void {
  if (invocation.json) return
  const { style } = invocation
  printLine(invocation, `\n${style.bold(technique.title)}`)
  if (caveat !== undefined) printLine(invocation, style.dim(`  ${caveat}`))
  if (!expected)
    printLine(invocation, style.warn('  this sensor may not see it: see what status says it cannot see'))
}

async function show(
  invocation: Invocation,
  client: Client,
  host: Host,
  technique: Technique,
  alert: AlertDetail,
  afterMs: number,
): Promise<void> {
  const response = await untakenResponse(client, host, alert)
  if (invocation.json) {
    const { id, title, severity, techniques: named, process_tree } = alert
    printJsonLine(invocation, {
      technique: technique.name,
      seen: true,
      after_ms: afterMs,
      alert: { id, title, severity, techniques: named, process_tree },
      response,
    })
    return
  }
  const { style } = invocation
  const ids = alert.techniques.map(({ id }) => safe(id)).join(' ')
  printLine(
    invocation,
    `  ${style.severity(alert.severity)}  ${safe(alert.title)}  ${style.dim(`${ids}, after ${afterMs} ms`)}`,
  )
  const tree = processTree(alert.process_tree, style)
  for (const line of tree === '' ? [] : tree.split('\n')) printLine(invocation, `  ${line}`)
  printLine(invocation, `  ${style.dim('not done (dry run):')} ${safe(response)}`)
}

/** What would have been done about it: what the policy noted, else what a freeze would touch. Nothing is done. */
async function untakenResponse(client: Client, host: Host, alert: AlertDetail): Promise<string> {
  const noted = alert.responses.find(({ outcome }) => outcome === 'would_have')
  if (noted) return noted.summary
  // A sensor that compares files on a timer does not know who changed them.
  if (!alert.process || alert.process.pid < 1) return 'it is not known which process to freeze'
  try {
    const { previewResponse: preview } = await client.mutate(previewResponse, {
      input: {
        action: 'freeze',
        host: host.id,
        pid: alert.process.pid,
        tree: true,
        reason: 'demo',
        alert_id: alert.id,
      },
    })
    return preview.outcome === 'preview' ? preview.summary : 'its process has ended by itself'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function miss(invocation: Invocation, technique: Technique, expected: boolean): void {
  if (invocation.json) {
    printJsonLine(invocation, { technique: technique.name, seen: false, expected })
    return
  }
  const { style } = invocation
  printLine(invocation, expected ? `  ${style.bad('no alert within 10 s')}` : `  ${style.warn('not seen')}`)
}

function finish(invocation: Invocation, outcomes: readonly Outcome[]): ExitCode {
  const seen = outcomes.filter(({ alert }) => alert !== undefined).length
  if (!invocation.json) {
    printLine(
      invocation,
      `\n${seen} of ${techniques.length} raised an alert. Nothing of the demo is left on this machine.`,
    )
  }
  const missed = outcomes.filter(({ alert, expected }) => expected && alert === undefined)
  if (missed.length === 0 && outcomes.length === techniques.length) return exitCodes.ok
  if (missed.length === 0) return exitCodes.failure
  const names = missed.map(({ technique }) => technique.name).join(', ')
  throw new CliError(
    'not-alerted',
    exitCodes.failure,
    `No alert for: ${names}`,
    "See 'vedette status' for what the sensor sees",
  )
}
