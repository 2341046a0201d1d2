import { type CaptureEvents, readCaptures } from '@vedette/manager/hunt'
import type { Endpoint, NetworkEvent, ProtocolEvent } from '@vedette/model'
import { protocolMessage } from '@vedette/normalise'
import type { Invocation } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { bytes, count } from '../../format/quantity.ts'
import type { Column } from '../../format/table.ts'
import { mustExist } from '../../must-exist.ts'
import { printJsonLine, printLine, printTable, safe } from '../../print.ts'

/** Lines that are shown of each of the two tables; `--json` has all. */
const MOST_SHOWN = 10_000

export async function flows(
  invocation: Invocation,
  _options: object,
  paths: readonly string[],
): Promise<ExitCode> {
  mustExist(paths)
  const seen = new Seen()
  for await (const part of readCaptures(paths, invocation.signal)) {
    tellUnreadable(invocation, part)
    seen.take(part)
    if (invocation.json) for (const event of part.events) printJsonLine(invocation, event)
    else seen.keep(part.events)
  }
  if (!invocation.json) show(invocation, seen)
  return seen.events === 0 && seen.unreadable > 0 ? exitCodes.failure : exitCodes.ok
}

/** What is counted, and kept to be shown in order. */
class Seen {
  readonly flows: NetworkEvent[] = []
  readonly said: ProtocolEvent[] = []
  readonly #files = new Set<string>()
  events = 0
  unreadable = 0
  hidden = 0

  get files(): number {
    return this.#files.size
  }

  take({ file, events, unreadable }: CaptureEvents): void {
    this.#files.add(file)
    this.events += events.length
    this.unreadable += unreadable.length
  }

  keep(events: CaptureEvents['events']): void {
    for (const event of events) {
      const list: (NetworkEvent | ProtocolEvent)[] = event.kind === 'network' ? this.flows : this.said
      if (list.length < MOST_SHOWN) list.push(event)
      else this.hidden += 1
    }
  }
}

function tellUnreadable({ terminal, json }: Invocation, { unreadable }: CaptureEvents): void {
  for (const { file, offset, reason } of unreadable) {
    if (json) terminal.err(`${JSON.stringify({ unreadable: { file, offset: offset ?? null, reason } })}\n`)
    else
      terminal.err(
        `unreadable: ${safe(file)}${offset === undefined ? '' : `, byte ${offset}`}: ${safe(reason).replaceAll('-', ' ')}\n`,
      )
  }
}

const FLOW_COLUMNS: readonly Column[] = [
  { title: 'START' },
  { title: 'DURATION', align: 'right' },
  { title: 'PROTO' },
  { title: 'FROM' },
  { title: 'TO' },
  { title: 'APP' },
  { title: 'BYTES THERE', align: 'right' },
  { title: 'BACK', align: 'right' },
  { title: 'PACKETS', align: 'right' },
  { title: 'STATE' },
]

const SAID_COLUMNS: readonly Column[] = [
  { title: 'TIME' },
  { title: 'PROTOCOL' },
  { title: 'WHAT', flexible: true },
]

function show(invocation: Invocation, seen: Seen): void {
  const { style } = invocation
  if (seen.events === 0) {
    if (seen.unreadable === 0) printLine(invocation, 'No conversations: the capture holds no IP packets.')
    return
  }
  // Told in several pieces, one that goes on counts once, with its last numbers.
  const last = new Map(seen.flows.map((event) => [event.flow?.uid, event]))
  const rows = [...last.values()]
    .sort((a, b) => startOf(a) - startOf(b))
    .map((event) => flowRow(event, style.dim))
  if (rows.length > 0) printTable(invocation, FLOW_COLUMNS, rows)
  if (seen.said.length > 0) {
    if (rows.length > 0) printLine(invocation)
    const said = seen.said
      .toSorted((a, b) => a.time - b.time)
      .map((event) => [
        style.dim(timeText(event.time)),
        safe(event.protocol_name),
        safe(protocolMessage(event, 'from'), 500),
      ])
    printTable(invocation, SAID_COLUMNS, said)
  }
  if (seen.hidden > 0)
    printLine(invocation, style.dim(`${count(seen.hidden)} more are not shown; --json prints all of them.`))
}

function startOf(event: NetworkEvent): number {
  return event.flow?.start_time ?? event.time
}

function flowRow(event: NetworkEvent, dim: (text: string) => string): string[] {
  const { flow, protocol } = event
  const traffic = event.cumulative_traffic ?? event.traffic
  return [
    dim(timeText(startOf(event))),
    durationText(flow?.duration_ms ?? 0),
    protocol,
    endText(event.src_endpoint),
    endText(event.dst_endpoint),
    safe(flow?.app ?? '-'),
    bytes(traffic?.bytes_out ?? 0),
    bytes(traffic?.bytes_in ?? 0),
    `${traffic?.packets_out ?? 0}/${traffic?.packets_in ?? 0}`,
    flow?.state ?? '',
  ]
}

/** `2026-11-20 08:04:31.123456Z`: packets are told apart by microseconds. */
function timeText(timeMs: number): string {
  const iso = new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')
  const micros = Math.round((timeMs % 1000) * 1000)
  return `${iso}.${String(Math.min(micros, 999_999)).padStart(6, '0')}Z`
}

function durationText(ms: number): string {
  if (ms < 1000) return `${ms.toFixed(ms < 10 ? 2 : 0)} ms`
  return ms < 100_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`
}

function endText(end: Endpoint | undefined): string {
  if (end === undefined) return '-'
  if (end.port === 0) return safe(end.ip)
  return safe(end.ip.includes(':') ? `[${end.ip}]:${end.port}` : `${end.ip}:${end.port}`)
}
