import { randomBytes } from 'node:crypto'
import { generateLoad, type GeneratedLoad, type RunningLoad } from '@vedette/agent/load'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { readEndpoint } from '../../connection.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { count } from '../../format/quantity.ts'
import { span } from '../../format/span.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { LoadAgents } from './load-agents.ts'
import { OneLine } from './one-line.ts'
import { requireRight, serverMemory, storedBatches } from './server-of-load.ts'
import { judgeRun, type Verdict } from './verdict.ts'

export interface LoadTestOptions {
  readonly agents: number
  /** Events a second. */
  readonly rate: number
  /** Seconds. */
  readonly duration: number
  readonly heartbeatsOnly?: boolean
  /** Seconds. */
  readonly heartbeat: number
  readonly processes: number
  readonly server?: string
  readonly dryRun?: boolean
}

/** What `--json` prints. Counts are of events; times are milliseconds. */
interface LoadTestResult {
  readonly sent: number
  readonly acknowledged: number
  readonly stored: number
  readonly duplicates: number
  /** Acknowledged and not stored. */
  readonly lost: number
  readonly eventsPerSecond: number
  readonly ackP50Ms: number | null
  readonly ackP99Ms: number | null
  /** The most that was seen. */
  readonly serverRssMiB: number
  /** Only with `--heartbeats-only`; the times are then those of their answers. */
  readonly heartbeats?: { readonly sent: number; readonly answered: number }
}

/** An acknowledgement that has not come so long after the end will not come. */
const SETTLE_MS = 60_000
const LOOK_MS = 1000
const CONNECTING = 64

/** `vedette load-test`: enrols agents, has them send, asks the store for every event, and removes them. */
export async function loadTest(invocation: Invocation, options: LoadTestOptions): Promise<ExitCode> {
  const { url } = readEndpoint(invocation.paths)
  checkServer(options.server)
  await requireRight(invocation)
  if (options.dryRun === true) return tellPlan(invocation, options, url)
  const name = `load-test-${randomBytes(3).toString('hex')}`
  const line = new OneLine(invocation)
  const made = new LoadAgents(invocation)
  let result: LoadTestResult
  try {
    result = await measure(invocation, options, name, made, line)
  } finally {
    line.show('removing the agents')
    await made[Symbol.asyncDispose]()
    line.clear()
  }
  tellResult(invocation, options, result, name, made)
  if (made.left.length > 0) return exitCodes.failure
  return result.lost === 0 && result.duplicates === 0 ? exitCodes.ok : exitCodes.failure
}

async function measure(
  invocation: Invocation,
  options: LoadTestOptions,
  name: string,
  made: LoadAgents,
  line: OneLine,
): Promise<LoadTestResult> {
  const { signal } = invocation
  const { server } = options
  await made.enrol(options.agents, { name, signal, ...(server !== undefined && { server }) }, (enrolled) =>
    line.show(`${enrolled} of ${options.agents} agents are enrolled`),
  )
  if (signal.aborted) throw stopped()
  const isQuiet = options.heartbeatsOnly === true
  const job = {
    agents: made.agents,
    rate: isQuiet ? 0 : options.rate,
    durationMs: options.duration * 1000,
    heartbeatMs: options.heartbeat * 1000,
    connecting: CONNECTING,
    settleMs: SETTLE_MS,
  }
  await using load = generateLoad(job, options.processes, signal)
  await load.started
  const { done, mostBytes } = await watch(invocation, load, options, line)
  line.show('asking the store for every event')
  const verdict = await judge({ ...invocation, signal: new AbortController().signal }, done)
  const times = isQuiet ? done.answered : done.acknowledged
  return {
    sent: done.counts.sent,
    acknowledged: done.counts.acknowledged,
    ...verdict,
    eventsPerSecond: Math.round(done.eventsPerSecond),
    ackP50Ms: rounded(times.quantile(0.5)),
    ackP99Ms: rounded(times.quantile(0.99)),
    serverRssMiB: Math.round(mostBytes / 2 ** 20),
    ...(isQuiet && { heartbeats: { sent: done.counts.heartbeats, answered: done.counts.answered } }),
  }
}

