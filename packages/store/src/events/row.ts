import { type Event, processOf } from '@vedette/model'
import type { OwnedBatch } from './event-store.ts'

/** Columns of `events` in the order of `encodeRows`. */
export const rowColumns =
  'tenant, class, time, received, agent, run, sequence, id, kind, activity, severity, hostname, process_uid, ' +
  'parent_uid, pid, process_name, process_path, cmd_line, user, src_ip, src_port, dst_ip, dst_port, file_path, ' +
  'account, status, service, message, raw, event'

/**
 * Milliseconds with fractions as whole microseconds since the epoch. A host's clock may say anything: what is beyond
 * 2^53 µs (the year 2255, within what DateTime64 holds) becomes that.
 */
export function microseconds(timeMs: number): number {
  return Math.min(Math.max(Math.round(timeMs * 1000), 0), Number.MAX_SAFE_INTEGER)
}

/**
 * The rows of a batch as TabSeparated, a line each. The columns are copies for searching; `event` is the event itself, as
 * text, so that what comes out is exactly what went in. A format of JSON would have that text escaped once more, and read
 * once more.
 */
export function encodeRows({ tenant, agent, batch }: OwnedBatch, receivedMs: number): Buffer {
  const received = decimal(Math.round(receivedMs), 3)
  const ofBatch = [received, cell(agent), cell(batch.run), batch.sequence].join('\t')
  let rows = ''
  for (const event of batch.events) {
    const process = processOf(event)
    const parent = process?.parent_process ?? process?.ancestry?.[0]
    const activity =
      'activity' in event ? event.activity : event.kind === 'protocol' ? event.protocol_name : undefined
    const source = 'src_endpoint' in event ? event.src_endpoint : undefined
    const destination = 'dst_endpoint' in event ? event.dst_endpoint : undefined
    const account = isAboutAccount(event) ? event : undefined
    rows +=
      `${cell(tenant)}\t${event.class_uid}\t${decimal(microseconds(event.time), 6)}\t${ofBatch}\t${cell(event.id)}\t` +
      `${event.kind}\t${cell(activity)}\t${event.severity_id}\t${cell(event.device.hostname)}\t${cell(process?.uid)}\t` +
      `${cell(parent?.uid)}\t${unsigned(process?.pid ?? ('pid' in event ? event.pid : 0), 32)}\t${cell(process?.name)}\t` +
      `${cell(process?.path)}\t${cell(process?.cmd_line)}\t${cell(process?.user?.name ?? process?.user?.uid)}\t` +
      `${cell(source?.ip)}\t${unsigned(source?.port, 16)}\t${cell(destination?.ip)}\t${unsigned(destination?.port, 16)}\t` +
      `${cell('file' in event ? event.file.path : event.kind === 'log' ? event.path : undefined)}\t` +
      `${cell(account?.user?.name ?? account?.user?.uid)}\t${cell(account?.status)}\t` +
      `${cell('service' in event ? event.service : undefined)}\t${cell(event.message)}\t` +
      `${event.raw === event.message ? '' : cell(event.raw)}\t${jsonCell(JSON.stringify(event))}\n`
  }
  return Buffer.from(rows)
}

/** Where the id stands among the columns. */
const ID_COLUMN = rowColumns.split(', ').indexOf('id')

/** Those of the rows whose event is not among the ids. */
export function rowsWithout(
  rows: Buffer,
  ids: ReadonlySet<string>,
): { readonly rows: Buffer; readonly events: number } {
  const kept = rows
    .toString('utf8')
    .split('\n')
    .filter((row) => row !== '' && !ids.has(unescaped(row.split('\t')[ID_COLUMN] ?? '')))
  return { rows: Buffer.from(kept.map((row) => `${row}\n`).join('')), events: kept.length }
}

const SPECIAL = /[\t\n\r\\]/
const escapes: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' }

/** Text as a cell: half of a surrogate pair is legal in a JavaScript string and nowhere else. */
function cell(value: string | undefined): string {
  if (value === undefined) return ''
  const text = value.isWellFormed() ? value : value.toWellFormed()
  return SPECIAL.test(text) ? text.replaceAll(/[\t\n\r\\]/g, (character) => escapes[character] ?? '') : text
}

/** JSON has no special character in it but the backslash. */
function jsonCell(json: string): string {
  return json.includes('\\') ? json.replaceAll('\\', '\\\\') : json
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_whole, character: string) =>
    character === 't' ? '\t' : character === 'n' ? '\n' : character === 'r' ? '\r' : character,
  )
}

/** Fewer digits of seconds would be read as a date. */
const SECONDS_DIGITS = 10

/** A whole number of thousandths or millionths as seconds, as a DateTime64 is read. */
function decimal(value: number, digits: number): string {
  const text = String(value).padStart(digits + SECONDS_DIGITS, '0')
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/** What a host says may be any whole number; a column holds what fits into it. */
function unsigned(value: number | undefined, bits: 16 | 32): number {
  return value === undefined || !Number.isInteger(value) ? 0 : Math.min(Math.max(value, 0), 2 ** bits - 1)
}

function isAboutAccount(event: Event): event is Extract<Event, { kind: 'authentication' | 'account' }> {
  return event.kind === 'authentication' || event.kind === 'account'
}
