import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLogger, csvLine, systemClock } from '@vedette/base'
import { type AgentId, DEFAULT_TENANT, type Event, type EventId } from '@vedette/model'
import { parse } from 'csv-parse/sync'
import { runProgram } from '../../../apps/cli/src/program.ts'
import { sampleAlert } from '../../../packages/store/src/testing/sample-alert.ts'
import { openTestServer, type TestServer } from '../../../apps/server/src/testing/test-server.ts'
import type { Figure } from '../row.ts'
import { filledEvents } from './filled-event.ts'
import { payloads } from './payloads.ts'

/** What the payloads that are commands would make. */
const MARK = '/tmp/vedette-pwned'
const AGENT = 'agent-evil' as AgentId
const RUN = 'e'.repeat(16)
/** Control bytes, those of a terminal with 8-bit orders too, and what reorders or hides text; a line feed ends a line. */
// oxlint-disable-next-line no-control-regex -- naming these characters is the purpose
const ORDERS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu

export interface Size {
  readonly payloads: number
  /** Those that an alert is made of as well. */
  readonly alerts: number
}

/** What else is looked at while the server is full of it. */
export type Beyond = (server: TestServer) => Promise<readonly Figure[]>

/** Events with each payload in each field, through every way out. */
export async function sinks(
  seed: number,
  size: Size,
  options: { readonly console?: string; readonly beyond?: Beyond } = {},
): Promise<readonly Figure[]> {
  const texts = payloads(seed, size.payloads)
  await using server = await openTestServer(options.console === undefined ? {} : { console: options.console })
  const filled = texts.flatMap((text, number) =>
    filledEvents(text, (kind) => ({
      id: `${AGENT}-${RUN}-${number}-${kind}` as EventId,
      time: Date.now() - number,
      device: { uid: AGENT, hostname: 'web-1' },
    })),
  )
  const events = filled.map(({ event }) => event)
  const fields = Math.max(
    ...[filled.slice(0, 12)].map((first) => first.reduce((sum, one) => sum + one.fields, 0)),
  )
  await storeAll(server, events)
  const before = existsSync(MARK)

  const [database, text, json, csv, log] = [
    await inDatabase(server, events, texts),
    await onTerminal(server, ['events', '--limit', String(events.length)]),
    await onTerminal(server, ['events', '--json', '--limit', String(events.length)]),
    inCsv(events),
    inLog(events),
  ]
  const alerts = await asAlerts(server, texts.slice(0, size.alerts))
  const beyond = (await options.beyond?.(server)) ?? []

  return [
    { name: 'payloads', value: texts.length, must: { beAtLeast: size.payloads } },
    { name: 'fields of events that take one', value: fields, must: { beAtLeast: 400 } },
    { name: 'payloads in fields', value: filled.reduce((sum, one) => sum + one.fields, 0) },
    { name: 'events stored otherwise than they came', value: database.altered, must: { be: 0 } },
    {
      name: 'events that a search for their own text does not find',
      value: database.unfound,
      must: { be: 0 },
    },
    { name: 'events that are there besides', value: database.besides, must: { be: 0 } },
    { name: 'lines on the terminal', value: text.lines, must: { be: events.length } },
    { name: 'control bytes on the terminal', value: text.orders, must: { be: 0 } },
    { name: 'lines of JSON on the terminal', value: json.lines, must: { be: events.length } },
    { name: 'control bytes in JSON', value: json.orders, must: { be: 0 } },
    { name: 'cells of CSV', value: csv.cells, must: { beAtLeast: 1000 } },
    { name: 'cells that are formulas', value: csv.formulas, must: { be: 0 } },
    { name: 'records of CSV that are not one event', value: csv.wrong, must: { be: 0 } },
    { name: 'lines of the log that are not one event', value: log.wrong, must: { be: 0 } },
    { name: 'control bytes in the log', value: log.orders, must: { be: 0 } },
    { name: 'alerts with a payload', value: alerts.alerts, must: { beAtLeast: size.alerts } },
    { name: 'control bytes in lists of alerts', value: alerts.orders, must: { be: 0 } },
    { name: 'commands run', value: Number(!before && existsSync(MARK)), must: { be: 0 } },
    { name: 'calls of a shell in the code', value: shellCalls(), must: { be: 0 } },
    ...beyond,
  ]
}

async function storeAll(server: TestServer, events: readonly Event[]): Promise<void> {
  const { events: store } = server.running.services
  for (let at = 0, sequence = 0; at < events.length; at += 500, sequence += 1) {
    const batch = { run: RUN, sequence, events: events.slice(at, at + 500) }
    await store.append([{ tenant: DEFAULT_TENANT, agent: AGENT, batch }])
  }
}

