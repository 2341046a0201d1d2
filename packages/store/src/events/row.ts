import { processOf, type Event } from '@vedette/model'
import type { OwnedBatch } from './event-store.ts'

/** Columns of `events` in the order of `encodeRow`. */
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
 * One event as a line of JSONCompactEachRow. The columns are copies for searching; `event` is the event itself, as text,
 * so that what comes out is exactly what went in.
 */
export function encodeRow({ tenant, agent, batch }: OwnedBatch, event: Event, receivedMs: number): string {
  const process = processOf(event)
  const parent = process?.parent_process ?? process?.ancestry?.[0]
  return JSON.stringify([
    tenant,
    event.class_uid,
    microseconds(event.time),
    Math.round(receivedMs),
    agent,
    batch.run,
    batch.sequence,
    text(event.id),
    event.kind,
    'activity' in event ? event.activity : event.kind === 'protocol' ? event.protocol_name : '',
    event.severity_id,
    text(event.device.hostname),
    process?.uid ?? '',
    parent?.uid ?? '',
    process?.pid ?? ('pid' in event ? (event.pid ?? 0) : 0),
    text(process?.name),
    text(process?.path),
    text(process?.cmd_line),
    text(process?.user?.name ?? process?.user?.uid),
    ...endpoints(event),
    text('file' in event ? event.file.path : event.kind === 'log' ? event.path : undefined),
    text(isAboutAccount(event) ? (event.user?.name ?? event.user?.uid) : undefined),
    isAboutAccount(event) ? event.status : '',
    text('service' in event ? event.service : undefined),
    text(event.message),
    event.raw === event.message ? '' : text(event.raw),
    JSON.stringify(event),
  ])
}

function isAboutAccount(event: Event): event is Extract<Event, { kind: 'authentication' | 'account' }> {
  return event.kind === 'authentication' || event.kind === 'account'
}

function endpoints(event: Event): [string, number, string, number] {
  const source = 'src_endpoint' in event ? event.src_endpoint : undefined
  const destination = 'dst_endpoint' in event ? event.dst_endpoint : undefined
  return [source?.ip ?? '', source?.port ?? 0, destination?.ip ?? '', destination?.port ?? 0]
}

/** Half of a surrogate pair is legal in a JavaScript string and nowhere else. */
function text(value: string | undefined): string {
  return value?.toWellFormed() ?? ''
}