/** Follows a load to its end, with the server's memory beside it. */
async function watch(
  invocation: Invocation,
  load: RunningLoad,
  options: LoadTestOptions,
  line: OneLine,
): Promise<{ readonly done: GeneratedLoad; readonly mostBytes: number }> {
  const { clock } = invocation
  const startedMs = clock.monotonic()
  const asked = { ...invocation, signal: new AbortController().signal }
  let mostBytes = 0
  const look = async () => {
    // A server that is busy may be late with its figures; the next look sees them.
    mostBytes = Math.max(mostBytes, await serverMemory(asked).catch(() => 0))
  }
  let looking = look()
  const timer = setInterval(() => {
    looking = look()
    const seconds = (clock.monotonic() - startedMs) / 1000
    const { acknowledged, sent, connected } = load.counts()
    const left = Math.max(0, options.duration - seconds) * 1000
    line.show(
      `${connected} agents  ${count(sent)} sent  ${count(acknowledged)} acknowledged  ` +
        `${count(acknowledged / seconds)} events/s  ${span(left)} left`,
    )
  }, LOOK_MS)
  try {
    const done = await load.done
    await looking
    await look()
    return { done, mostBytes }
  } finally {
    clearInterval(timer)
  }
}

async function judge(invocation: Invocation, { runs }: GeneratedLoad): Promise<Verdict> {
  const sum = { stored: 0, duplicates: 0, lost: 0 }
  for (const run of runs) {
    const verdict = judgeRun(run, await storedBatches(invocation, run.agent, run.run))
    sum.stored += verdict.stored
    sum.duplicates += verdict.duplicates
    sum.lost += verdict.lost
  }
  return sum
}

function tellPlan(invocation: Invocation, options: LoadTestOptions, url: string): ExitCode {
  const { agents, rate, duration, heartbeatsOnly, heartbeat } = options
  const events = heartbeatsOnly === true ? 0 : rate * duration
  if (invocation.json) {
    printJson(invocation, { dryRun: true, server: url, agents, events, seconds: duration, heartbeat })
    return exitCodes.ok
  }
  printLine(invocation, `This would go to ${safe(url)}, where you may let agents in:`)
  printLine(invocation, `  enrol ${agents} agents, named load-test-..., and remove them afterwards`)
  printLine(
    invocation,
    events === 0
      ? `  send heartbeats for ${span(duration * 1000)}, one each ${heartbeat} s from each agent`
      : `  send ${count(events)} events within ${span(duration * 1000)}, which stay stored until their days are over`,
  )
  printLine(invocation, 'Nothing was done.')
  return exitCodes.ok
}

function tellResult(
  invocation: Invocation,
  options: LoadTestOptions,
  result: LoadTestResult,
  name: string,
  { left }: LoadAgents,
): void {
  if (left.length > 0) {
    const ids = left.slice(0, 10).map((id) => safe(id))
    invocation.terminal.err(`Not removed, ${left.length} agents: vedette agents remove ${ids.join(' ')}\n`)
  }
  if (invocation.json) return printJson(invocation, result)
  const { style } = invocation
  const { heartbeats } = result
  const ms = (value: number | null) => (value === null ? 'none' : `${value} ms`)
  const bad = (value: number) => (value === 0 ? '0' : style.bad(count(value)))
  const rows: [string, string][] =
    heartbeats === undefined
      ? [
          ['events sent', count(result.sent)],
          ['acknowledged', count(result.acknowledged)],
          ['stored', count(result.stored)],
          ['stored twice', bad(result.duplicates)],
          ['acknowledged and lost', bad(result.lost)],
          ['events a second', count(result.eventsPerSecond)],
        ]
      : [
          ['heartbeats sent', count(heartbeats.sent)],
          ['answered', count(heartbeats.answered)],
        ]
  printTable(
    invocation,
    [{ title: `${options.agents} AGENTS` }, { title: '', align: 'right' }],
    [
      ...rows,
      ['answer, p50', ms(result.ackP50Ms)],
      ['answer, p99', ms(result.ackP99Ms)],
      ["server's memory, most", `${count(result.serverRssMiB)} MiB`],
    ],
  )
  if (heartbeats === undefined)
    printLine(
      invocation,
      style.dim(`The events are those of hosts ${name}-*; they go when their days are over.`),
    )
}

function checkServer(server: string | undefined): void {
  if (server === undefined) return
  const url = URL.parse(server)
  if (url?.protocol !== 'https:' || url.pathname !== '/' || url.search !== '' || url.username !== '') {
    throw new CliError('usage', exitCodes.usage, '--server: expected https://HOST:PORT')
  }
}

function stopped(): CliError {
  return new CliError('stopped', exitCodes.failure, 'Stopped before it began')
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 10) / 10
}