async function inDatabase(server: TestServer, events: readonly Event[], texts: readonly string[]) {
  const of = server.running.services.events.of(DEFAULT_TENANT)
  const there = new Map<string, string>()
  for (let offset = 0; offset <= events.length; offset += 1000) {
    for (const event of await of.list({ host: AGENT }, { limit: 1000, offset })) {
      there.set(event.id, JSON.stringify(event))
    }
  }
  const altered = events.filter((event) => there.get(event.id) !== JSON.stringify(event)).length
  let unfound = 0
  for (const [number, text] of texts.entries()) {
    // Half a surrogate pair is kept as it came; nobody can ask for it, since it is no text.
    if (!text.isWellFormed()) continue
    const found = await of.list({ host: AGENT, kind: 'log', anywhere: text }, { limit: 1000 })
    if (!found.some(({ id }) => id === `${AGENT}-${RUN}-${number}-log`)) unfound += 1
  }
  return { altered, unfound, besides: (await of.count({ host: AGENT })) - events.length }
}

/** The command as a person runs it, in this process. */
async function onTerminal(server: TestServer, args: readonly string[]) {
  const home = join(server.home, '..', 'operator-home')
  mkdirSync(join(home, 'operator'), { recursive: true })
  writeFileSync(
    join(home, 'operator', 'endpoint.json'),
    JSON.stringify({ url: server.url, pid: process.pid }),
  )
  writeFileSync(join(home, 'operator', 'cli-token'), server.cliToken)
  let out = ''
  let err = ''
  const code = await runProgram(
    args,
    {
      out: (text) => void (out += String(text)),
      err: (text) => void (err += text),
      colour: false,
      interactive: false,
      columns: 120,
      env: { VEDETTE_HOME: home },
      uid: 0,
    },
    systemClock,
    new AbortController().signal,
  )
  if (code !== 0) throw new Error(`vedette ${args.join(' ')} ended with ${code}: ${err}`)
  return { lines: out.split('\n').length - 1, orders: out.match(ORDERS)?.length ?? 0, out }
}

function inCsv(events: readonly Event[]) {
  let cells = 0
  let formulas = 0
  let wrong = 0
  for (const event of events) {
    const texts = textsOf(event)
    const records = parse(csvLine(texts), { relax_column_count: true })
    if (records.length !== 1 || records[0]?.length !== texts.length) wrong += 1
    for (const cell of records.flat()) {
      cells += 1
      if (/^[=+\-@\t\r]/.test(cell)) formulas += 1
    }
  }
  return { cells, formulas, wrong }
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsOf)
}

function inLog(events: readonly Event[]) {
  const written: string[] = []
  const log = createLogger('info', { write: (text) => void written.push(text) })
  for (const event of events) log.warn({ event, text: textsOf(event)[0] }, 'an event')
  const all = written.join('')
  const lines = all.split('\n').slice(0, -1)
  const wrong = lines.filter((line, number) => {
    try {
      return JSON.stringify((JSON.parse(line) as { event: Event }).event) !== JSON.stringify(events[number])
    } catch {
      return true
    }
  }).length
  return { wrong: wrong + Math.abs(lines.length - events.length), orders: all.match(ORDERS)?.length ?? 0 }
}

/** Alerts about what the events tell, listed and shown as a person does. */
async function asAlerts(server: TestServer, texts: readonly string[]) {
  const state = server.running.services.state.of(DEFAULT_TENANT)
  const made = texts.map((text, number) => {
    const matches = [
      { field: 'process.cmd_line', value: text, event: `${AGENT}-${RUN}-${number}-process` as EventId },
    ]
    const alert = sampleAlert(`evil-${1000 + number}`, { tenant: DEFAULT_TENANT, time: Date.now(), matches })
    const process = alert.process && { ...alert.process, name: text, path: text, cmd_line: text }
    return {
      ...alert,
      ...(process && { process }),
      device: { ...alert.device, hostname: text.slice(0, 255) },
    }
  })
  await state.correlation((ledger) =>
    ledger.insertAlerts(
      made.map((alert) => ({ alert, counted: {} })),
      Date.now(),
    ),
  )
  let orders = 0
  orders += (await onTerminal(server, ['alerts', 'list'])).orders
  orders += (await onTerminal(server, ['alerts', 'list', '--json'])).orders
  for (const { id } of made.slice(0, 5)) orders += (await onTerminal(server, ['alerts', 'show', id])).orders
  return { alerts: made.length, orders }
}

/** Every program is started with a list of arguments: what a shell would read is read by none. */
function shellCalls(): number {
  const root = new URL('../../../', import.meta.url)
  return globSync('{packages,apps}/*/src/**/*.ts', { cwd: root })
    .filter((file) => !/\.test\.ts$|\/testing\//.test(file))
    .filter((file) =>
      /shell:\s*true|\bexecSync\(|\bexec\([^)]*\{|from 'node:child_process'[^]*\bexec\(/.test(
        readFileSync(new URL(file, root), 'utf8').replace(/\.exec\(/g, ''),
      ),
    ).length
}
